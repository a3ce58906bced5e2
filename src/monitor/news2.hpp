// The National Early Warning Score 2 (Royal College of Physicians, 2017). Bands, sources and ages are data
// (score_tables.cpp).
//
// For adults who are not pregnant. A parameter that is missing or too old is never taken for normal: the score is then
// "at least n". SpO2 scale 2 applies only by a clinician's order (target 88 to 92 %).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "device/code.hpp"
#include "monitor/scores.hpp"

namespace salus::monitor {

enum class News2Parameter : std::uint8_t { respiration, spo2, oxygen, systolic, pulse, consciousness, temperature };
inline constexpr std::size_t news2_parameter_count = 7;
std::string_view name(News2Parameter parameter);

// In stored integers of rr, spo2, on_oxygen, nibp_sys, hr, avpu and temp. Nothing: missing.
using News2Inputs = std::array<std::optional<device::Value>, news2_parameter_count>;

enum class SpO2Scale : std::uint8_t { one, two };
enum class Risk : std::uint8_t { low, low_medium, medium, high };
std::string_view name(Risk risk);

struct News2 {
  std::uint8_t score = 0;
  std::uint8_t missing = 0;  // bit per News2Parameter
  bool any_three = false;    // a single parameter gives three points
  Risk risk = Risk::low;
  bool at_least() const { return missing != 0; }  // the true score may be higher
  bool operator==(const News2&) const = default;
};

// Values are first rounded to what the chart is read in: whole numbers, tenths of a degree; halves away from zero.
News2 score_news2(const News2Inputs& inputs, SpO2Scale scale);

// How old an input may be.
std::int64_t news2_age_max_ns(News2Parameter parameter);
// Which codes may stand for it, and its bands on SpO2 scale 1.
const ScoreInput& news2_input(News2Parameter parameter);

}  // namespace salus::monitor
