// A WebSocket over Beast, plain or TLS. Only for connection.cpp and the fuzzer: Beast stops here.
#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <memory>

#include "http/message.hpp"
#include "http/websocket.hpp"

namespace salus::http {

struct SocketLimits {
  std::size_t message_bytes_max = 64 << 10;
  std::size_t queue_bytes_max = 4 << 20;
  milliseconds ping_every{10'000};  // of silence; after two without an answer the socket is cut
  milliseconds close_grace{2'000};  // for the client to take part in closing
  std::string protocol;             // agreed upon
};

class WebSocketSession : public WebSocket {
 public:
  // Answers the upgrade. The session is shared from here on. Errors: cancelled.
  virtual asio::awaitable<Result<void>> accept(const Request& upgrade) = 0;
  // Ends once nothing of the session runs any more: after close() or a broken connection.
  virtual asio::awaitable<void> finished() = 0;
  // Cuts without ceremony. Threads: any.
  virtual void cut() = 0;
};

using PlainStream = boost::beast::tcp_stream;
// Not Beast's ssl_stream: its flattening writes of Boost 1.81 never end for bodies over 16 KiB.
using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream>;

std::shared_ptr<WebSocketSession> make_websocket(PlainStream stream, SocketLimits limits);
std::shared_ptr<WebSocketSession> make_websocket(TlsStream stream, SocketLimits limits);

}  // namespace salus::http
