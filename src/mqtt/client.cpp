#include "mqtt/client.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "mqtt/dial.hpp"

namespace salus::mqtt {

using std::chrono::steady_clock;

namespace {
// SUBSCRIBEs that may wait for an answer beside a full window.
constexpr std::uint16_t control_ids = 16;

ErrorCode code_of(const Connack& connack, Version version) {
  if (version == Version::v311)
    return connack.code == 4   ? ErrorCode::unauthenticated
           : connack.code == 5 ? ErrorCode::forbidden
           : connack.code == 3 ? ErrorCode::unavailable
                               : ErrorCode::invalid;
  switch (static_cast<Reason>(connack.code)) {
    case Reason::bad_credentials:
      return ErrorCode::unauthenticated;
    case Reason::not_authorized:
      return ErrorCode::forbidden;
    case Reason::server_busy:
    case Reason::server_unavailable:
    case Reason::quota_exceeded:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::invalid;
  }
}

}  // namespace

Client::Client(asio::any_io_executor executor, std::unique_ptr<Stream> stream, ClientOptions options)
    : options_(std::move(options)),
      stream_(std::move(stream)),
      gate_(executor, steady_clock::time_point::max()),
      tick_(executor) {
  in_.allow(std::max(options_.packet_bytes_max, std::size_t{64 * 1024}));
}

asio::awaitable<Result<std::shared_ptr<Client>>> Client::connect(ServerAddress address, ClientOptions options) {
  const auto executor = co_await asio::this_coro::executor;
  auto stream = co_await open_stream(address, options.within);
  if (!stream) co_return fail(stream.error());
  const std::shared_ptr<Client> client{new Client(executor, std::move(*stream), std::move(options))};
  asio::co_spawn(executor, tend(client), asio::detached);
  Result<void> signed_in = co_await client->sign_in();
  if (!signed_in) {
    client->end(signed_in.error());
    co_return fail(signed_in.error());
  }
  asio::co_spawn(executor, read(client), asio::detached);
  co_return client;
}

asio::awaitable<Result<void>> Client::sign_in() {
  last_read_ = last_write_ = steady_clock::now();
  ping_since_ = last_read_;  // tend() ends us when nothing answers in time
  const Result<void> secured = co_await stream_->handshake();
  if (!secured) co_return fail(ended_ ? why_ : secured.error());
  Connect connect{.version = options_.version, .keep_alive_s = options_.keep_alive_s, .client_id = options_.client_id};
  if (options_.user_name) connect.user_name = *options_.user_name;
  if (options_.password) connect.password = *options_.password;
  if (options_.will)
    connect.will = Will{.qos = options_.will->qos, .topic = options_.will->topic, .payload = options_.will->payload};
  encode(out_, connect);
  flush();
  while (!connack_) {
    if (!co_await fill())
      co_return fail(ended_ ? why_ : Error{ErrorCode::unavailable, "The server closed before CONNACK."});
    std::size_t used = 0;
    const auto frame = next_frame(in_.unread(), {options_.packet_bytes_max}, used);
    if (!frame) co_return fail(ErrorCode::invalid, "Not MQTT: {}.", frame.error().why);
    if (!*frame) continue;
    const auto packet = decode(**frame, options_.version);
    const auto* connack = packet ? std::get_if<Connack>(&*packet) : nullptr;
    if (connack == nullptr) co_return fail(ErrorCode::invalid, "The server's first packet is no CONNACK.");
    if (connack->code != 0)
      co_return fail(code_of(*connack, options_.version), "The server refused the connection: code {} ({}).",
                     connack->code,
                     options_.version == Version::v5 ? name(static_cast<Reason>(connack->code)) : "3.1.1");
    const Properties& said = connack->properties;
    window_ = static_cast<std::uint16_t>(
        std::min<std::uint32_t>(options_.window, said.number(Property::receive_maximum).value_or(0xFFFF)));
    if (const auto id = said.text(Property::assigned_client_id)) options_.client_id = *id;
    if (const auto s = said.number(Property::server_keep_alive_s))
      options_.keep_alive_s = static_cast<std::uint16_t>(*s);
    connack_ = Connack{.session_present = connack->session_present};
    in_.consume(used);
  }
  ids_ = PacketIds{static_cast<std::uint16_t>(std::min(0xFFFF, window_ + control_ids))};
  tokens_.resize(window_ + control_ids + 1U);
  ping_since_.reset();
  co_return Result<void>{};
}

asio::awaitable<bool> Client::fill() {
  const std::size_t count = co_await stream_->read_some(in_.room());
  if (count == 0) co_return false;
  in_.filled(count);
  last_read_ = steady_clock::now();
  co_return true;
}

asio::awaitable<void> Client::read(std::shared_ptr<Client> self) {
  while (self->take_packets() && co_await self->fill()) {
  }
  self->end(Error{ErrorCode::unavailable, "The server closed the connection."});
}

bool Client::take_packets() {
  const std::size_t acks_before = in_flight_;
  while (!ended_) {
    std::size_t used = 0;
    const auto frame = next_frame(in_.unread(), {options_.packet_bytes_max}, used);
    if (!frame) {
      end(Error{ErrorCode::invalid, fmt::format("Not MQTT: {}.", frame.error().why)});
      return false;
    }
    if (!*frame) break;
    if (!handle(**frame)) return false;
    in_.consume(used);
  }
  if (!out_.empty()) flush();
  if (in_flight_ < acks_before) last_ack_ = last_read_;
  if (has_room()) gate_.cancel();
  return !ended_;
}

bool Client::handle(const Frame& frame) {
  if (frame.type == PacketType::puback && frame.body.size() == 2) return on_puback(frame);
  const auto packet = decode(frame, options_.version);
  if (!packet) {
    end(Error{ErrorCode::invalid, fmt::format("Malformed packet from the server: {}.", packet.error().why)});
    return false;
  }
  if (const auto* message = std::get_if<Publish>(&*packet)) {
    on_publish(*message);
  } else if (std::holds_alternative<Ack>(*packet)) {
    return on_puback(frame);
  } else if (const auto* suback = std::get_if<FilterAck>(&*packet)) {
    const auto waiting = subscribing_.find(suback->packet_id);
    if (waiting != subscribing_.end()) waiting->second = suback->codes;
    gate_.cancel();
  } else if (std::holds_alternative<Pingresp>(*packet)) {
    ping_since_.reset();
  } else if (const auto* disconnect = std::get_if<Disconnect>(&*packet)) {
    end(Error{ErrorCode::unavailable, fmt::format("The server disconnected: {}.", name(disconnect->reason))});
    return false;
  }
  return true;
}

// The packet of the hot path: two bytes of identifier, and in 5.0 perhaps a reason.
bool Client::on_puback(const Frame& frame) {
  WireReader reader{frame.body};
  const std::uint16_t id = reader.u16();
  const Reason reason = reader.at_end() ? Reason::success : static_cast<Reason>(reader.u8());
  if (reader.failed() || !ids_.give_back(id)) {
    end(Error{ErrorCode::invalid, "PUBACK for nothing that was sent."});
    return false;
  }
  --in_flight_;
  if (on_ack_) on_ack_(tokens_[id], reason);
  return true;
}

void Client::on_publish(const Publish& message) {
  if (on_message_) on_message_(message);
  if (message.qos == 1) encode(out_, Ack{.packet_id = message.packet_id}, options_.version);
}

// Woken by whatever happens, and by tend() even if nothing does; several may wait, so nobody rearms the timer.
asio::awaitable<void> Client::wait() {
  co_await gate_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<bool> Client::room() {
  const auto self = shared_from_this();
  flush();
  while (!ended_ && !has_room()) co_await wait();  // tend() ends us if nothing moves
  co_return !ended_;
}

bool Client::publish(ByteView topic, ByteView payload, std::uint8_t qos, std::uint64_t token) {
  if (ended_ || (qos > 0 && in_flight_ >= window_)) return false;
  std::uint16_t packet_id = 0;
  if (qos > 0) {
    const auto id = ids_.take();
    if (!id) return false;
    packet_id = *id;
    tokens_[packet_id] = token;
    if (in_flight_++ == 0) last_ack_ = steady_clock::now();
  }
  encode(out_, Publish{.qos = qos, .packet_id = packet_id, .topic = topic, .payload = payload}, options_.version);
  flush_later();
  return true;
}

asio::awaitable<Result<std::vector<std::uint8_t>>> Client::subscribe(
    std::vector<std::pair<std::string, std::uint8_t>> filters) {
  const auto self = shared_from_this();
  const auto id = ids_.take();
  if (ended_ || !id) co_return fail(ErrorCode::unavailable, "Not connected, or too many requests at once.");
  Subscribe subscribe{.packet_id = *id};
  for (const auto& [text, qos] : filters) subscribe.filters.push_back({.text = text, .qos = qos});
  encode(out_, subscribe, options_.version);
  const auto waiting = subscribing_.emplace(*id, std::nullopt).first;
  flush();
  const auto until = steady_clock::now() + options_.within;
  while (!ended_ && !waiting->second && steady_clock::now() < until) co_await wait();
  auto codes = std::move(waiting->second);
  subscribing_.erase(waiting);
  if (!codes) co_return fail(ended_ ? why_ : Error{ErrorCode::timed_out, "No SUBACK in time."});
  ids_.give_back(*id);
  co_return std::move(*codes);
}

void Client::send_raw(ByteView bytes) {
  out_.append(bytes);
  flush_later();
}

asio::awaitable<void> Client::disconnect() {
  const auto self = shared_from_this();
  if (ended_) co_return;
  encode(out_, Disconnect{}, options_.version);
  flush();
  const auto until = steady_clock::now() + options_.within;
  while (!ended_ && steady_clock::now() < until) {
    if (!is_writing_) stream_->stop_writing();
    co_await wait();
  }
  end(Error{ErrorCode::cancelled, "Disconnected by us."});
}

void Client::flush_later() {
  if (is_writing_ || std::exchange(flush_posted_, true)) return;
  asio::post(gate_.get_executor(), [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->flush();
  });
}

void Client::flush() {
  if (is_writing_ || ended_ || out_.empty()) return;
  std::swap(out_, writing_);
  is_writing_ = true;
  last_write_ = steady_clock::now();
  stream_->write(writing_, [self = shared_from_this()](bool well) {
    self->is_writing_ = false;
    self->writing_.clear();
    if (!well) return self->end(Error{ErrorCode::unavailable, "The connection broke while writing."});
    self->flush();
    self->gate_.cancel();
  });
}

// Keeps the connection alive, and ends it when something that must come does not.
asio::awaitable<void> Client::tend(std::shared_ptr<Client> self) {
  const milliseconds keep_alive{self->options_.keep_alive_s * 1000};
  const milliseconds within = self->options_.within;
  const milliseconds every = std::min(within, keep_alive.count() > 0 ? keep_alive : within) / 4 + milliseconds{1};
  while (!self->ended_) {
    self->tick_.expires_after(every);
    co_await self->tick_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (self->ended_) break;
    self->gate_.cancel();
    const auto now = steady_clock::now();
    const bool no_ack = self->in_flight_ > 0 && now - self->last_ack_ >= within;
    const bool no_answer = self->ping_since_ && now - *self->ping_since_ >= within && now - self->last_read_ >= within;
    const bool no_write = self->is_writing_ && now - self->last_write_ >= within;
    if (no_ack || no_answer || no_write) {
      self->end(Error{ErrorCode::timed_out, "The server did not answer in time."});
    } else if (self->connack_ && keep_alive.count() > 0 && now - self->last_write_ >= keep_alive / 2 &&
               !self->ping_since_) {
      self->ping_since_ = now;
      encode(self->out_, Pingreq{});
      self->flush();
    }
  }
}

void Client::end(Error why) {
  if (std::exchange(ended_, true)) return;
  why_ = std::move(why);
  stream_->close();
  gate_.cancel();
  tick_.cancel();
  // Handlers may hold us; let them go from outside, for one of them may be running now.
  asio::post(gate_.get_executor(), [self = shared_from_this()] {
    if (self->on_end_) self->on_end_(self->why_);
    self->on_ack_ = {};
    self->on_message_ = {};
    self->on_end_ = {};
  });
}

}  // namespace salus::mqtt
