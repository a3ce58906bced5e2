#include "sim/recording.hpp"

#include <algorithm>

namespace salus::sim {

std::int64_t Recording::duration_ns() const {
  std::int64_t longest = 0;
  for (const RecordedWave& wave : waves) {
    const auto whole = static_cast<std::int64_t>(wave.samples.size());
    // By parts: a day of 1 kHz samples times a period in nanoseconds stays in range.
    const std::int64_t turns = whole / wave.period.denominator;
    longest =
        std::max(longest, turns * wave.period.numerator_ns + wave.period.offset_ns(whole % wave.period.denominator));
  }
  if (numbers.size() > 1)
    longest = std::max(longest, numbers.back().at_ns + (numbers.back().at_ns - numbers[numbers.size() - 2].at_ns));
  return longest;
}

}  // namespace salus::sim
