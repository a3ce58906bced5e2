#include "monitor/news2.hpp"

#include <limits>

namespace salus::monitor {
namespace {

using enum News2Parameter;
using device::Value;

// "up to and including `to`": rows of one parameter ascend. In whole units; temperature in tenths.
struct Band {
  News2Parameter parameter;
  std::int32_t to;
  std::uint8_t points;
};
constexpr std::int32_t above = std::numeric_limits<std::int32_t>::max();

// Royal College of Physicians: National Early Warning Score (NEWS) 2, 2017, chart 1.
constexpr Band bands[] = {
    {respiration, 8, 3},     {respiration, 11, 1},  {respiration, 20, 0},  {respiration, 24, 2},
    {respiration, above, 3}, {spo2, 91, 3},         {spo2, 93, 2},         {spo2, 95, 1},
    {spo2, above, 0},        {oxygen, 0, 0},        {oxygen, above, 2},    {systolic, 90, 3},
    {systolic, 100, 2},      {systolic, 110, 1},    {systolic, 219, 0},    {systolic, above, 3},
    {pulse, 40, 3},          {pulse, 50, 1},        {pulse, 90, 0},        {pulse, 110, 1},
    {pulse, 130, 2},         {pulse, above, 3},     {consciousness, 0, 0}, {consciousness, above, 3},
    {temperature, 350, 3},   {temperature, 360, 1}, {temperature, 380, 0}, {temperature, 390, 1},
    {temperature, above, 2},
};
// Scale 2: above 92 % it is only oxygen that makes it worse.
constexpr Band scale_two_on_air[] = {{spo2, 83, 3}, {spo2, 85, 2}, {spo2, 87, 1}, {spo2, above, 0}};
constexpr Band scale_two_on_oxygen[] = {{spo2, 83, 3}, {spo2, 85, 2}, {spo2, 87, 1},   {spo2, 92, 0},
                                        {spo2, 94, 1}, {spo2, 96, 2}, {spo2, above, 3}};

template <std::size_t size>
std::uint8_t points(const Band (&table)[size], News2Parameter parameter, std::int32_t value) {
  for (const Band& band : table)
    if (band.parameter == parameter && value <= band.to) return band.points;
  return 0;
}

// From the stored scale to the chart's: one decimal place less in all but flags and levels.
std::int32_t chart_value(News2Parameter parameter, Value stored) {
  if (parameter == oxygen || parameter == consciousness) return stored;
  return stored >= 0 ? (stored + 5) / 10 : -((-stored + 5) / 10);
}

}  // namespace

std::string_view name(News2Parameter parameter) {
  constexpr std::string_view names[] = {"rr", "spo2", "on_oxygen", "nibp_sys", "hr", "avpu", "temp"};
  return names[static_cast<std::size_t>(parameter)];
}

std::string_view name(Risk risk) {
  constexpr std::string_view names[] = {"low", "low-medium", "medium", "high"};
  return names[static_cast<std::size_t>(risk)];
}

News2 score_news2(const News2Inputs& inputs, SpO2Scale scale) {
  News2 result;
  for (std::size_t i = 0; i < news2_parameter_count; ++i) {
    const auto parameter = News2Parameter(i);
    if (!inputs[i]) {
      result.missing |= static_cast<std::uint8_t>(1U << i);
      continue;
    }
    const std::int32_t value = chart_value(parameter, *inputs[i]);
    std::uint8_t given = points(bands, parameter, value);
    if (parameter == spo2 && scale == SpO2Scale::two) {
      // Not known whether on oxygen: the fewer points, for the score is "at least" then anyway.
      const bool on_oxygen = inputs[static_cast<std::size_t>(oxygen)].value_or(0) != 0;
      given = on_oxygen ? points(scale_two_on_oxygen, spo2, value) : points(scale_two_on_air, spo2, value);
    }
    result.score = static_cast<std::uint8_t>(result.score + given);
    result.any_three |= given == 3;
  }
  result.risk = result.score >= 7   ? Risk::high
                : result.score >= 5 ? Risk::medium
                : result.any_three  ? Risk::low_medium
                                    : Risk::low;
  return result;
}

// Continuous vitals as on a monitor; the others as often as NEWS2 asks for at low risk.
std::int64_t news2_age_max_ns(News2Parameter parameter) {
  constexpr std::int64_t minute = 60'000'000'000;
  constexpr std::int64_t ages[] = {10 * minute, 10 * minute,      12 * 60 * minute, 60 * minute,
                                   10 * minute, 12 * 60 * minute, 12 * 60 * minute};
  return ages[static_cast<std::size_t>(parameter)];
}

}  // namespace salus::monitor
