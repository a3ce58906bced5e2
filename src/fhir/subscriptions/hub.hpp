// Sends events to the sockets that are bound to subscriptions, as soon as they are applied.
//
// Each binding has the number of its next event and reads events from the view, so nothing is kept here that could be
// lost: a socket that comes back says from which number it goes on. A socket that does not keep up is fed slowly; one
// that takes nothing for `stuck_max` is closed with the number it can resume at.
//
// Bounds: `bindings_max` bindings, `per_socket_max` of one socket, `tokens_max` tokens for `token_life`.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "fhir/subscriptions/store.hpp"
#include "http/router.hpp"

namespace salus::fhir {

// Lifetime: everything given outlives it; it outlives its sockets' handlers. Threads: any.
class SubscriptionHub {
 public:
  static constexpr std::size_t bindings_max = 5'000;
  static constexpr std::size_t per_socket_max = 100;
  static constexpr std::size_t tokens_max = 10'000;
  static constexpr seconds token_life{3'600};
  static constexpr seconds stuck_max{10};
  static constexpr std::size_t queued_bytes_max = 1 << 20;  // of a socket; then it is fed no more for a while
  static constexpr std::size_t batch_max = 64;              // events of a binding in one turn
  static constexpr EventNumber from_now = 0;

  SubscriptionHub(const SubscriptionStore& store, guard::Authority& authority, const Clock& clock,
                  asio::any_io_executor executor);

  // There may be new events. Cheap; also from the apply thread.
  void wake();
  // Feeds those who lag, sends heartbeats, ends those whose rights are gone. Runs until its io_context stops.
  asio::awaitable<void> run();

  // A socket's way to be bound without a header: `token` names who asked, and for which subscription.
  struct Token {
    std::string text;
    Time expires{};
  };
  // Errors: too_large.
  Result<Token> issue(const guard::Caller& caller, const std::string& id, const std::string& base);
  struct Meant {
    guard::Caller caller;
    std::string id, base;
    Time expires{};
  };
  // Errors: unauthenticated.
  Result<Meant> redeem(std::string_view token);

  enum class Voice : std::uint8_t {
    bundles,  // events as Bundles
    pings,    // "ping ID", as R4 says it
  };
  // From `next` on (from_now: what comes), with a handshake or "bound ID" before. Errors, given to `refused` on the
  // hub's thread: not_found, forbidden, conflict (it does not listen), not_found (events that are not kept), too_large.
  void bind(std::shared_ptr<http::WebSocket> socket, Meant meant, Voice voice, EventNumber next,
            std::function<void(Error)> refused);
  void unbind(std::shared_ptr<http::WebSocket> socket, std::string id);  // empty id: all of the socket

  std::size_t bindings() const { return count_; }
  // Whether anybody was bound to it since `time`. On the hub's thread.
  std::optional<Time> last_bound(ResourceNumber number) const;
  const asio::any_io_executor& executor() const { return executor_; }

 private:
  struct Binding {
    std::shared_ptr<http::WebSocket> socket;
    Meant meant;
    Voice voice = Voice::bundles;
    ResourceNumber number{};
    EventNumber next = 1;
    Time spoken{};                 // when something was sent last
    std::optional<Time> behind{};  // since when it could not be fed
  };
  using Bindings = std::multimap<ResourceNumber, Binding>;

  Result<void> add(std::shared_ptr<http::WebSocket> socket, Meant meant, Voice voice, EventNumber next);
  void pump();
  void check_rights();
  bool feed(Binding& binding, const Known& known, const view::Cut& cut, Time now);
  bool send_events(Binding& binding, const Known& known, std::span<const Event> events, Time now);
  void heartbeat(Time now);
  const Known* known_of(ResourceNumber number, const view::Cut& cut);

  const SubscriptionStore& store_;
  guard::Authority& authority_;
  const Clock& clock_;
  asio::any_io_executor executor_;  // a strand: all but tokens is touched there alone
  std::atomic<bool> woken_{false};
  std::atomic<std::size_t> count_{0};

  Bindings bindings_;
  std::map<ResourceNumber, Known> known_;
  std::map<ResourceNumber, Time> last_bound_;
  std::uint64_t rights_ = 0;
  bool lagging_ = false;

  std::mutex mutex_;  // of the tokens
  std::unordered_map<std::string, Meant> tokens_;
};

// The route /ws/subscriptions-r4. `hub` and `authority` outlive the router.
void add_subscription_socket(http::Router& router, SubscriptionHub& hub, guard::Authority& authority);

}  // namespace salus::fhir
