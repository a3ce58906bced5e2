#include "monitor/scores.hpp"

namespace salus::monitor {
namespace {

std::int32_t rounded(device::Value stored, std::int32_t step) {
  const std::int32_t half = step / 2;
  return stored >= 0 ? (stored + half) / step : -((-stored + half) / step);
}

std::uint8_t points_of(const ScoreInput& input, device::Value stored) {
  const std::int32_t value = rounded(stored, input.step);
  for (const ScoreBand& band : input.bands)
    if (value <= band.to) return band.points;
  return 0;
}

// The freshest of the input's codes; of equals the first.
const ScoreValue* freshest(const ScoreInput& input, std::span<const ScoreValue> values) {
  const ScoreValue* found = nullptr;
  for (const std::string_view alias : input.codes) {
    if (alias.empty()) break;
    const device::Code code = device::code_named(alias);
    for (const ScoreValue& value : values)
      if (value.code == code && (found == nullptr || value.time_ns > found->time_ns)) found = &value;
  }
  return found;
}

ScoredItem judge(const ScoreItem& item, std::span<const ScoreValue> values, std::int64_t now_ns) {
  ScoredItem result{.name = item.name, .value = {}, .points = {}};
  for (const ScoreInput& input : item.inputs) {
    const ScoreValue* value = freshest(input, values);
    if (value == nullptr) continue;
    const bool stale = now_ns - value->time_ns > input.age_max_s * 1'000'000'000;
    if (stale) {
      if (!result.value) result.value = *value;
      continue;
    }
    const std::uint8_t points = points_of(input, value->value);
    if (result.points && points <= *result.points) continue;
    result.value = *value;
    result.points = points;
  }
  return result;
}

}  // namespace

Score score(const ScoreTable& table, std::span<const ScoreValue> values, std::int64_t now_ns) {
  Score result{.name = table.name, .items = {}};
  for (const ScoreItem& item : table.items) {
    ScoredItem one = judge(item, values, now_ns);
    result.at_least |= !one.points;
    result.total = static_cast<std::uint8_t>(result.total + one.points.value_or(0));
    result.items.push_back(one);
  }
  result.triggered = result.total >= table.trigger;
  return result;
}

}  // namespace salus::monitor
