#include "http/server.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "base/logging.hpp"
#include "http/server_core.hpp"

namespace salus::http {
namespace {

using asio::ip::tcp;

LogLimit accept_lines{5};

// For a client that we have no room for. One attempt that cannot block: it fits into an empty socket's buffer.
void refuse(tcp::socket socket, bool plain) {
  static constexpr std::string_view text =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";
  boost::system::error_code ec;
  socket.non_blocking(true, ec);
  if (plain && !ec) socket.write_some(asio::buffer(text), ec);
  socket.shutdown(tcp::socket::shutdown_both, ec);
  socket.close(ec);
}

}  // namespace

// One listening socket. It lives on the first context; its connections go round all of them.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<ServerCore> core, std::vector<asio::io_context*> contexts, asio::ssl::context* tls)
      : core_(std::move(core)), contexts_(std::move(contexts)), acceptor_(*contexts_.front()), tls_(tls) {}

  Result<tcp::endpoint> open(const tcp::endpoint& endpoint) {
    boost::system::error_code ec;
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && endpoint.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(true), ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
    if (ec)
      return fail(ErrorCode::unavailable, "Cannot listen on {}:{}: {}; another program may hold the port.",
                  endpoint.address().to_string(), endpoint.port(), ec.message());
    return acceptor_.local_endpoint(ec);
  }

  void start() { asio::co_spawn(acceptor_.get_executor(), run(shared_from_this()), asio::detached); }

  void stop() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
      boost::system::error_code ec;
      self->acceptor_.close(ec);
      self->pause_.cancel();
    });
  }

 private:
  static asio::awaitable<void> run(std::shared_ptr<Listener> self) {
    for (std::size_t turn = 0; self->acceptor_.is_open(); ++turn) {
      asio::io_context& context = *self->contexts_[turn % self->contexts_.size()];
      auto [ec, socket] = co_await self->acceptor_.async_accept(context, asio::as_tuple(asio::use_awaitable));
      if (!ec) {
        self->take(context, std::move(socket));
        continue;
      }
      if (!self->acceptor_.is_open()) break;
      // Out of descriptors or memory: what is open goes on, and a moment later there may be room.
      log_limited(accept_lines, spdlog::level::warn, "A connection could not be accepted: {}", ec.message());
      self->pause_.expires_after(milliseconds{100});
      co_await self->pause_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  void take(asio::io_context& context, tcp::socket socket) {
    boost::system::error_code ec;
    const tcp::endpoint peer = socket.remote_endpoint(ec);
    if (ec) return;  // gone already
    if (core_->stopping() || !core_->admit(peer.address())) return refuse(std::move(socket), tls_ == nullptr);
    socket.set_option(tcp::no_delay(true), ec);
    if (tls_ == nullptr)
      asio::co_spawn(context, serve_plain(core_, std::move(socket)), asio::detached);
    else
      asio::co_spawn(context, serve_tls(core_, std::move(socket), *tls_), asio::detached);
  }

  std::shared_ptr<ServerCore> core_;
  const std::vector<asio::io_context*> contexts_;
  tcp::acceptor acceptor_;
  asio::ssl::context* tls_;
  asio::steady_timer pause_{*contexts_.front()};
};

Server::Server(std::vector<asio::io_context*> contexts, const Router& router, ServerSettings settings)
    : core_(std::make_shared<ServerCore>(router, std::move(settings))), contexts_(std::move(contexts)) {
  SALUS_ASSERT(!contexts_.empty());
}

Server::~Server() {
  for (const auto& listener : listeners_) listener->stop();
}

Result<Server::Endpoint> Server::open(const Endpoint& endpoint, asio::ssl::context* tls) {
  auto listener = std::make_shared<Listener>(core_, contexts_, tls);
  Result<Endpoint> bound = listener->open(endpoint);
  if (!bound) return bound;
  listener->start();
  listeners_.push_back(std::move(listener));
  return bound;
}

Result<Server::Endpoint> Server::listen(const Endpoint& endpoint) {
  return open(endpoint, nullptr);
}

Result<Server::Endpoint> Server::listen_tls(const Endpoint& endpoint, asio::ssl::context& tls) {
  return open(endpoint, &tls);
}

void Server::stop(milliseconds grace) {
  for (const auto& listener : listeners_) listener->stop();
  listeners_.clear();
  if (!core_->end_all(false, grace)) core_->end_all(true, milliseconds{2'000});
}

ServerCounters Server::counters() const {
  return core_->counters();
}

}  // namespace salus::http
