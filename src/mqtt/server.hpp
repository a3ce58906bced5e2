// The MQTT gate: listens, and runs each connection on one of the io_contexts it was given.
//
//   mqtt::Server server{{&context0, &context1}, authority, intake, clock, limits};
//   const auto at = server.listen({address, 1883});
//   ... run each context on one thread ...
//   server.stop(std::chrono::seconds{5});   // while the contexts still run
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <vector>

#include "mqtt/counters.hpp"
#include "mqtt/intake.hpp"
#include "mqtt/limits.hpp"
#include "mqtt/stream.hpp"

namespace salus::mqtt {

struct Hub;
class Core;
struct Listener;

// Lifetime: the io_contexts, authority, intake and clock outlive it, and authority and intake any Done still out.
// Threads: one at a time, and none that runs one of the io_contexts; counters() from any.
class Server {
 public:
  // Requires: at least one context, each run by exactly one thread.
  Server(std::vector<asio::io_context*> contexts, guard::Authority& authority, Intake& intake, const Clock& clock,
         Limits limits = {});
  ~Server();  // stop(), if nobody has
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Accepts connections from now on; port 0 takes a free one. Returns where it listens.
  // Errors: unavailable (address in use, not ours, no right to it).
  Result<asio::ip::tcp::endpoint> listen(const asio::ip::tcp::endpoint& endpoint);
  // The same with TLS. `tls` is the caller's and says everything about it: versions, suites, our certificate, and
  // whether clients may or must show one; one that the context verified is shown to Authority::sign_in().
  Result<asio::ip::tcp::endpoint> listen_tls(const asio::ip::tcp::endpoint& endpoint, asio::ssl::context& tls);
  // A socket that listens already (from systemd). `tls` may be nullptr. Takes the descriptor over.
  Result<asio::ip::tcp::endpoint> listen_on(int descriptor, asio::ssl::context* tls);

  // Serves MQTT on a stream that something else made (a WebSocket), on context `index`, to which it must belong.
  void adopt(std::unique_ptr<Stream> stream, std::size_t index);
  std::size_t contexts() const { return cores_.size(); }

  // Accepts no more, tells 5.0 clients "server shutting down", closes, and waits for that at most about `limit`.
  // Requires: the contexts run. Afterwards nothing of this gate touches them.
  void stop(milliseconds limit);

  CounterValues counters() const;

 private:
  Result<asio::ip::tcp::endpoint> start(std::shared_ptr<Listener> listener);

  std::shared_ptr<Hub> hub_;
  std::vector<std::shared_ptr<Core>> cores_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  bool stopped_ = false;
};

}  // namespace salus::mqtt
