#include "mqtt/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <limits>

namespace salus::mqtt {
namespace {

using std::chrono::steady_clock;

// More than this waits to be written: no more is read, no more deliveries are encoded.
constexpr std::size_t out_bytes_high = 64 * 1024;
constexpr std::size_t goodbye_bytes_max = 1 << 20;

}  // namespace

Connection::Connection(std::shared_ptr<Hub> hub, std::shared_ptr<Core> core, std::unique_ptr<Stream> stream,
                       std::uint64_t session, bool too_many)
    : hub_(std::move(hub)),
      core_(std::move(core)),
      stream_(std::move(stream)),
      too_many_(too_many),
      in_(hub_->limits.connect_bytes_max),
      frame_limits_{hub_->limits.connect_bytes_max},
      gate_(core_->context(), SteadyTime::max()),
      read_deadline_(steady_clock::now() + hub_->limits.connect_within),
      rate_(hub_->limits.messages_per_s, hub_->limits.messages_burst, hub_->clock.now()) {
  who_.number = session;
  who_.peer = stream_->peer();
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
  self->reading_ = true;
  const Result<void> secured = co_await self->stream_->handshake();
  if (secured) {
    co_await self->serve();
    self->leave();
    co_await self->say_goodbye();
  } else {
    Counters::add(self->hub_->counters.failed_handshakes);
  }
  self->close();
  co_await self->settle();
  self->core_->remove(self->who_.number);
}

asio::awaitable<void> Connection::serve() {
  while (!ending_ && co_await fill()) {
    take_packets();
    take_batch();
    pump();
    flush();
    co_await wait_for_room();
  }
}

// Reads once; false at the end.
asio::awaitable<bool> Connection::fill() {
  reading_ = true;
  const std::size_t count = co_await stream_->read_some(in_.room());
  reading_ = false;
  if (count == 0) co_return false;
  in_.filled(count);
  co_return true;
}

// Slows the sender down: while we read nothing, TCP makes it wait.
asio::awaitable<void> Connection::wait_for_room() {
  while (!ending_ && !closed_) {
    const nanoseconds until_rate = rate_.wait(hub_->clock.now());
    if (!is_full() && until_rate.count() == 0) co_return;
    // Nothing here may wait for ever: what makes us full has deadlines of its own (store_within, write_within).
    gate_.expires_after(until_rate.count() > 0 ? std::chrono::ceil<milliseconds>(until_rate) : milliseconds{60'000});
    co_await wait();
    expect_more();  // the client was not silent; we did not listen
  }
}

asio::awaitable<void> Connection::wait() {
  waiting_at_gate_ = true;
  co_await gate_.async_wait(asio::as_tuple(asio::use_awaitable));
  waiting_at_gate_ = false;
}

bool Connection::is_full() const {
  const Limits& limits = hub_->limits;
  return pending_messages_ >= limits.pending_messages_max || pending_bytes_ >= limits.pending_bytes_max ||
         out_.size() >= out_bytes_high;
}

void Connection::take_packets() {
  if (connected_ && rights_ != hub_->authority.revision()) recheck_rights();
  while (!ending_) {
    std::size_t used = 0;
    const auto frame = next_frame(in_.unread(), frame_limits_, used);
    if (!frame) return fail_with(frame.error());
    if (!*frame) {
      // The first byte alone says that it is no CONNECT; whoever sends that gets no time to send more.
      if (!connected_ && !in_.unread().empty() && (in_.unread()[0] & '\xF0') != 0x10)
        fail_with({Reason::protocol_error, "MQTT-3.1.0-1 first packet is not CONNECT"});
      return;
    }
    handle(**frame);
    in_.consume(used);
    expect_more();
  }
}

void Connection::handle(const Frame& frame) {
  if (!connected_) {
    if (frame.type == PacketType::connect) return on_connect(frame);
    return fail_with({Reason::protocol_error, "MQTT-3.1.0-1 first packet is not CONNECT"});
  }
  if (frame.type == PacketType::publish) return on_publish(frame);
  handle_control(frame);
}

void Connection::handle_control(const Frame& frame) {
  // What only a server sends, and the second CONNECT (MQTT-3.1.0-2).
  switch (frame.type) {
    case PacketType::connect:
    case PacketType::connack:
    case PacketType::suback:
    case PacketType::unsuback:
    case PacketType::pingresp:
    case PacketType::auth:
      return fail_with({Reason::protocol_error, "4.13 packet not expected from a client"});
    default:
      break;
  }
  const auto packet = decode(frame, who_.version);
  if (!packet) return fail_with(packet.error());
  if (const auto* subscribe = std::get_if<Subscribe>(&*packet)) return on_subscribe(*subscribe);
  if (const auto* unsubscribe = std::get_if<Unsubscribe>(&*packet)) return on_unsubscribe(*unsubscribe);
  if (const auto* ack = std::get_if<Ack>(&*packet)) return on_ack(*ack);
  if (std::holds_alternative<Pingreq>(*packet)) return encode(out_, Pingresp{});
  const auto& disconnect = std::get<Disconnect>(*packet);
  // Sessions end with their connection, so a later expiry cannot be given (MQTT-3.1.2-23 and 3.14.2.2.2).
  if (disconnect.properties.number(Property::session_expiry_s).value_or(0) != 0)
    return fail_with({Reason::protocol_error, "3.14.2.2.2 session expiry changed from 0"});
  said_goodbye_ = disconnect.reason == Reason::success;
  end_reason_ = disconnect.reason;
  ending_ = true;  // nothing is answered (MQTT-3.14.4-2)
}

void Connection::fail_with(const Refusal& refusal) {
  Counters::add(hub_->counters.protocol_errors);
  if (connected_) return end(refusal.reason);
  refuse_connect(refusal.reason, version_in_sight());
}

// The version that an unfinished CONNECT names, so that even one that is too large is refused in its own words.
std::optional<Version> Connection::version_in_sight() const {
  WireReader reader{in_.unread()};
  if (reader.u8() != 0x10) return std::nullopt;
  reader.varint();
  return reader.failed() ? std::nullopt : peek_version(reader.rest());
}

// A whole packet restarts the clock; bytes that never become one do not.
void Connection::expect_more() {
  if (connected_) read_deadline_ = steady_clock::now() + silence_max_;
}

void Connection::recheck_rights() {
  rights_ = hub_->authority.revision();
  if (!hub_->authority.still_valid(who_.caller)) return end(Reason::administrative_action);
  for (const HeldFilter& filter : filters_)
    if (!hub_->authority.permit(who_.caller, guard::Action::subscribe, filter.text)) return end(Reason::not_authorized);
}

void Connection::end(Reason reason) {
  if (ending_) return;
  ending_ = true;
  end_reason_ = reason;
  if (connected_ && is_v5()) encode(out_, Disconnect{.reason = reason}, Version::v5);
  flush();
  wake();
  if (reading_) stream_->stop_reading();
}

void Connection::close() {
  if (!ending_) end_reason_ = Reason::unspecified;
  closed_ = true;
  ending_ = true;
  stream_->close();
  wake();
}

// Everything that others know about this session goes; then its will, then word to the intake.
void Connection::leave() {
  if (!connected_) return;
  hub_->owners.leave(owner_key(), who_.number);
  for (const HeldFilter& filter : filters_) hub_->broker.unsubscribe(filter.text, subscriber_);
  filters_.clear();
  waiting_.clear();
  if (!ending_) end_reason_ = Reason::unspecified;  // the connection just went away
  publish_will();
  hub_->intake.went(who_, end_reason_);
}

// Writes what is left, and reads what still comes for a moment: closing over unread bytes would reset the connection,
// and the client would never learn our reason.
asio::awaitable<void> Connection::say_goodbye() {
  ending_ = true;
  end_deadline_ = steady_clock::now() + hub_->limits.goodbye_within;
  flush();
  while (!closed_ && writing_) {
    gate_.expires_after(hub_->limits.goodbye_within);
    co_await wait();
  }
  if (closed_) co_return;
  stream_->stop_writing();
  for (std::size_t total = 0; total < goodbye_bytes_max && !closed_;) {
    in_.consume(in_.unread().size());
    const std::size_t count = co_await stream_->discard_some(in_.room());
    if (count == 0) break;
    total += count;
  }
}

// What was taken before the end still reaches its subscribers once it is durable.
asio::awaitable<void> Connection::settle() {
  const SteadyTime until = steady_clock::now() + hub_->limits.store_within;
  while (!batches_.empty() && steady_clock::now() < until) {
    gate_.expires_at(until);
    co_await wait();
  }
}

void Connection::flush() {
  dirty_ = false;
  if (writing_ || closed_ || out_.empty()) return;
  std::swap(out_, in_flight_);
  writing_ = true;
  write_deadline_ = steady_clock::now() + hub_->limits.write_within;
  stream_->write(in_flight_, [self = shared_from_this()](bool well) { self->wrote(well); });
}

void Connection::wrote(bool well) {
  writing_ = false;
  in_flight_.clear();
  if (in_flight_.capacity() > 2 * out_bytes_high) in_flight_.shrink_to_fit();
  if (!well) return close();
  pump();
  flush();
  wake();
}

void Connection::sweep(SteadyTime now) {
  if (closed_) return;
  if (connected_ && !ending_ && rights_ != hub_->authority.revision()) recheck_rights();
  if (ending_) {
    if (end_deadline_ == SteadyTime{}) end_deadline_ = now + hub_->limits.goodbye_within;
    if (now >= end_deadline_) close();
    return;
  }
  const bool stuck = (writing_ && now >= write_deadline_) ||
                     (!batches_.empty() && now - batches_.front().since >= hub_->limits.store_within);
  const bool silent = reading_ && now >= read_deadline_;
  const bool resend = resend_deadline_ && now >= *resend_deadline_;
  if (!stuck && !silent && !resend) return;
  if (stuck || silent) Counters::add(hub_->counters.timeouts);
  if (writing_ && stuck) return close();
  if (!connected_) return close();  // nobody yet to say anything to
  end(silent ? Reason::keep_alive_timeout : Reason::implementation_specific);
}

}  // namespace salus::mqtt
