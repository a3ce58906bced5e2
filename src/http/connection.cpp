#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "http/exchange.hpp"
#include "http/message_reader.hpp"
#include "http/server_core.hpp"
#include "http/websocket_session.hpp"

namespace salus::http {
namespace {

namespace beast = boost::beast;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr auto as_result() {
  return asio::as_tuple(asio::use_awaitable);
}

// How much of what a refused client still sends is read before it is cut, so that it sees the refusal and no reset.
constexpr std::size_t kLingerBytesMax = 256 << 10;
constexpr milliseconds kLinger{1'000};

PlainStream& tcp_of(PlainStream& stream) {
  return stream;
}
PlainStream& tcp_of(TlsStream& stream) {
  return stream.next_layer();
}

// One connection. It lives as long as run() does, on one thread; finish() and cut() may come from any.
template <class Stream>
class Connection final : public ConnectionBase, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

  Connection(std::shared_ptr<ServerCore> core, Stream stream, asio::ip::address peer)
      : core_(std::move(core)),
        limits_(core_->settings.limits),
        executor_(stream.get_executor()),
        stream_(std::make_unique<Stream>(std::move(stream))),
        peer_(std::move(peer)),
        reader_(limits_.head_bytes_max) {}

  void finish() override {
    asio::post(executor_, [self = this->shared_from_this()] {
      self->keep_alive_ = false;
      if (self->socket_) self->socket_->close(CloseCode::going_away, "the server stops");
      if (self->waiting_) self->close_now();
    });
  }

  void cut() override {
    asio::post(executor_, [self = this->shared_from_this()] {
      if (self->socket_) self->socket_->cut();
      self->close_now();
    });
  }

  asio::awaitable<void> run() {
    if constexpr (is_tls) {
      tcp_of(*stream_).expires_after(limits_.handshake);
      const auto [ec] = co_await stream_->async_handshake(asio::ssl::stream_base::server, as_result());
      if (ec) {
        spdlog::debug("http: TLS handshake with {} failed: {}", peer_.to_string(), ec.message());
        co_return close_now();
      }
    }
    bool goes_on = true;
    while (goes_on) goes_on = co_await serve_one();
  }

 private:
  using Incoming = tl::expected<std::optional<Head>, Refusal>;

  // One request and its answer. False: the connection is over.
  asio::awaitable<bool> serve_one() {
    Incoming incoming = co_await next_head();
    const Clock::time_point start = Clock::now();
    if (!incoming) co_return co_await refuse(std::move(incoming.error()), start);
    const std::optional<Head> head = std::move(*incoming);
    if (!head) {
      close_now();
      co_return false;
    }
    keep_alive_ = keep_alive_ && head->keep_alive && !core_->stopping();
    tl::expected<Exchange, Refusal> exchange = begin_exchange(core_->router, *head, peer_, is_tls);
    if (!exchange) co_return co_await refuse(std::move(exchange.error()), start);
    if (exchange->upgrade != nullptr) co_return co_await upgrade(std::move(*exchange));
    co_return co_await respond(*head, std::move(*exchange), start);
  }

  // The head of the next request, or nothing when the connection ended between requests.
  asio::awaitable<Incoming> next_head() {
    bool begun = reader_.has_bytes() || first_;
    tcp_of(*stream_).expires_after(begun ? limits_.head : limits_.idle);
    first_ = false;
    for (;;) {
      Incoming head = reader_.read_head();
      if (!head || *head) co_return head;
      if (!keep_alive_ && !reader_.has_bytes()) co_return std::optional<Head>{};
      waiting_ = !reader_.has_bytes();
      const bool arrived = co_await read_some();
      waiting_ = false;
      if (!arrived) co_return std::optional<Head>{};
      if (!begun) tcp_of(*stream_).expires_after(limits_.head);
      begun = true;
    }
  }

  asio::awaitable<bool> read_some() {
    if (!stream_) co_return false;
    const std::span<char> room = reader_.prepare();
    const auto [ec, count] = co_await stream_->async_read_some(asio::buffer(room.data(), room.size()), as_result());
    if (!ec) reader_.commit(count);
    co_return !ec;
  }

  // Reads the body, asks the handler, writes. `head` is the caller's, who waits; `exchange` lives in this frame.
  asio::awaitable<bool> respond(const Head& head, Exchange exchange, Clock::time_point start) {
    const std::size_t body_max = exchange.body_bytes_max != 0 ? exchange.body_bytes_max : limits_.body_bytes_max;
    const bool has_body = head.framing == Framing::chunked || head.content_length > 0;
    if (exchange.answer && has_body) {
      // Nobody reads the body of a request that is answered without it: what follows is cut off after the answer.
      keep_alive_ = false;
      co_await write(exchange.request, *exchange.answer, start, 0);
      co_return co_await linger();
    }
    if (head.content_length > body_max) co_return co_await refuse({413, too_large_text(body_max)}, start);
    tl::expected<std::string, Refusal> body = co_await read_body(head, body_max);
    if (!body) co_return co_await refuse(std::move(body.error()), start);
    const std::size_t bytes_in = body->size();
    exchange.request.body = std::move(*body);
    if (!exchange.answer) {
      if (Result<void> decoded = decode_body(exchange.request, body_max); !decoded)
        exchange.answer = decoded.error().code == ErrorCode::invalid && !is_decodable(exchange.request)
                              ? problem(415, "unsupported", decoded.error().message)
                              : problem(decoded.error());
    }
    if (!exchange.answer) exchange.answer = co_await core_->router.run(*exchange.route, exchange.request);
    const bool written = co_await write(exchange.request, *exchange.answer, start, bytes_in);
    if (written && keep_alive_) co_return true;
    co_return co_await linger();
  }

  asio::awaitable<tl::expected<std::string, Refusal>> read_body(const Head& head, std::size_t bytes_max) {
    tcp_of(*stream_).expires_after(limits_.body);
    if (head.expects_continue && head.framing != Framing::none) {
      static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await asio::async_write(*stream_, asio::buffer(text), as_result());
    }
    reader_.begin_body(head, bytes_max);
    for (;;) {
      const tl::expected<bool, Refusal> whole = reader_.read_body();
      if (!whole) co_return tl::make_unexpected(whole.error());
      if (*whole) co_return reader_.take_body();
      if (!co_await read_some()) co_return tl::make_unexpected(Refusal{408, "The body did not come in time."});
    }
  }

  // Says why, and ends the connection: what follows cannot be told apart any more.
  asio::awaitable<bool> refuse(Refusal refusal, Clock::time_point start) {
    keep_alive_ = false;
    Request request{.target = {},
                    .segments = {},
                    .params = {},
                    .queries = {},
                    .headers = {},
                    .body = {},
                    .peer = peer_.to_string(),
                    .caller = {}};
    Response response = problem_of(refusal);
    co_await write(request, response, start, 0);
    co_return co_await linger();
  }

  asio::awaitable<bool> write(const Request& request, Response& response, Clock::time_point start,
                              std::size_t bytes_in) {
    if (!stream_) co_return false;
    const std::string head = response_head(
        response, {.request = request, .keep_alive = keep_alive_, .policy = core_->settings.content_security_policy});
    const std::string_view body = request.method == Method::head ? std::string_view{} : body_of(response);
    tcp_of(*stream_).expires_after(limits_.write + milliseconds{body.size() / 64});
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body.data(), body.size())};
    auto [ec, sent] = co_await asio::async_write(*stream_, parts, as_result());
    bool ok = !ec;
    if (const auto* source = std::get_if<BodySource>(&response.body); ok && source && request.method != Method::head)
      ok = co_await write_pieces(*source);
    core_->answered(ok ? response.status : 0, bytes_in, sent, Clock::now() - start);
    spdlog::debug("http: {} {} {} -> {} in {} us", request.peer, name(request.method), request.target, response.status,
                  std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
    co_return ok;
  }

  // Chunked. HTTP/1.0 clients get chunks as well; none of ours speaks it.
  asio::awaitable<bool> write_pieces(const BodySource& source) {
    for (;;) {
      const Result<std::string> piece = co_await source();
      if (!piece) co_return false;
      const std::string frame = chunk_of(*piece);
      if (!stream_) co_return false;
      tcp_of(*stream_).expires_after(limits_.write + milliseconds{frame.size() / 64});
      const auto [ec, count] = co_await asio::async_write(*stream_, asio::buffer(frame), as_result());
      if (ec) co_return false;
      if (piece->empty()) co_return true;
    }
  }

  asio::awaitable<bool> upgrade(Exchange exchange) {
    tcp_of(*stream_).expires_never();  // the session keeps its own time
    SocketLimits limits{.message_bytes_max = exchange.upgrade->message_bytes_max,
                        .queue_bytes_max = limits_.socket_queue_bytes_max,
                        .ping_every = limits_.ping,
                        .protocol = exchange.protocol};
    socket_ = make_websocket(std::move(*stream_), std::move(limits));
    stream_.reset();
    core_->websocket_opened(1);
    if (co_await socket_->accept(exchange.request)) {
      if (core_->stopping()) socket_->close(CloseCode::going_away, "the server stops");
      co_await run_socket(*exchange.upgrade, exchange.request);
    }
    co_await socket_->finished();
    core_->websocket_opened(-1);
    socket_.reset();
    co_return false;
  }

  asio::awaitable<void> run_socket(const WebSocketRoute& route, const Request& request) {
    try {
      co_await route.handler(request, socket_);
    } catch (const std::exception& error) {
      spdlog::error("WebSocket {} threw: {}", route.pattern, error.what());
      socket_->close(CloseCode::internal, "");
    }
  }

  // Ends a connection so that the last answer arrives: our side first, then a little of what still comes.
  asio::awaitable<bool> linger() {
    if (!stream_) co_return false;
    tcp_of(*stream_).expires_after(kLinger);
    if constexpr (is_tls) co_await stream_->async_shutdown(as_result());
    boost::system::error_code ignored;
    tcp_of(*stream_).socket().shutdown(tcp::socket::shutdown_send, ignored);
    std::array<char, 4096> rest;
    for (std::size_t seen = 0; seen < kLingerBytesMax;) {
      const auto [ec, count] = co_await tcp_of(*stream_).async_read_some(asio::buffer(rest), as_result());
      if (ec) break;
      seen += count;
    }
    close_now();
    co_return false;
  }

  void close_now() {
    keep_alive_ = false;
    if (stream_) tcp_of(*stream_).close();
  }

  const std::shared_ptr<ServerCore> core_;
  const ServerLimits& limits_;
  const asio::any_io_executor executor_;
  std::unique_ptr<Stream> stream_;  // moves into the WebSocket on an upgrade
  const asio::ip::address peer_;
  MessageReader reader_;
  std::shared_ptr<WebSocketSession> socket_;
  bool first_ = true;
  bool waiting_ = false;  // between requests
  bool keep_alive_ = true;
};

template <class Stream>
asio::awaitable<void> serve(std::shared_ptr<ServerCore> core, Stream stream) {
  boost::system::error_code ec;
  const asio::ip::address peer = tcp_of(stream).socket().remote_endpoint(ec).address();
  auto connection = std::make_shared<Connection<Stream>>(core, std::move(stream), peer);
  const std::uint64_t id = core->enter(connection);
  try {
    co_await connection->run();
  } catch (const std::exception& error) {
    spdlog::error("http: a connection ended by an exception: {}", error.what());
  }
  core->leave(id, peer);
}

}  // namespace

asio::awaitable<void> serve_plain(std::shared_ptr<ServerCore> core, tcp::socket socket) {
  return serve(std::move(core), PlainStream(std::move(socket)));
}

asio::awaitable<void> serve_tls(std::shared_ptr<ServerCore> core, tcp::socket socket, asio::ssl::context& tls) {
  return serve(std::move(core), TlsStream(std::move(socket), tls));
}

}  // namespace salus::http
