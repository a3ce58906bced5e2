// What a handler sees of a request and what it gives back. No Beast here: handlers know HTTP, not its library.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "guard/authority.hpp"

namespace salus::http {

namespace asio = boost::asio;

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };
std::string_view name(Method method);
std::optional<Method> method_from(std::string_view name);

using Fields = std::vector<std::pair<std::string, std::string>>;

// Lifetime: the connection owns it until the response has been written, so a handler may keep references to it across
// co_await, but not in what outlives its coroutine. Not shared between threads.
struct Request {
  Method method = Method::get;
  std::string target;                 // as it came, for logs
  std::vector<std::string> segments;  // of the path, decoded once; never empty, ".", ".." or holding '/' or NUL
  bool trailing_slash = false;
  Fields params;     // what the route's {names} matched, decoded
  Fields queries;    // decoded; no name twice, unless the route says otherwise
  Fields headers;    // names in lower case, in order, outer white space removed
  std::string body;  // whole, unchunked and inflated
  std::string peer;  // address without port
  bool loopback = false;
  bool tls = false;
  std::optional<guard::Caller> caller;  // who signed in; present unless the route is open to anyone

  // Requires: the route's pattern has {name}.
  const std::string& param(std::string_view name) const;
  // nullopt when absent: `?x` and `?x=` are present and empty.
  std::optional<std::string_view> query(std::string_view name) const;
  // Errors: invalid, when present and not a whole number within [low, high].
  Result<std::optional<std::int64_t>> query_int(std::string_view name, std::int64_t low, std::int64_t high) const;
  // `name` in lower case; the first one; empty when absent.
  std::string_view header(std::string_view name) const;
  // The body as a JSON object. Errors: invalid, too_large.
  Result<json::object> json() const;
};

// The next piece of a long body; an empty one ends it. An error cuts the connection, so that a client never takes half
// an answer for a whole one.
using BodySource = std::function<asio::awaitable<Result<std::string>>()>;

struct Response {
  int status = 200;
  Fields headers;  // Content-Length, Date, Connection and the security headers are added when it is written
  std::variant<std::string, std::shared_ptr<const std::string>, BodySource> body;

  void set(std::string_view name, std::string value);  // replaces
  std::string_view header(std::string_view name) const;
};

std::string_view reason(int status);

Response empty_response(int status);
Response text_response(int status, std::string_view content_type, std::string text);
Response json_response(int status, const json::value& value);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7).
std::string http_date(Time time);
// That form alone, which every sender of today uses; nothing for others.
std::optional<Time> parse_http_date(std::string_view text);

// The one table from errors to statuses.
int status_of(ErrorCode code);
// RFC 9457. `unauthenticated` also says how to sign in, `rate_limited` and `unavailable` when to come again.
Response problem(const Error& error);
// For what has no ErrorCode of its own: 405, 408, 415, 431 …
Response problem(int status, std::string_view code, std::string_view detail);

}  // namespace salus::http
