#include <algorithm>

#include "mqtt/connection.hpp"

namespace salus::mqtt {
namespace {

constexpr std::size_t out_bytes_high = 64 * 1024;

// Sends what the broker gives it to its core's mail. Holds no connection: the number finds it while it lives.
class CoreSubscriber final : public Subscriber, public std::enable_shared_from_this<CoreSubscriber> {
 public:
  CoreSubscriber(std::uint64_t session, std::shared_ptr<Hub> hub, std::shared_ptr<Core> core)
      : Subscriber(session, hub->limits.outgoing_bytes_max), hub_(std::move(hub)), core_(std::move(core)) {}
  void deliver(std::shared_ptr<const Published> message, std::uint8_t qos) override {
    core_->deliver(shared_from_this(), std::move(message), qos);
  }
  void overflowed() override {
    if (ended_.exchange(true)) return;
    Counters::add(hub_->counters.slow_subscribers);
    core_->ask_to_end(session(), Reason::quota_exceeded);
  }
  void dropped() override { Counters::add(hub_->counters.dropped); }

 private:
  const std::shared_ptr<Hub> hub_;
  const std::shared_ptr<Core> core_;
  std::atomic<bool> ended_{false};
};

}  // namespace

void Connection::on_subscribe(const Subscribe& subscribe) {
  if (subscribe.properties.number(Property::subscription_id))
    return fail_with({Reason::subscription_ids_not_supported, "3.8.2.1.2 subscription identifier"});
  if (!subscriber_) subscriber_ = std::make_shared<CoreSubscriber>(who_.number, hub_, core_);
  FilterAck ack{.type = PacketType::suback, .packet_id = subscribe.packet_id};
  for (const Filter& filter : subscribe.filters) ack.codes.push_back(grant(filter));
  encode(out_, ack, who_.version);
}

// Subscribes, and says the granted QoS; or says why not, which in 3.1.1 is always 0x80.
std::uint8_t Connection::grant(const Filter& filter) {
  const auto refused = [&](Reason reason) { return is_v5() ? number(reason) : std::uint8_t{0x80}; };
  if (!is_topic_filter(filter.text)) return refused(Reason::filter_invalid);
  if (is_shared(filter.text)) return refused(Reason::shared_not_supported);
  if (!hub_->authority.permit(who_.caller, guard::Action::subscribe, filter.text))
    return refused(Reason::not_authorized);
  const Grant granted{std::min<std::uint8_t>(filter.qos, 1), filter.no_local};
  const auto held =
      std::find_if(filters_.begin(), filters_.end(), [&](const auto& f) { return f.text == filter.text; });
  if (held != filters_.end()) {
    held->grant = granted;
  } else if (filters_.size() < hub_->limits.filters_per_session_max) {
    filters_.push_back({std::string(filter.text), granted});
  } else {
    return refused(Reason::quota_exceeded);
  }
  hub_->broker.subscribe(std::string(filter.text), subscriber_, granted);
  return granted.qos;
}

void Connection::on_unsubscribe(const Unsubscribe& unsubscribe) {
  FilterAck ack{.type = PacketType::unsuback, .packet_id = unsubscribe.packet_id};
  for (const ByteView text : unsubscribe.filters) {
    const std::size_t removed = std::erase_if(filters_, [&](const HeldFilter& held) { return held.text == text; });
    if (removed > 0) hub_->broker.unsubscribe(std::string(text), subscriber_);
    if (is_v5()) ack.codes.push_back(number(removed > 0 ? Reason::success : Reason::no_subscription_existed));
  }
  encode(out_, ack, who_.version);
}

void Connection::on_ack(const Ack& ack) {
  if (ack.type == PacketType::puback) {
    if (!outgoing_ids_.give_back(ack.packet_id))
      return fail_with({Reason::protocol_error, "PUBACK for nothing that was sent"});
    return;  // pump() follows at the end of the read
  }
  // We never send QoS 2 and take none, so nothing of its later steps can be ours.
  if (ack.type != PacketType::pubrel) return fail_with({Reason::protocol_error, "QoS 2 answer to nothing"});
  encode(out_, Ack{.type = PacketType::pubcomp, .packet_id = ack.packet_id, .reason = Reason::packet_id_not_found},
         who_.version);
}

void Connection::deliver(std::shared_ptr<const Published> message, std::uint8_t qos) {
  if (ending_) return;
  // No message passes after a right has gone, even if the sweep has not come by yet.
  if (rights_ != hub_->authority.revision()) recheck_rights();
  if (ending_) return;
  waiting_.push_back({std::move(message), qos});
  pump();
}

// Encodes what may be sent now. What has to wait stays in order (MQTT-4.6.0-6): a QoS 0 message does not overtake.
void Connection::pump() {
  while (!waiting_.empty() && !ending_ && out_.size() < out_bytes_high) {
    const Outgoing& next = waiting_.front();
    std::uint16_t packet_id = 0;
    if (next.qos > 0) {
      const auto id = outgoing_ids_.take();
      if (!id) return;
      packet_id = *id;
    }
    const bool sent = encode_delivery(next, packet_id);
    if (!sent && packet_id != 0) outgoing_ids_.give_back(packet_id);
    Counters::add(sent ? hub_->counters.delivered : hub_->counters.dropped);
    subscriber_->release(next.message->bytes());
    waiting_.pop_front();
  }
}

// False when the message must not be sent: expired (MQTT-3.3.2-5), or larger than the client takes (MQTT-3.1.2-25).
bool Connection::encode_delivery(const Outgoing& outgoing, std::uint16_t packet_id) {
  const Published& message = *outgoing.message;
  PropertyWriter properties;
  if (is_v5()) {
    properties.bytes() = message.properties;
    if (message.expiry_s) {
      const auto waited = std::chrono::steady_clock::now() - message.received;
      const auto waited_s = std::chrono::duration_cast<seconds>(waited).count();
      if (waited_s >= *message.expiry_s) return false;
      properties.number(Property::message_expiry_s, *message.expiry_s - static_cast<std::uint32_t>(waited_s));
    }
  }
  const Publish publish{.qos = outgoing.qos,
                        .packet_id = packet_id,
                        .topic = message.topic,
                        .payload = message.payload,
                        .properties = properties.view()};
  if (encoded_size(publish, who_.version) > client_packet_bytes_max_) return false;
  encode(out_, publish, who_.version);
  return true;
}

}  // namespace salus::mqtt
