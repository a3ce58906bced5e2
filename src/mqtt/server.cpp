#include "mqtt/server.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "mqtt/core.hpp"

namespace salus::mqtt {

using asio::ip::tcp;

// One listening socket. Lives as long as its accept loop; used on the first core's thread.
struct Listener {
  Listener(std::vector<std::shared_ptr<Core>> cores_, asio::ssl::context* tls_)
      : cores(std::move(cores_)), tls(tls_), acceptor(cores.front()->context()) {}
  const std::vector<std::shared_ptr<Core>> cores;
  asio::ssl::context* const tls;
  tcp::acceptor acceptor;
};

namespace {

constexpr milliseconds accept_pause{100};

void hand_over(const Listener& listener, Core& core, tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  socket.set_option(asio::socket_base::keep_alive{true}, ignored);
  core.adopt(listener.tls == nullptr ? tcp_stream(std::move(socket))
                                     : tls_stream(std::move(socket), *listener.tls, Side::server));
}

// Connections go round robin, each to the core that it stays on.
asio::awaitable<void> accept(std::shared_ptr<Listener> listener) {
  asio::steady_timer pause{listener->cores.front()->context()};
  for (std::size_t turn = 0; listener->acceptor.is_open(); ++turn) {
    Core& core = *listener->cores[turn % listener->cores.size()];
    auto [error, socket] =
        co_await listener->acceptor.async_accept(core.context(), asio::as_tuple(asio::use_awaitable));
    if (!error) {
      hand_over(*listener, core, std::move(socket));
    } else if (error != asio::error::operation_aborted) {
      // No descriptors, most likely. Those that wait stay in the backlog; asking again at once would only burn a core.
      pause.expires_after(accept_pause);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

// For a limited time: whether `what` ran on `context`'s thread.
template <class What>
bool run_on(asio::io_context& context, milliseconds limit, What what) {
  struct Ran {
    std::mutex mutex;
    std::condition_variable changed;
    bool yes = false;
  };
  const auto ran = std::make_shared<Ran>();
  asio::post(context, [ran, what = std::move(what)] {
    what();
    const std::scoped_lock lock{ran->mutex};
    ran->yes = true;
    ran->changed.notify_all();
  });
  std::unique_lock lock{ran->mutex};
  return ran->changed.wait_for(lock, limit, [&] { return ran->yes; });
}

}  // namespace

Server::Server(std::vector<asio::io_context*> contexts, guard::Authority& authority, Intake& intake, const Clock& clock,
               Limits limits)
    : hub_(std::make_shared<Hub>(authority, intake, clock, limits)) {
  SALUS_ASSERT(!contexts.empty());
  for (asio::io_context* context : contexts) cores_.push_back(std::make_shared<Core>(*context, hub_));
}

Server::~Server() {
  if (!stopped_) stop(milliseconds{1000});
}

namespace {

Result<void> open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return {};
  return fail(ErrorCode::unavailable, "MQTT cannot listen on {}:{}: {}.", endpoint.address().to_string(),
              endpoint.port(), error.message());
}

}  // namespace

Result<tcp::endpoint> Server::listen(const tcp::endpoint& endpoint) {
  auto listener = std::make_shared<Listener>(cores_, nullptr);
  if (const auto opened = open(listener->acceptor, endpoint); !opened) return fail(opened.error());
  return start(std::move(listener));
}

Result<tcp::endpoint> Server::listen_tls(const tcp::endpoint& endpoint, asio::ssl::context& tls) {
  auto listener = std::make_shared<Listener>(cores_, &tls);
  if (const auto opened = open(listener->acceptor, endpoint); !opened) return fail(opened.error());
  return start(std::move(listener));
}

Result<tcp::endpoint> Server::listen_on(int descriptor, asio::ssl::context* tls) {
  auto listener = std::make_shared<Listener>(cores_, tls);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return fail(ErrorCode::unavailable, "Descriptor {} is not a socket.", descriptor);
  boost::system::error_code error;
  listener->acceptor.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), descriptor, error);
  if (error) return fail(ErrorCode::unavailable, "Descriptor {}: {}.", descriptor, error.message());
  return start(std::move(listener));
}

Result<tcp::endpoint> Server::start(std::shared_ptr<Listener> listener) {
  boost::system::error_code error;
  const tcp::endpoint at = listener->acceptor.local_endpoint(error);
  if (error) return fail(ErrorCode::unavailable, "MQTT cannot listen: {}.", error.message());
  listeners_.push_back(listener);
  asio::co_spawn(cores_.front()->context(), accept(std::move(listener)), asio::detached);
  return at;
}

void Server::adopt(std::unique_ptr<Stream> stream, std::size_t index) {
  SALUS_ASSERT(index < cores_.size());
  cores_[index]->adopt(std::move(stream));
}

void Server::stop(milliseconds limit) {
  stopped_ = true;
  hub_->stopping = true;
  for (const auto& listener : listeners_)
    asio::post(cores_.front()->context(), [listener] {
      boost::system::error_code ignored;
      listener->acceptor.close(ignored);
    });
  for (const auto& core : cores_) core->end_all(Reason::shutting_down);
  const auto all_left = [&](milliseconds within) {
    std::unique_lock lock{hub_->mutex};
    return hub_->changed.wait_for(lock, within, [&] { return hub_->open == 0; });
  };
  if (!all_left(limit)) {
    for (const auto& core : cores_) core->close_all();
    all_left(milliseconds{500});
  }
  for (const auto& core : cores_) run_on(core->context(), milliseconds{500}, [core] { core->retire(); });
}

CounterValues Server::counters() const {
  return hub_->counters.values();
}

}  // namespace salus::mqtt
