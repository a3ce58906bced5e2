// Alarm limits: the hospital's defaults, and rows of their own for single devices.
#include "app/api/ward_context.hpp"
#include "app/values.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

json::object describe(const monitor::Limit& limit) {
  const auto number = [&](const std::optional<device::Value>& value) {
    return value ? number_of(limit.code, *value) : json::value(nullptr);
  };
  return {{"code", device::info(limit.code).alias()},
          {"unit", device::info(limit.code).unit},
          {"priority", monitor::name(limit.priority)},
          {"low", number(limit.low)},
          {"high", number(limit.high)},
          {"delay_ms", limit.delay_ms},
          {"hysteresis", number_of(limit.code, limit.hysteresis)},
          {"enabled", limit.enabled},
          {"by", limit.by},
          {"reason", limit.reason},
          {"set", limit.by.empty() ? json::value(nullptr) : json::value(to_iso(limit.set))}};
}

json::array rows(const std::vector<monitor::Limit>& limits) {
  json::array out;
  for (const monitor::Limit& limit : limits) out.push_back(describe(limit));
  return out;
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request&) {
  struct Scope {
    std::string name;
    std::vector<monitor::Limit> rows;
  };
  const auto scopes = co_await context.core.records().read([limits = &context.core.limits()]() {
    std::vector<Scope> out{{"", limits->list("")}};
    for (const std::string& scope : limits->scopes()) out.push_back({scope, limits->list(scope)});
    return out;
  });
  if (!scopes) co_return fail(scopes.error());
  json::object devices;
  for (const Scope& scope : *scopes)
    if (!scope.name.empty()) devices[scope.name] = rows(scope.rows);
  co_return http::json_response(200,
                                json::object{{"default", rows(scopes->front().rows)}, {"devices", std::move(devices)}});
}

asio::awaitable<Result<Response>> put(WardContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  json::object entry;
  for (const char* key : {"device", "code", "low", "high", "priority", "delay_ms", "hysteresis", "enabled", "reason"})
    if (const json::value* value = body->if_contains(key);
        value != nullptr && (!value->is_null() || *key == 'l' || *key == 'h'))
      entry[key] = *value;
  const std::string target = fmt::format("{}/{}", string_or(entry, "device", "default"), string_or(entry, "code"));
  const auto answer = co_await append(context, request, log::kind::limits_put, std::move(entry), target);
  if (!answer) co_return fail(answer.error());
  co_return co_await list(context, request);
}

}  // namespace

void add_limits(http::Router& router, WardContext& context) {
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/limits",
                         .access = http::Access::may(guard::Action::see_ward),
                         .summary = "Alarm limits",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = "{default: [limit], devices: {id: [limit]}}"});
  router.add(http::Route{.method = http::Method::put,
                         .pattern = "/api/limits",
                         .access = http::Access::may(guard::Action::set_limits),
                         .summary = "Set one row of limits",
                         .handler = with(context, put),
                         .queries = {},
                         .request = "{device?, code, low, high, priority, delay_ms, hysteresis, enabled, reason}",
                         .response = "{default: [limit], devices: {id: [limit]}}"});
}

}  // namespace salus::app
