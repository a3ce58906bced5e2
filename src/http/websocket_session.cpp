#include "http/websocket_session.hpp"

#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http/websocket_impl.hpp"

namespace salus::http {

std::shared_ptr<WebSocketSession> make_websocket(PlainStream stream, SocketLimits limits) {
  return std::make_shared<WebSocketImpl<PlainStream>>(std::move(stream), std::move(limits));
}

std::shared_ptr<WebSocketSession> make_websocket(TlsStream stream, SocketLimits limits) {
  return std::make_shared<WebSocketImpl<TlsStream>>(std::move(stream), std::move(limits));
}

}  // namespace salus::http
