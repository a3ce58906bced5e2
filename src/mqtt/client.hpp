// An MQTT client: for simulated devices, players of recordings, load generators and tests. Reconnecting is the
// caller's.
//
//   auto client = co_await mqtt::Client::connect({.port = 1883}, {.client_id = "mon-1", .user_name = "mon-1"});
//   if (!client) ...
//   (*client)->on_ack([](std::uint64_t token, mqtt::Reason reason) { ... });
//   while (co_await (*client)->room()) (*client)->publish("devices/mon-1/telemetry", body, 1, token++);
//   co_await (*client)->disconnect();
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "mqtt/frame.hpp"
#include "mqtt/packet.hpp"
#include "mqtt/packet_ids.hpp"
#include "mqtt/stream.hpp"

namespace salus::mqtt {

struct ClientTls {
  std::string ca_file{};           // PEM; the system's own when empty
  std::string certificate_file{};  // PEM of our own chain, with key_file; none when empty
  std::string key_file{};
  bool verify = true;  // false only where a test or a bench owns both ends
};

struct ServerAddress {
  std::string host = "127.0.0.1";  // name or address; with TLS the certificate must bear it
  std::uint16_t port = 1883;
  std::optional<ClientTls> tls{};
};

struct ClientWill {
  std::string topic{};
  std::string payload{};
  std::uint8_t qos = 0;
};

struct ClientOptions {
  Version version = Version::v5;
  std::string client_id{};
  std::optional<std::string> user_name{};
  std::optional<std::string> password{};
  std::optional<ClientWill> will{};
  std::uint16_t keep_alive_s = 60;
  std::uint16_t window = 20;  // QoS 1 messages on the way; fewer if the server wants fewer
  std::size_t packet_bytes_max = 1 << 20;
  std::size_t unsent_bytes_max = 256 * 1024;  // room() waits while more is waiting to be written
  milliseconds within{10'000};                // connecting, and any answer that is waited for
};

// Lifetime: keeps itself until it is disconnected, closed, or the connection ends; then its handlers are let go.
// Threads: one, that of the executor that connect() ran on.
class Client : public std::enable_shared_from_this<Client> {
 public:
  // Connects, signs in, and waits for CONNACK.
  // Errors: unavailable (no such host, no connection, TLS, server full), unauthenticated, forbidden, invalid (the
  // server
  //         refused it, with its reason), timed_out.
  static asio::awaitable<Result<std::shared_ptr<Client>>> connect(ServerAddress address, ClientOptions options);

  using OnAck = std::function<void(std::uint64_t token, Reason reason)>;
  using OnMessage = std::function<void(const Publish& message)>;  // views are good during the call
  using OnEnd = std::function<void(const Error& why)>;
  void on_ack(OnAck handler) { on_ack_ = std::move(handler); }
  void on_message(OnMessage handler) { on_message_ = std::move(handler); }
  // Once, when the connection has ended, however it did; unacknowledged tokens will never be.
  void on_end(OnEnd handler) { on_end_ = std::move(handler); }

  bool is_open() const { return !ended_; }
  // QoS 1 messages without PUBACK.
  std::size_t unacknowledged() const { return in_flight_; }
  std::uint16_t window() const { return window_; }
  const std::string& client_id() const { return options_.client_id; }  // the server's choice, if it made one

  // Whether publish() would take another QoS 1 message now.
  bool has_room() const { return !ended_ && in_flight_ < window_ && out_.size() < options_.unsent_bytes_max; }
  // Waits for that; false when the connection has ended.
  asio::awaitable<bool> room();

  // Appends to what is written next; all that is published in one turn of the executor leaves in one write. False when
  // there is no room (QoS 1), or the connection has ended. `token` comes back with the PUBACK.
  bool publish(ByteView topic, ByteView payload, std::uint8_t qos, std::uint64_t token = 0);

  // The codes of SUBACK, in the order of `filters`. Errors: unavailable, timed_out.
  asio::awaitable<Result<std::vector<std::uint8_t>>> subscribe(
      std::vector<std::pair<std::string, std::uint8_t>> filters);

  // Bytes as they are, for tests of what a server does with them.
  void send_raw(ByteView bytes);

  // Says DISCONNECT once all is written, and waits for the end.
  asio::awaitable<void> disconnect();
  // Ends at once without a word, as a device does that lost its power.
  void close() { end(Error{ErrorCode::cancelled, "Closed by us."}); }

 private:
  Client(asio::any_io_executor executor, std::unique_ptr<Stream> stream, ClientOptions options);
  asio::awaitable<Result<void>> sign_in();
  static asio::awaitable<void> read(std::shared_ptr<Client> self);
  static asio::awaitable<void> tend(std::shared_ptr<Client> self);
  asio::awaitable<bool> fill();
  asio::awaitable<void> wait();
  bool take_packets();
  bool handle(const Frame& frame);
  bool on_puback(const Frame& frame);
  void on_publish(const Publish& message);
  void flush_later();
  void flush();
  void end(Error why);

  ClientOptions options_;
  std::unique_ptr<Stream> stream_;
  asio::steady_timer gate_;  // whoever waits for anything
  asio::steady_timer tick_;
  ReadBuffer in_{4096};
  std::string out_;
  std::string writing_;
  bool is_writing_ = false;
  bool flush_posted_ = false;
  bool ended_ = false;
  std::optional<Connack> connack_;
  PacketIds ids_{1};
  std::vector<std::uint64_t> tokens_;  // by packet id
  std::uint16_t window_ = 0;
  std::size_t in_flight_ = 0;
  std::map<std::uint16_t, std::optional<std::vector<std::uint8_t>>> subscribing_;
  std::chrono::steady_clock::time_point last_write_{};
  std::chrono::steady_clock::time_point last_read_{};
  std::chrono::steady_clock::time_point last_ack_{};  // or when the first of a window was sent
  std::optional<std::chrono::steady_clock::time_point> ping_since_;
  OnAck on_ack_;
  OnMessage on_message_;
  OnEnd on_end_;
  Error why_;
};

}  // namespace salus::mqtt
