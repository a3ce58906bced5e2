// Small things that several resources share.
#pragma once

#include <span>

#include "app/api/context.hpp"
#include "base/assert.hpp"

namespace salus::app {

// Requires: the route needs a sign-in.
inline const guard::Caller& caller_of(const http::Request& request) {
  SALUS_ASSERT(request.caller.has_value());
  return *request.caller;
}
inline guard::Actor actor_of(const http::Request& request) {
  return {.id = caller_of(request).id, .peer = request.peer};
}

// A handler without captures of its own, given the context: `context` outlives the router.
template <class Function>
http::Handler with(ApiContext& context, Function* function) {
  return [&context, function](const http::Request& request) { return function(context, request); };
}

inline constexpr std::int64_t kPageDefault = 100;
inline constexpr std::int64_t kPageMax = 1000;

inline Result<std::size_t> page_limit(const http::Request& request) {
  return request.query_int("limit", 1, kPageMax).map([](std::optional<std::int64_t> limit) {
    return static_cast<std::size_t>(limit.value_or(kPageDefault));
  });
}

// A list's answer: `next` empty means that this was the last page.
inline json::object page(json::array items, const std::string& next, std::uint64_t total) {
  return {
      {"items", std::move(items)}, {"next", next.empty() ? json::value(nullptr) : json::value(next)}, {"total", total}};
}

// For query parameters that give an instant. Errors: invalid.
inline Result<std::optional<Time>> query_time(const http::Request& request, std::string_view name) {
  const std::optional<std::string_view> text = request.query(name);
  if (!text) return std::optional<Time>{};
  return parse_iso(*text).map([](Time time) { return std::optional<Time>{time}; });
}

// What the body says of these members; null says nothing.
inline json::object members_of(const json::object& body, std::span<const char* const> members) {
  json::object out;
  for (const char* key : members)
    if (const json::value* value = body.if_contains(key); value != nullptr && !value->is_null()) out[key] = *value;
  return out;
}

inline json::array role_names(const std::vector<guard::Role>& roles) {
  json::array names;
  for (const guard::Role role : roles) names.emplace_back(guard::name(role));
  return names;
}

inline const std::vector<http::QueryParameter>& page_queries() {
  static const std::vector<http::QueryParameter> queries{
      {"limit", "Items on a page, 1 to 1000; default 100", "integer"}, {"cursor", "The \"next\" of the page before"}};
  return queries;
}

}  // namespace salus::app
