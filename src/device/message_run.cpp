#include "device/message_run.hpp"

#include <utility>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "log/kinds.hpp"

namespace salus::device {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t flag_repeated = 1;
constexpr std::uint8_t flag_at_least_once = 2;

}  // namespace

void MessageRunWriter::begin(std::string_view device, Session session, Time arrival) {
  SALUS_ASSERT(count_ == 0 && is_device_id(device));
  body_.clear();
  Writer writer{body_};
  writer.put(version);
  writer.put(ns_of(arrival));
  writer.put_string(device);
  writer.put_varint(static_cast<std::uint64_t>(session));
}

void MessageRunWriter::add(const MessageView& message) {
  Writer writer{body_};
  writer.put(message.format);
  if (message.format == Format::other) writer.put_string(message.topic);
  writer.put(static_cast<std::uint8_t>((message.repeated ? flag_repeated : 0) |
                                       (message.at_least_once ? flag_at_least_once : 0)));
  writer.put(message.packet_id);
  writer.put_string(message.payload);
  ++count_;
}

log::Draft MessageRunWriter::take() {
  SALUS_ASSERT(count_ > 0);
  return {.kind = log::kind::device_messages, .count = std::exchange(count_, 0), .body = std::exchange(body_, {})};
}

Result<MessageRunReader> MessageRunReader::open(ByteView body) {
  MessageRunReader run{Reader{body}};
  const auto found = run.reader_.get<std::uint8_t>();
  if (found != version)
    return fail(ErrorCode::damaged, "A run of device messages has layout {}; this program reads {}.", found, version);
  run.arrival_ = time_from_ns(run.reader_.get<std::int64_t>());
  run.device_ = run.reader_.get_string();
  run.session_ = Session{run.reader_.get_varint()};
  if (run.reader_.failed() || !is_device_id(run.device_))
    return fail(ErrorCode::damaged, "The head of a run of device messages is not whole.");
  return run;
}

Result<MessageView> MessageRunReader::next() {
  MessageView message;
  message.format = reader_.get<Format>();
  if (message.format == Format::other) message.topic = reader_.get_string();
  const auto flags = reader_.get<std::uint8_t>();
  message.repeated = (flags & flag_repeated) != 0;
  message.at_least_once = (flags & flag_at_least_once) != 0;
  message.packet_id = reader_.get<std::uint16_t>();
  message.payload = reader_.get_string();
  const bool known = message.format >= Format::json && message.format <= Format::other && flags <= 3;
  if (reader_.failed() || !known) return fail(ErrorCode::damaged, "A message within a run is not whole.");
  return message;
}

}  // namespace salus::device
