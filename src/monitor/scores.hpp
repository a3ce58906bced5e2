// Scores that are added up from vitals: NEWS2, MEWS, qSOFA and SIRS. Bands are data (score_tables.cpp), and one engine
// reads them. For adults.
//
// An input that is missing or too old is never taken for normal: the score is then "at least n, incomplete", and each
// input says its value, its age and its points.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "device/code.hpp"

namespace salus::monitor {

// Points for values up to and including `to`, in steps (see ScoreInput); rows ascend, the last has no end.
struct ScoreBand {
  std::int32_t to;
  std::uint8_t points;
};
inline constexpr std::int32_t band_above = 0x7FFFFFFF;

// One way to judge an item, by whichever of `codes` is the freshest; of equals the first.
struct ScoreInput {
  std::array<std::string_view, 4> codes;  // aliases of one scale; empty ones are none
  std::int32_t step;                      // stored integers are rounded to it, halves away from zero; 1: exact
  std::int64_t age_max_s;
  std::span<const ScoreBand> bands;
};

// What counts once: the most that any of its inputs gives.
struct ScoreItem {
  std::string_view name;
  std::span<const ScoreInput> inputs;
};

struct ScoreTable {
  std::string_view name;
  std::string_view source;  // where its bands stand
  std::uint8_t trigger;     // from so many points on somebody is to act
  std::span<const ScoreItem> items;
};

// NEWS2 (SpO2 scale 1), MEWS, qSOFA, SIRS.
std::span<const ScoreTable> score_tables();

// A vital's newest value, as stored.
struct ScoreValue {
  device::Code code{};
  device::Value value = 0;
  std::int64_t time_ns = 0;
};

struct ScoredItem {
  std::string_view name;
  std::optional<ScoreValue> value;     // what the points are for; of a stale item the newest there is
  std::optional<std::uint8_t> points;  // nothing: missing, or too old
};
struct Score {
  std::string_view name;
  std::uint8_t total = 0;
  bool at_least = false;  // something is missing or too old: the true score may be higher
  bool triggered = false;
  std::vector<ScoredItem> items;
};

// `values` may hold whatever there is of a patient. Pure.
Score score(const ScoreTable& table, std::span<const ScoreValue> values, std::int64_t now_ns);

}  // namespace salus::monitor
