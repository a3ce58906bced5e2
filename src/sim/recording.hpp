// A recording that can be played: waves with exact times, numbers with theirs. Readers fill it, the player plays it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "series/sample.hpp"

namespace salus::sim {

// A sampled channel. physical value = (sample - offset) × multiplier / 10^exponent, in the code's unit.
struct RecordedWave {
  std::string code;   // alias of src/device/code.cpp
  std::string label;  // as the recording calls it
  series::Period period;
  std::int32_t offset = 0;
  std::uint32_t multiplier = 1;
  std::uint8_t exponent = 0;
  std::vector<std::int32_t> samples;
  std::vector<bool> missing;  // empty: none
};

// Numbers that belong to one instant, as decimal text, so that nothing is lost in between.
struct RecordedNumbers {
  std::int64_t at_ns = 0;                                   // after the recording's beginning
  std::vector<std::pair<std::string, std::string>> values;  // alias, decimal text
};

struct Recording {
  std::string name;
  std::vector<RecordedWave> waves;
  std::vector<RecordedNumbers> numbers;  // ascending
  std::int64_t duration_ns() const;
};

}  // namespace salus::sim
