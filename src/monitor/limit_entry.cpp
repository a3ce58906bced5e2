// Limits as people and entries say them.
#include "base/text.hpp"
#include "device/unit.hpp"
#include "monitor/limits.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t delay_ms_max = 10 * 60 * 1000;

Result<std::optional<Value>> value_member(const json::object& body, std::string_view key, unsigned scale) {
  const Result<std::optional<double>> number = optional_number(body, key);
  if (!number) return fail(number.error());
  if (!*number) return std::optional<Value>{};
  device::Decimal decimal;
  Value value = 0;
  if (!device::decimal_of(**number, decimal) || !device::to_scaled(decimal, scale, value))
    return fail(ErrorCode::invalid, "Member '{}' is out of range.", key);
  return std::optional{value};
}

}  // namespace

std::string_view name(Priority priority) {
  constexpr std::string_view names[] = {"high", "medium", "low"};
  return names[static_cast<std::size_t>(priority)];
}

std::optional<Priority> priority_from(std::string_view text) {
  for (std::size_t i = 0; i < priority_count; ++i)
    if (name(Priority(i)) == text) return Priority(i);
  return std::nullopt;
}

std::string_view name(LimitAction action) {
  constexpr std::string_view names[] = {"put", "reset", "vacated"};
  return names[static_cast<std::size_t>(action)];
}

std::int64_t no_data_after_ns(Code code) {
  static const auto table = [] {
    std::array<std::int64_t, device::code_count_max> result{};
    for (const char* alias : {"hr", "hr_ecg", "pulse", "spo2", "rr", "rr_imp", "rr_co2", "art_sys", "art_map",
                              "abp_sys", "abp_map", "icp", "etco2"})
      result[device::index(device::code_named(alias))] = 30'000'000'000;
    return result;
  }();
  return table[device::index(code)];
}

Result<LimitName> read_limit_name(const json::object& body) {
  const Result<std::string> code = required_string(body, "code");
  if (!code) return fail(code.error());
  LimitName result;
  result.code = device::find_code(*code);
  if (result.code == device::no_code || device::info(result.code).kind == device::CodeKind::wave)
    return fail(ErrorCode::invalid, "Member 'code' names no vital sign that can have limits.");
  const auto priority = priority_from(string_or(body, "priority"));
  if (!priority) return fail(ErrorCode::invalid, "Member 'priority' must be high, medium or low.");
  result.priority = *priority;
  return result;
}

Result<Limit> read_limit(const json::object& body, Time now) {
  const Result<LimitName> named = read_limit_name(body);
  if (!named) return fail(named.error());
  Limit limit;
  limit.code = named->code;
  limit.priority = named->priority;
  const unsigned scale = device::info(limit.code).scale;
  const auto low = value_member(body, "low", scale), high = value_member(body, "high", scale),
             hysteresis = value_member(body, "hysteresis", scale);
  for (const auto* member : {&low, &high, &hysteresis})
    if (!*member) return fail(member->error());
  const auto enabled = optional_bool(body, "enabled"), latching = optional_bool(body, "latching");
  if (!enabled) return fail(enabled.error());
  if (!latching) return fail(latching.error());
  limit.low = *low;
  limit.high = *high;
  limit.hysteresis = hysteresis->value_or(0);
  limit.enabled = enabled->value_or(true);
  limit.latching = latching->value_or(false);
  limit.delay_ms = int_or(body, "delay_ms");
  limit.end_delay_ms = int_or(body, "end_delay_ms");
  limit.by = string_or(body, "by").substr(0, 128);
  limit.reason = string_or(body, "reason").substr(0, 512);
  limit.set = now;
  for (const std::int64_t delay_ms : {limit.delay_ms, limit.end_delay_ms})
    if (delay_ms < 0 || delay_ms > delay_ms_max) return fail(ErrorCode::invalid, "A delay is 0 to 600,000 ms.");
  if (limit.hysteresis < 0) return fail(ErrorCode::invalid, "A hysteresis is not negative.");
  if (limit.low && limit.high && *limit.low >= *limit.high)
    return fail(ErrorCode::invalid, "The low limit must be below the high one.");
  return limit;
}

}  // namespace salus::monitor
