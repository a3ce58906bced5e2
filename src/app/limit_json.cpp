#include "app/limit_json.hpp"

#include "app/values.hpp"

namespace salus::app {

json::object limit_json(const monitor::Limit& limit) {
  const auto number = [&](const std::optional<device::Value>& value) {
    return value ? number_of(limit.code, *value) : json::value(nullptr);
  };
  return {{"code", device::info(limit.code).alias()},
          {"unit", device::info(limit.code).unit},
          {"priority", monitor::name(limit.priority)},
          {"low", number(limit.low)},
          {"high", number(limit.high)},
          {"delay_ms", limit.delay_ms},
          {"end_delay_ms", limit.end_delay_ms},
          {"hysteresis", number_of(limit.code, limit.hysteresis)},
          {"enabled", limit.enabled},
          {"latching", limit.latching},
          {"by", limit.by},
          {"reason", limit.reason},
          {"source", limit.source},
          {"set", limit.by.empty() ? json::value(nullptr) : json::value(to_iso(limit.set))}};
}

json::object scope_json(const monitor::Scope& scope) {
  json::object out{{"kind", monitor::name(scope.kind)}};
  monitor::put_scope(out, scope);
  return out;
}

json::object limit_json(const monitor::ScopedLimit& row) {
  json::object out = limit_json(row.limit);
  out["scope"] = scope_json(row.scope);
  return out;
}

}  // namespace salus::app
