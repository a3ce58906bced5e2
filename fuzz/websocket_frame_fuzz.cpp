// Whatever frames a client sends, a session yields only whole messages within its limit, text that is UTF-8, and never
// more bytes than came in; then it ends.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "http/websocket_impl.hpp"

namespace {

using namespace salus;
using namespace salus::http;
using Stream = boost::beast::test::stream;

constexpr std::size_t kMessageMax = 1024;

Request upgrade_request() {
  return {.target = "/ws",
          .segments = {"ws"},
          .params = {},
          .queries = {},
          .headers = {{"host", "a"},
                      {"connection", "upgrade"},
                      {"upgrade", "websocket"},
                      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"sec-websocket-version", "13"}},
          .body = {},
          .peer = {},
          .caller = {}};
}

// Arguments live in the coroutine's frame.
asio::awaitable<void> serve(std::shared_ptr<WebSocketSession> session, std::size_t bytes_in, bool& ended) {
  const Request request = upgrade_request();
  const Result<void> accepted = co_await session->accept(request);
  SALUS_ASSERT(accepted);
  std::size_t bytes_out = 0;
  while (const auto message = co_await session->read(milliseconds{0})) {
    bytes_out += message->data.size();
    SALUS_ASSERT(message->data.size() <= kMessageMax);
    SALUS_ASSERT(message->type == WebSocket::Type::binary || is_utf8(message->data));
    session->send(std::make_shared<const std::string>(message->data), message->type);
  }
  SALUS_ASSERT(bytes_out <= bytes_in);
  co_await session->finished();
  ended = true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool ended = false;
  asio::io_context context;
  Stream client(context);
  Stream server(context);
  client.connect(server);
  server.append({reinterpret_cast<const char*>(data), size});
  client.close();  // after these bytes, the end
  auto session = std::make_shared<WebSocketImpl<Stream>>(
      std::move(server), SocketLimits{.message_bytes_max = kMessageMax, .protocol = {}});
  asio::co_spawn(context, serve(session, size, ended), asio::detached);
  session.reset();
  context.run();
  SALUS_ASSERT(ended);
  return 0;
}
