// A device that does not lose data: keeps every message until its PUBACK, reconnects, and sends again what was not
// acknowledged. The server knows repeated messages by their time and sequence.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "mqtt/client.hpp"

namespace salus::sim {

namespace asio = boost::asio;

struct PublisherOptions {
  mqtt::ServerAddress server;
  std::string device;
  std::string key;
  std::uint16_t window = 20;
  bool reconnect = true;
};

// Lifetime: outlives the coroutines that use it. Threads: one, that of its executor.
class Publisher {
 public:
  explicit Publisher(PublisherOptions options) : options_(std::move(options)) {}

  // Waits for the first connection. Errors: those of mqtt::Client::connect.
  asio::awaitable<Result<void>> open();
  // Queues one QoS 1 message. `topic` is below devices/{device}/: "telemetry", "waveforms".
  // Errors: cancelled (stopped), unavailable (the connection is gone and reconnect is off).
  asio::awaitable<Result<void>> send(std::string topic, std::string payload);
  // Waits until everything is acknowledged.
  asio::awaitable<Result<void>> drain();
  asio::awaitable<void> close();
  void stop();  // any send() or drain() in progress ends with `cancelled`
  bool is_stopped() const { return stopped_; }

  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t reconnects() const { return reconnects_; }

 private:
  struct Message {
    std::string topic;
    std::string payload;
  };
  asio::awaitable<Result<void>> ensure_open();
  asio::awaitable<Result<void>> pump();
  void acked(std::uint64_t token, mqtt::Reason reason);

  PublisherOptions options_;
  std::shared_ptr<mqtt::Client> client_;
  std::deque<Message> waiting_;  // not acknowledged, in order; the first has token `first_token_`
  std::deque<bool> done_;
  std::uint64_t first_token_ = 0;
  std::uint64_t next_to_send_ = 0;  // token; before it all are on the way
  std::uint64_t acknowledged_ = 0;
  std::uint64_t reconnects_ = 0;
  bool refused_ = false;  // the server keeps nothing now: send again after a pause
  bool stopped_ = false;
};

}  // namespace salus::sim
