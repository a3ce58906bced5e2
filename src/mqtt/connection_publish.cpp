#include "base/assert.hpp"
#include "mqtt/connection.hpp"

namespace salus::mqtt {

void Connection::on_publish(const Frame& frame) {
  Decoded<Publish> decoded = decode_publish(frame, who_.version);
  if (!decoded) return fail_with(decoded.error());
  Publish& publish = *decoded;
  if (publish.qos == 2) return fail_with({Reason::qos_not_supported, "MQTT-3.2.2-11 QoS 2"});
  if (is_v5()) {
    if (publish.retain) return fail_with({Reason::retain_not_supported, "MQTT-3.2.2-14 retain"});
    if (publish.properties.number(Property::subscription_id))
      return fail_with({Reason::protocol_error, "MQTT-3.3.4-6 subscription identifier from a client"});
    if (publish.qos == 1 && pending_acks_ >= hub_->limits.receive_maximum)
      return fail_with({Reason::receive_maximum_exceeded, "MQTT-3.3.4-9 receive maximum"});
    if (!resolve_alias(publish)) return;
  }
  const TopicDecision& decision = decide(publish.topic);
  if (!decision.permitted) {
    Counters::add(hub_->counters.refused_publishes);
    // 3.1.1 has no word for it, and an acknowledgement would be a lie (MQTT-3.3.5-2).
    if (!is_v5()) return end(Reason::not_authorized);
    if (publish.qos == 0) return;
  }
  Batch& batch = open_batch();
  if (publish.qos == 1) {
    batch.acks.push_back({publish.packet_id, decision.permitted ? Reason::success : Reason::not_authorized});
    ++pending_acks_;
  }
  if (!decision.permitted) return;
  incoming_.push_back({publish.topic, publish.payload, publish.packet_id, publish.qos == 1, publish.dup});
  batch.messages += 1;
  batch.bytes += publish.topic.size() + publish.payload.size();
  if (!decision.wanted) return;
  batch.wanted.push_back(
      std::make_shared<Published>(Published{.topic = std::string(publish.topic),
                                            .payload = std::string(publish.payload),
                                            .properties = properties_to_forward(publish.properties),
                                            .qos = publish.qos,
                                            .publisher = who_.number,
                                            .expiry_s = publish.properties.number(Property::message_expiry_s),
                                            .received = std::chrono::steady_clock::now()}));
}

// Sets or uses a topic alias (3.3.2.3.4); false when the connection ends for it.
bool Connection::resolve_alias(Publish& publish) {
  if (publish.properties.empty()) return true;
  const auto alias = publish.properties.number(Property::topic_alias);
  if (!alias) return true;
  if (*alias > aliases_.size()) {
    fail_with({Reason::topic_alias_invalid, "MQTT-3.3.2-9 topic alias over the maximum"});
    return false;
  }
  std::string& held = aliases_[*alias - 1];
  if (publish.topic.empty()) {
    if (held.empty()) fail_with({Reason::protocol_error, "3.3.2.3.4 topic alias that was never set"});
    publish.topic = held;
    return !held.empty();
  }
  if (held != publish.topic) {
    take_batch();  // whose messages may look at what the alias said before
    held = publish.topic;
  }
  return true;
}

// A device publishes to a few topics, again and again: asking guard each time would cost more than all the rest.
const Connection::TopicDecision& Connection::decide(ByteView topic) {
  const std::uint64_t subscriptions = hub_->broker.revision();
  for (TopicDecision& held : decisions_) {
    if (held.topic != topic) continue;
    if (held.rights == rights_ && held.subscriptions == subscriptions) return held;
    held.permitted = hub_->authority.permit(who_.caller, guard::Action::publish, topic).has_value();
    held.wanted = held.permitted && hub_->broker.is_wanted(topic);
    held.rights = rights_;
    held.subscriptions = subscriptions;
    return held;
  }
  TopicDecision& next = decisions_[next_decision_++ % decisions_.size()];
  next.topic = topic;
  next.rights = rights_;
  next.subscriptions = subscriptions;
  next.permitted = hub_->authority.permit(who_.caller, guard::Action::publish, topic).has_value();
  next.wanted = next.permitted && hub_->broker.is_wanted(topic);
  return next;
}

Connection::Batch& Connection::open_batch() {
  if (batch_open_) return batches_.back();
  if (spare_batches_.empty()) {
    batches_.emplace_back();
  } else {
    batches_.push_back(std::move(spare_batches_.back()));
    spare_batches_.pop_back();
  }
  batch_open_ = true;
  return batches_.back();
}

void Connection::take_batch() {
  if (!batch_open_) return;
  batch_open_ = false;
  Batch& batch = batches_.back();
  const std::uint64_t number = first_batch_ + batches_.size() - 1;
  batch.since = std::chrono::steady_clock::now();
  pending_messages_ += batch.messages;
  pending_bytes_ += batch.bytes;
  // Refused ones only: answered in their turn, but the intake never hears of them.
  if (incoming_.empty()) return completed(number, {});
  Counters::add(hub_->counters.publishes, batch.messages);
  Counters::add(hub_->counters.publish_bytes, batch.bytes);
  rate_.spend(batch.messages, hub_->clock.now());
  hub_->intake.take(who_, incoming_, [core = core_, session = who_.number, number](Result<void> outcome) {
    core->completed(session, number, std::move(outcome));
  });
  incoming_.clear();
}

void Connection::completed(std::uint64_t number, Result<void> outcome) {
  SALUS_ASSERT(number >= first_batch_ && number - first_batch_ < batches_.size());
  Batch& done = batches_[number - first_batch_];
  done.outcome = outcome ? Reason::success : puback_reason(outcome.error().code);
  if (!outcome) Counters::add(hub_->counters.unstored_publishes, done.messages);
  while (!batches_.empty() && batches_.front().outcome) {
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    ++first_batch_;
    pending_messages_ -= batch.messages;
    pending_bytes_ -= batch.bytes;
    pending_acks_ -= batch.acks.size();
    send_acks(batch);
    if (*batch.outcome == Reason::success)
      for (const auto& message : batch.wanted) hub_->broker.publish(message);
    batch.acks.clear();
    batch.wanted.clear();
    batch.messages = batch.bytes = 0;
    batch.outcome.reset();
    if (spare_batches_.size() < 8) spare_batches_.push_back(std::move(batch));
  }
  wake();
}

void Connection::send_acks(Batch& batch) {
  if (ending_) return;
  const bool stored = *batch.outcome == Reason::success;
  if (!stored && !is_v5()) {
    // The device sends again only after it has connected again, so it must; but not at once, or a full disk would be
    // answered by a storm.
    if (!batch.acks.empty() && !resend_deadline_)
      resend_deadline_ = std::chrono::steady_clock::now() + hub_->limits.unacknowledged_within;
    return;
  }
  std::uint64_t acknowledged = 0;
  for (const PendingAck& ack : batch.acks) {
    const Reason reason = ack.reason == Reason::success ? *batch.outcome : ack.reason;
    acknowledged += reason == Reason::success;
    encode(out_, Ack{.packet_id = ack.packet_id, .reason = reason}, who_.version);
  }
  if (acknowledged > 0) Counters::add(hub_->counters.acknowledged, acknowledged);
}

// The connection ended without a goodbye (MQTT-3.1.2-8). A server that stops on purpose publishes none: all devices
// would seem to have failed at once (3.1.2.5 leaves it open).
void Connection::publish_will() {
  if (!will_ || said_goodbye_ || hub_->stopping) return;
  if (!hub_->authority.still_valid(who_.caller) ||
      !hub_->authority.permit(who_.caller, guard::Action::publish, will_->topic))
    return;
  will_->received = std::chrono::steady_clock::now();
  Batch& batch = open_batch();
  batch.messages += 1;
  batch.bytes += will_->topic.size() + will_->payload.size();
  batch.wanted.push_back(will_);
  incoming_.push_back({will_->topic, will_->payload, 0, will_->qos == 1, false});
  take_batch();
}

}  // namespace salus::mqtt
