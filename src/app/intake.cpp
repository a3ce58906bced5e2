#include "app/intake.hpp"

#include "device/message_run.hpp"

namespace salus::app {
namespace {

// What follows "devices/{id}/"; the gate lets a device publish nowhere else.
std::string_view below_device(std::string_view topic, std::string_view device) {
  const std::size_t skip = std::string_view("devices/").size() + device.size() + 1;
  return topic.size() > skip ? topic.substr(skip) : std::string_view{};
}

device::Format format_of(std::string_view topic, std::string_view device, std::string_view payload) {
  const std::string_view below = below_device(topic, device);
  if (below == "waveforms") return device::Format::waveform;
  if (below != "telemetry") return device::Format::other;
  // A CBOR map or array never begins like JSON text does.
  const auto first = payload.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(payload.front());
  return first >= 0x80 ? device::Format::cbor : device::Format::json;
}

}  // namespace

void LogIntake::take(const mqtt::Session& who, std::span<const mqtt::Incoming> messages, mqtt::Done done) {
  device::MessageRunWriter run;
  run.begin(who.caller.id, device::Session{session_base_ + who.number}, clock_.now());
  for (const mqtt::Incoming& message : messages) {
    const device::Format format = format_of(message.topic, who.caller.id, message.payload);
    run.add({.format = format,
             .repeated = message.dup,
             .at_least_once = message.qos1,
             .packet_id = message.packet_id,
             .topic = format == device::Format::other ? message.topic : std::string_view{},
             .payload = message.payload});
  }
  auto waiting = std::make_shared<mqtt::Done>(std::move(done));
  telemetry_.append(run.take(), [waiting](Result<log::Position> position) {
    (*waiting)(position ? Result<void>{} : Result<void>(fail(std::move(position.error()))));
  });
}

void LogIntake::came(const mqtt::Session& who) {
  if (who.caller.kind == guard::Caller::Kind::device) feed_.connected(who.caller.id, who.number);
}

void LogIntake::went(const mqtt::Session& who, mqtt::Reason) {
  if (who.caller.kind == guard::Caller::Kind::device) feed_.disconnected(who.caller.id, who.number);
}

}  // namespace salus::app
