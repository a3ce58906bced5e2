// The table of calls: what there is, who may, what goes in and out. The OpenAPI document is made from the same table,
// so neither can tell something that the other does not.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guard/authority.hpp"
#include "http/message.hpp"
#include "http/websocket.hpp"

namespace salus::http {

class StaticSite;

// Who may make a call.
class Access {
 public:
  static Access anyone() { return Access{Kind::anyone}; }
  static Access signed_in() { return Access{Kind::signed_in}; }
  static Access may(guard::Action action) { return Access{Kind::action, action}; }
  // `may(action)`, or anyone on the machine itself.
  static Access loopback_or(guard::Action action) { return Access{Kind::loopback_or_action, action}; }

  // A station makes no call that is not marked. It may make this one by itself, and the handler shows it no more than
  // its ward (Caller::sees).
  Access seen_by_stations() const { return with(Station::sees); }
  // At a station this needs a person with their PIN, in the header `Salus-Pin`; then it is the person who calls.
  Access by_person_at_stations() const { return with(Station::by_person); }

  bool needs_sign_in() const { return kind_ != Kind::anyone; }
  std::string description() const;
  // Sets request.caller where a token was needed. Errors: unauthenticated, forbidden, unavailable without `authority`.
  Result<void> check(Request& request, guard::Authority* authority) const;
  // Whether a person has still to be confirmed before the handler may run.
  bool needs_person(const Request& request) const;
  // For a person who was: their own rights.
  Result<void> check_person(const guard::Caller& person, guard::Authority& authority) const;

 private:
  enum class Station : std::uint8_t { nothing, sees, by_person };
  Access with(Station station) const {
    Access access = *this;
    access.station_ = station;
    return access;
  }
  enum class Kind : std::uint8_t { anyone, signed_in, action, loopback_or_action };
  explicit Access(Kind kind, guard::Action action = {}) : kind_(kind), action_(action) {}
  Kind kind_;
  guard::Action action_;
  Station station_ = Station::nothing;
};

inline constexpr std::string_view pin_header = "salus-pin";  // "person:digits"

// Who acts at a station, by the header's text. Outlives the router.
using ConfirmPerson =
    std::function<asio::awaitable<Result<guard::Caller>>(guard::Caller station, std::string proof, std::string peer)>;

// `request` lives until the returned coroutine is done (see Request). Handlers bound their own waits.
using Handler = std::function<asio::awaitable<Result<Response>>(const Request& request)>;

struct QueryParameter {
  std::string name;
  std::string description;
  std::string type = "string";  // of JSON schema
  bool required = false;
};

struct Route {
  Method method = Method::get;
  std::string pattern;  // "/api/devices/{id}/patient": a segment is literal or one {name}
  Access access = Access::signed_in();
  std::string summary;
  Handler handler;
  std::vector<QueryParameter> queries;
  json::value request;   // JSON schema of the body, or a text that describes it; null: none is read
  json::value response;  // the same of a success
  int success = 200;
  std::size_t body_bytes_max = 0;  // 0: the server's
  bool repeats_queries = false;    // whether a query parameter may come more than once
  // How this route words errors, those of access included; absent: problem+json.
  std::function<Response(const Error&)> refuse = {};
};

struct WebSocketRoute {
  std::string pattern;
  Access access = Access::anyone();  // most sign in by their first message
  std::string summary;
  // Runs as long as the socket is used; the socket closes when it returns.
  std::function<asio::awaitable<void>(const Request& request, std::shared_ptr<WebSocket> socket)> handler;
  std::vector<std::string> protocols;  // Sec-WebSocket-Protocol that it speaks; empty: none is negotiated
  std::size_t message_bytes_max = 64 << 10;
};

// Lifetime: filled before the server listens, unchanged after; outlives the server. Threads: any, once filled.
class Router {
 public:
  // `authority` may be null: then every call that needs signing in answers 503.
  explicit Router(guard::Authority* authority) : authority_(authority) {}

  // Requires: the pattern is well-formed, and no other route has its method and shape.
  void add(Route route);
  void add(WebSocketRoute route);
  // Without it nobody does anything at a station.
  void set_confirm_person(ConfirmPerson confirm) { confirm_person_ = std::move(confirm); }
  // Answers GET and HEAD where no route does. Outlives the router.
  void set_site(const StaticSite* site) { site_ = site; }

  struct Match {
    const Route* route = nullptr;
    const WebSocketRoute* socket = nullptr;
    std::optional<Response> answer;  // when neither: a file, 404, 405, the answer to OPTIONS
  };
  // Finds the call and fills request.params. A literal segment wins over a {name}.
  Match match(Request& request) const;

  // Finds the call, checks access, runs the handler: never fails. For the server, which does the same in steps so that
  // nobody's body is read before they may send one, and for tests without a socket.
  asio::awaitable<Response> answer(Request& request) const;

  Result<void> check(const Access& access, Request& request) const { return access.check(request, authority_); }
  // An error in the words of the route.
  static Response refusal(const Route* route, const Error& error) {
    return route != nullptr && route->refuse ? route->refuse(error) : problem(error);
  }
  // After check(): at a station confirms the person, then runs the handler; an error or exception becomes its
  // refusal.
  asio::awaitable<Response> run(const Route& route, Request& request) const;

  // OpenAPI 3.1.
  json::object openapi(std::string_view version) const;

 private:
  struct Entry {
    std::vector<std::string> segments;  // "{name}" for parameters
    bool trailing_slash = false;
    std::optional<Route> route;
    std::optional<WebSocketRoute> socket;
  };
  void insert(Entry entry, std::string_view pattern);
  Response no_route(const Request& request, const std::vector<const Entry*>& same_path) const;

  guard::Authority* authority_;
  ConfirmPerson confirm_person_;
  const StaticSite* site_ = nullptr;
  std::deque<Entry> entries_;
};

// GET /api/openapi.json
void add_openapi(Router& router, std::string version);

}  // namespace salus::http
