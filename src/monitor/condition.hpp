// Something that is wrong with a patient or a device, from when it is noticed until it is over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "device/code.hpp"
#include "log/run.hpp"
#include "monitor/limits.hpp"

namespace salus::monitor {

enum class ConditionRule : std::uint8_t {
  low,
  high,
  no_data,
  news2,
  device_gone,
  asystole,      // no beat in the ECG
  ecg_lead_off,  // no electrode is attached
  ecg_noisy,
  patient_mismatch,  // the device names another patient than its binding
  // Of a ward, not of a device; the server notices them (app/screens.hpp).
  no_audible_screen,  // alarms, and nobody would hear them
  stations_gone,      // none of the ward's stations is linked
};
inline constexpr std::size_t rule_count = 11;
constexpr bool is_of_ward(ConditionRule rule) {
  return rule == ConditionRule::no_audible_screen || rule == ConditionRule::stations_gone;
}
std::string_view name(ConditionRule rule);
std::optional<ConditionRule> rule_from(std::string_view name);

struct Condition {
  std::string id;  // the same on every node and replay: device, rule, offset at which it was noticed, a counter
  std::string device;
  Code code = device::no_code;  // no_code: the device itself
  ConditionRule rule{};
  Priority priority{};
  std::optional<Value> value;  // at the moment it was raised
  std::optional<Value> limit;
  Time raised{};  // partition time
  log::Position position;
  bool latching = false;  // known while it is raised
};

// "SpO2 below 88 %": for people; never names a patient.
std::string text_of(const Condition& condition);

// The body of alarm_raised, with the bed and ward that the device is at.
std::string alarm_body(const Condition& condition, std::string_view bed, std::string_view ward);
std::string alarm_end_body(std::string_view id, Time at);

}  // namespace salus::monitor
