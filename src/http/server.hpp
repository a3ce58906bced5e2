// The HTTP/1.1 and WebSocket server. One coroutine per connection, on one core from its first byte to its last;
// requests of a connection are answered strictly in turn.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "http/router.hpp"

namespace salus::http {

struct ServerLimits {
  std::size_t head_bytes_max = 16 << 10;
  std::size_t body_bytes_max = 8 << 20;          // a route may set its own
  std::size_t connections_max = 8192;            // beyond: 503 and close
  std::size_t per_peer_max = 0;                  // connections of one address, the loopback excepted; 0: no limit
  std::size_t socket_queue_bytes_max = 4 << 20;  // what may wait for one WebSocket client
  milliseconds handshake{5'000};                 // TLS
  milliseconds head{10'000};   // from the first byte of a request, or from the connection, to the end of its head
  milliseconds body{30'000};   // from there to the end of its body
  milliseconds idle{60'000};   // between requests
  milliseconds write{30'000};  // to take the response, and a second more for each 64 KiB
  milliseconds ping{10'000};   // WebSockets
};

struct ServerSettings {
  ServerLimits limits;
  // What scripts, styles and connections a page of ours may use. Inline styles are allowed because the console's
  // components write them; inline scripts never.
  std::string content_security_policy =
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' "
      "data: "
      "blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
      "frame-ancestors 'none'";
};

// Upper bounds of the latency buckets; the last bucket takes the rest.
inline constexpr std::array<milliseconds, 8> kLatencyBounds = {milliseconds{1},    milliseconds{5},   milliseconds{10},
                                                               milliseconds{50},   milliseconds{100}, milliseconds{500},
                                                               milliseconds{1000}, milliseconds{5000}};

struct ServerCounters {
  std::array<std::uint64_t, 6> requests_by_class{};                // [2] counts 2xx; [0] what got no answer
  std::array<std::uint64_t, kLatencyBounds.size() + 1> latency{};  // head read to response written
  std::uint64_t bytes_in = 0;                                      // bodies
  std::uint64_t bytes_out = 0;                                     // bodies
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t websockets_open = 0;
};

class ServerCore;  // server_core.hpp
class Listener;

// Lifetime: `contexts` and `router` outlive it; stop() before they stop running.
// Threads: any for counters(); the rest from the thread that wires the program.
class Server {
 public:
  // Each context is run by exactly one thread: a connection's state relies on it. Requires: at least one.
  Server(std::vector<asio::io_context*> contexts, const Router& router, ServerSettings settings = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  using Endpoint = asio::ip::tcp::endpoint;
  // Listens, and says where: port 0 finds a free one. Errors: unavailable, with the system's reason.
  Result<Endpoint> listen(const Endpoint& endpoint);
  // `tls` outlives the server.
  Result<Endpoint> listen_tls(const Endpoint& endpoint, asio::ssl::context& tls);

  // Takes no new connection, lets requests in progress finish for `grace`, tells WebSockets that it goes away, then
  // cuts. Returns when no connection is left. Requires: the contexts run, and this is none of their threads.
  void stop(milliseconds grace = milliseconds{3'000});

  ServerCounters counters() const;

 private:
  Result<Endpoint> open(const Endpoint& endpoint, asio::ssl::context* tls);

  std::shared_ptr<ServerCore> core_;
  std::vector<asio::io_context*> contexts_;
  std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace salus::http
