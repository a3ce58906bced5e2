#include "http/router.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/assert.hpp"
#include "http/static_site.hpp"

namespace salus::http {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

std::vector<std::string> split_pattern(std::string_view pattern) {
  SALUS_ASSERT(pattern.starts_with('/'));
  std::vector<std::string> segments;
  pattern.remove_prefix(1);
  while (!pattern.empty()) {
    const std::string_view segment = pattern.substr(0, pattern.find('/'));
    SALUS_ASSERT(!segment.empty() && (!is_parameter(segment) || segment.ends_with('}')));
    segments.emplace_back(segment);
    pattern.remove_prefix(std::min(segment.size() + 1, pattern.size()));
  }
  return segments;
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  return std::ranges::equal(pattern, segments, [](const std::string& wanted, const std::string& given) {
    return is_parameter(wanted) || wanted == given;
  });
}

// Whether `a` is literal where `b` first differs from it.
bool is_more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
  return false;
}

bool same_shape(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::equal(
      a, b, [](const std::string& x, const std::string& y) { return (is_parameter(x) && is_parameter(y)) || x == y; });
}

Fields params_of(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  Fields params;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (is_parameter(pattern[i])) params.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
  return params;
}

// RFC 6750 2.1. The scheme's name is case-insensitive.
std::string_view bearer_of(const Request& request) {
  const std::string_view value = request.header("authorization");
  constexpr std::string_view scheme = "bearer ";
  if (value.size() <= scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((value[i] | 0x20) != (scheme[i] | 0x20)) return {};
  return value.substr(scheme.size());
}

// At most 64 of them (target.hpp).
bool has_repeats(const Fields& queries) {
  for (auto at = queries.begin(); at != queries.end(); ++at)
    if (std::any_of(queries.begin(), at, [&](const auto& before) { return before.first == at->first; })) return true;
  return false;
}

}  // namespace

std::string Access::description() const {
  switch (kind_) {
    case Kind::anyone:
      return "anyone";
    case Kind::signed_in:
      return "whoever is signed in";
    case Kind::action:
      return "who may " + std::string(guard::name(action_));
    case Kind::loopback_or_action:
      return "this machine, or who may " + std::string(guard::name(action_));
  }
  return {};
}

Result<void> Access::check(Request& request, guard::Authority* authority) const {
  if (kind_ == Kind::anyone || (kind_ == Kind::loopback_or_action && request.loopback)) return {};
  if (authority == nullptr) return fail(ErrorCode::unavailable, "Nobody can sign in yet; try again shortly.");
  Result<guard::Caller> caller = authority->bearer(bearer_of(request));
  if (!caller) return fail(std::move(caller.error()));
  request.caller = std::move(*caller);
  if (request.caller->kind == guard::Caller::Kind::station) {
    if (station_ == Station::sees) return {};
    if (station_ == Station::nothing)
      return fail(ErrorCode::forbidden, "A station may not do this; sign in with your own account elsewhere.");
    if (!request.header(pin_header).empty()) return {};  // needs_person()
    return fail(ErrorCode::pin_refused, "At a station this needs a person and their PIN (header Salus-Pin).");
  }
  if (kind_ == Kind::signed_in) return {};
  return authority->permit(*request.caller, action_, {});
}

bool Access::needs_person(const Request& request) const {
  return station_ != Station::sees && request.caller && request.caller->kind == guard::Caller::Kind::station;
}

Result<void> Access::check_person(const guard::Caller& person, guard::Authority& authority) const {
  if (station_ != Station::by_person)
    return fail(ErrorCode::forbidden, "A station may not do this; sign in with your own account elsewhere.");
  return kind_ == Kind::action ? authority.permit(person, action_, {}) : Result<void>{};
}

void Router::insert(Entry entry, std::string_view pattern) {
  entry.segments = split_pattern(pattern);
  entry.trailing_slash = pattern.ends_with('/');
  for (const Entry& other : entries_) {
    const bool same_method = !other.route || !entry.route || other.route->method == entry.route->method;
    SALUS_ASSERT(
        !(same_method && other.trailing_slash == entry.trailing_slash && same_shape(other.segments, entry.segments)));
  }
  entries_.push_back(std::move(entry));
}

void Router::add(Route route) {
  SALUS_ASSERT(route.handler && route.method != Method::head && route.method != Method::options);
  const std::string pattern = route.pattern;
  insert(Entry{.segments = {}, .route = std::move(route), .socket = {}}, pattern);
}

void Router::add(WebSocketRoute route) {
  SALUS_ASSERT(route.handler);
  const std::string pattern = route.pattern;
  insert(Entry{.segments = {}, .route = {}, .socket = std::move(route)}, pattern);
}

Router::Match Router::match(Request& request) const {
  std::vector<const Entry*> same_path;
  for (const Entry& entry : entries_)
    if (entry.trailing_slash == request.trailing_slash && fits(entry.segments, request.segments))
      same_path.push_back(&entry);
  const Method method = request.method == Method::head ? Method::get : request.method;
  const Entry* best = nullptr;
  for (const Entry* entry : same_path) {
    const bool takes = entry->socket ? request.method == Method::get : entry->route->method == method;
    if (takes && (best == nullptr || is_more_literal(entry->segments, best->segments))) best = entry;
  }
  if (best == nullptr) return {.answer = no_route(request, same_path)};
  request.params = params_of(best->segments, request.segments);
  if (has_repeats(request.queries) && !(best->route && best->route->repeats_queries)) {
    const Error error{ErrorCode::invalid, "A query parameter is given twice; give each once."};
    return {.answer = refusal(best->route ? &*best->route : nullptr, error)};
  }
  if (best->socket) return {.socket = &*best->socket, .answer = {}};
  return {.route = &*best->route, .answer = {}};
}

Response Router::no_route(const Request& request, const std::vector<const Entry*>& same_path) const {
  const bool reads = request.method == Method::get || request.method == Method::head;
  if (same_path.empty()) {
    if (reads && site_ != nullptr) return site_->answer(request);
    return problem(404, "not_found", "Nothing is at this path; GET /api/openapi.json lists what is.");
  }
  std::string allow = "OPTIONS";
  for (const Entry* entry : same_path) {
    const Method method = entry->socket ? Method::get : entry->route->method;
    allow += fmt::format(", {}{}", name(method), method == Method::get && entry->route ? ", HEAD" : "");
  }
  Response response = request.method == Method::options
                          ? empty_response(204)
                          : problem(405, "method_not_allowed", fmt::format("This path takes {}.", allow));
  response.set("Allow", allow);
  return response;
}

asio::awaitable<Response> Router::run(const Route& route, Request& request) const {
  try {
    if (route.access.needs_person(request)) {
      if (!confirm_person_ || authority_ == nullptr)
        co_return refusal(&route, {ErrorCode::forbidden, "Nobody can act at a station here."});
      Result<guard::Caller> person =
          co_await confirm_person_(*request.caller, std::string(request.header(pin_header)), request.peer);
      if (!person) co_return refusal(&route, person.error());
      if (Result<void> allowed = route.access.check_person(*person, *authority_); !allowed)
        co_return refusal(&route, allowed.error());
      request.caller = std::move(*person);
    }
    std::erase_if(request.headers, [](const auto& field) { return field.first == pin_header; });
    Result<Response> response = co_await route.handler(request);
    if (response) co_return std::move(*response);
    co_return refusal(&route, response.error());
  } catch (const std::exception& error) {
    // A handler's libraries must not throw through it. The client gets no details; the operator does.
    spdlog::error("{} {} threw: {}", name(route.method), route.pattern, error.what());
  }
  co_return problem(500, "internal", "The server failed to handle this request; its log says why.");
}

asio::awaitable<Response> Router::answer(Request& request) const {
  Match match = this->match(request);
  if (match.answer) co_return std::move(*match.answer);
  if (match.socket != nullptr) co_return problem(426, "upgrade_required", "This path speaks WebSocket.");
  if (Result<void> allowed = check(match.route->access, request); !allowed)
    co_return refusal(match.route, allowed.error());
  co_return co_await run(*match.route, request);
}

}  // namespace salus::http
