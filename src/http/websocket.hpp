// One WebSocket, as its handler and whoever publishes to it see it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace salus::http {

namespace asio = boost::asio;

enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  policy = 1008,  // not signed in, too slow to say who it is
  too_big = 1009,
  internal = 1011,
  try_again_later = 1013,  // the client could not keep up; it may come back and resume
};

// Lifetime: shared by the connection, its handler and publishers; a socket that has closed only refuses.
class WebSocket {
 public:
  enum class Type : std::uint8_t { text, binary };
  struct Message {
    Type type = Type::text;
    std::string data;
  };
  // Encoded once, sent to many.
  using Shared = std::shared_ptr<const std::string>;

  virtual ~WebSocket() = default;

  // The next message; one reader at a time, on the handler's executor. `timeout` of zero waits as long as the client
  // answers pings. Errors: cancelled    the socket closed, from whichever side.
  //                        timed_out    nothing came in time; the socket has been closed with `policy`.
  //                        too_large    over the route's message_bytes_max; closed with `too_big`.
  virtual asio::awaitable<Result<Message>> read(milliseconds timeout) = 0;

  // Queues a message and starts to write at once; never waits. Messages go out in the order of the calls. False when
  // the socket is closed or closing, or when more than queue_bytes_max would wait: then it is closed with
  // `try_again_later` and what was queued is dropped. Threads: any.
  virtual bool send(Shared data, Type type) = 0;
  bool send_text(std::string data) { return send(std::make_shared<const std::string>(std::move(data)), Type::text); }

  // Bytes that wait to be written. Threads: any.
  virtual std::size_t queued_bytes() const = 0;

  // Starts the closing handshake; the socket is cut when the client does not take part. Threads: any.
  virtual void close(CloseCode code, std::string_view reason) = 0;
  virtual bool is_open() const = 0;

  // The protocol that was agreed upon; empty when none. For protocols that run in binary messages as in a byte stream
  // (MQTT), message borders mean nothing.
  virtual std::string_view protocol() const = 0;
};

}  // namespace salus::http
