#include "monitor/news2.hpp"

namespace salus::monitor {
namespace {

using enum News2Parameter;
using device::Value;

// Scale 2: above 92 % it is only oxygen that makes it worse.
constexpr ScoreBand scale_two_on_air[] = {{83, 3}, {85, 2}, {87, 1}, {band_above, 0}};
constexpr ScoreBand scale_two_on_oxygen[] = {{83, 3}, {85, 2}, {87, 1}, {92, 0}, {94, 1}, {96, 2}, {band_above, 3}};

std::uint8_t points(std::span<const ScoreBand> bands, std::int32_t value) {
  for (const ScoreBand& band : bands)
    if (value <= band.to) return band.points;
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
    std::uint8_t given = points(news2_input(parameter).bands, value);
    if (parameter == spo2 && scale == SpO2Scale::two) {
      // Not known whether on oxygen: the fewer points, for the score is "at least" then anyway.
      const bool on_oxygen = inputs[static_cast<std::size_t>(oxygen)].value_or(0) != 0;
      given = on_oxygen ? points(scale_two_on_oxygen, value) : points(scale_two_on_air, value);
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

std::int64_t news2_age_max_ns(News2Parameter parameter) {
  return news2_input(parameter).age_max_s * 1'000'000'000;
}

const ScoreInput& news2_input(News2Parameter parameter) {
  return score_tables()[0].items[static_cast<std::size_t>(parameter)].inputs[0];
}

}  // namespace salus::monitor
