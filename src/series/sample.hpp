// The smallest facts of a series: which channel, when, and how much.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace salus::series {

// A measured value as an integer: physical value × 10^scale, in the unit that the channel's code has. Never a double:
// 36.6 °C is stored as 3660, comes back as 3660, and compares equal on every machine.
using Value = std::int32_t;

struct Sample {
  std::int64_t time_ns = 0;
  Value value = 0;
  bool operator==(const Sample&) const = default;
};

// One stream of samples: what one device measures under one code. `instance` tells two sensors of one kind apart.
struct ChannelKey {
  std::string device;
  std::uint32_t code = 0;  // ISO/IEEE 11073-10101 (MDC) number
  std::uint8_t instance = 0;
  auto operator<=>(const ChannelKey&) const = default;
};

// Time between samples as a fraction of nanoseconds, so that 360 Hz is 25,000,000/9 and does not drift.
struct Period {
  std::int64_t numerator_ns = 0;
  std::uint32_t denominator = 1;
  bool operator==(const Period&) const = default;

  static constexpr std::int64_t numerator_max = std::int64_t{1} << 46;  // 19 hours
  static constexpr std::uint32_t denominator_max = 1 << 16;

  bool is_valid() const {
    return numerator_ns > 0 && numerator_ns <= numerator_max && denominator > 0 && denominator <= denominator_max &&
           numerator_ns >= denominator;
  }
  // When sample `index` stands after the first: rounded down to whole nanoseconds. Requires: index <= 2^16 + 2^15, so
  // that the product stays in 63 bits.
  std::int64_t offset_ns(std::int64_t index) const { return index * numerator_ns / denominator; }
};

// Where a regular stream stands: sample `index` is at start + index × period. The index keeps the fraction of a
// nanosecond that a start time alone would lose.
struct TimeCursor {
  std::int64_t start_ns = 0;
  Period period;  // numerator 0: nothing is known
  std::int64_t index = 0;

  bool is_known() const { return period.numerator_ns > 0; }
  std::int64_t time_ns() const { return time_of(index); }
  // Nonsense that was read wraps around, and is told by what follows.
  std::int64_t time_of(std::int64_t at) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(start_ns) +
                                     static_cast<std::uint64_t>(period.offset_ns(at)));
  }
  // The same stream seen `count` samples later, with an index below the denominator. Requires: count <= 2^14.
  TimeCursor later(std::int64_t count) const {
    const std::int64_t whole = (index + count) / period.denominator;
    return {start_ns + whole * period.numerator_ns, period, (index + count) % period.denominator};
  }
  bool operator==(const TimeCursor&) const = default;
};

// A regular stream's times one after the other, without a division for each. Requires: the cursor is known.
class TimeWalk {
 public:
  explicit TimeWalk(const TimeCursor& from)
      : time_ns_(from.time_ns()),
        step_(from.period.numerator_ns / from.period.denominator),
        rest_(from.period.numerator_ns % from.period.denominator),
        denominator_(from.period.denominator),
        fraction_(static_cast<std::int64_t>(static_cast<std::uint64_t>(from.index) * static_cast<std::uint64_t>(rest_) %
                                            from.period.denominator)) {}
  std::int64_t time_ns() const { return time_ns_; }
  void next() {
    fraction_ += rest_;
    const bool carry = fraction_ >= denominator_;
    fraction_ -= carry ? denominator_ : 0;
    // One step beyond the last sample may wrap around.
    time_ns_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(time_ns_) + static_cast<std::uint64_t>(step_) +
                                         (carry ? 1U : 0U));
  }

 private:
  std::int64_t time_ns_;
  std::int64_t step_;
  std::int64_t rest_;
  std::int64_t denominator_;
  std::int64_t fraction_;
};

}  // namespace salus::series
