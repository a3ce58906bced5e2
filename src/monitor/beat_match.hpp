// How well a detector found the beats that a cardiologist marked, as ANSI/AAMI EC57:2012, 4.3 counts it: beat by beat,
// a pair being a reference beat and a detected one at most a tolerance (150 ms) apart.
#pragma once

#include <cstdint>
#include <span>

namespace salus::monitor {

// Times [first, last] in which nothing is counted, neither missed nor extra: ventricular flutter and fibrillation.
struct Span {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

struct BeatMatchOptions {
  std::int64_t tolerance = 0;  // in the unit of the times; requires: not negative
  std::int64_t from = 0;       // beats before are learning time, and are not counted
  std::span<const Span> skipped;
};

struct BeatScore {
  std::uint64_t found = 0;   // true positives
  std::uint64_t missed = 0;  // false negatives
  std::uint64_t extra = 0;   // false positives

  BeatScore& operator+=(const BeatScore& other);
  // Percent; 100 of none.
  double sensitivity() const;
  double positive_predictivity() const;
};

// Both ascending. Of two that could pair, the nearer pair; a beat pairs once. O(n).
BeatScore match_beats(std::span<const std::int64_t> reference, std::span<const std::int64_t> detected,
                      const BeatMatchOptions& options);

}  // namespace salus::monitor
