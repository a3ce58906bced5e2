#include "monitor/condition.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace salus::monitor {
namespace {

std::string with_unit(Value value, const device::CodeInfo& code) {
  const std::string number = device::decimal_text(value, code.scale);
  if (code.unit.starts_with('{')) return number;
  return code.unit == "mm[Hg]" ? number + " mmHg"
         : code.unit == "Cel"  ? number + " °C"
                               : fmt::format("{} {}", number, code.unit);
}

// A number as it was measured: no binary fraction in between. `text` is decimal_text().
std::string json_number(const std::optional<Value>& value, unsigned scale) {
  return value ? device::decimal_text(*value, scale) : "null";
}

std::string quoted(std::string_view text) {
  return json_text(json::value(text));
}

}  // namespace

std::string_view name(ConditionRule rule) {
  constexpr std::string_view names[] = {"low",
                                        "high",
                                        "no_data",
                                        "news2",
                                        "device_gone",
                                        "asystole",
                                        "ecg_lead_off",
                                        "ecg_noisy",
                                        "patient_mismatch",
                                        "no_audible_screen",
                                        "stations_gone"};
  static_assert(std::size(names) == rule_count);
  return names[static_cast<std::size_t>(rule)];
}

std::optional<ConditionRule> rule_from(std::string_view text) {
  for (std::size_t i = 0; i < rule_count; ++i)
    if (name(ConditionRule(i)) == text) return ConditionRule(i);
  return std::nullopt;
}

std::string text_of(const Condition& condition) {
  if (condition.rule == ConditionRule::patient_mismatch) return "Device reports another patient";
  if (condition.code == device::no_code) return "Device is silent";
  const device::CodeInfo& code = device::info(condition.code);
  const std::string limit = with_unit(condition.limit.value_or(0), code);
  switch (condition.rule) {
    case ConditionRule::asystole:
      return "Asystole";
    case ConditionRule::ecg_lead_off:
      return "ECG lead off";
    case ConditionRule::ecg_noisy:
      return "ECG noisy";
    case ConditionRule::low:
      return fmt::format("{} below {}", code.english, limit);
    case ConditionRule::high:
      return fmt::format("{} above {}", code.english, limit);
    case ConditionRule::news2:
      return fmt::format("NEWS2 above {}", limit);
    case ConditionRule::no_data:
      return fmt::format("{} is missing", code.english);
    case ConditionRule::device_gone:
    case ConditionRule::patient_mismatch:
    case ConditionRule::no_audible_screen:
    case ConditionRule::stations_gone:
      break;
  }
  return "Device is silent";
}

std::string alarm_body(const Condition& condition, std::string_view bed, std::string_view ward) {
  const bool vital = condition.code != device::no_code;
  const unsigned scale = vital ? device::info(condition.code).scale : 0;
  return fmt::format(
      R"({{"id":{},"device":{},"bed":{},"ward":{},"code":{},"rule":"{}","priority":"{}","value":{},"limit":{},"unit":{},"text":{},"raised":"{}","epoch":{},"offset":{}{}}})",
      quoted(condition.id), quoted(condition.device), quoted(bed), quoted(ward),
      quoted(vital ? device::info(condition.code).alias() : ""), name(condition.rule), name(condition.priority),
      json_number(condition.value, scale), json_number(condition.limit, scale),
      quoted(vital ? device::info(condition.code).unit : ""), quoted(text_of(condition)), to_iso(condition.raised),
      number(condition.position.epoch), number(condition.position.offset),
      condition.latching ? R"(,"latching":true)" : "");
}

std::string alarm_end_body(std::string_view id, Time at) {
  return fmt::format(R"({{"id":{},"at":"{}"}})", quoted(id), to_iso(at));
}

}  // namespace salus::monitor
