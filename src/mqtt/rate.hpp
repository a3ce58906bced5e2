// A bucket of tokens: how many messages may come now, and how long until one more may.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace salus::mqtt {

// Threads: one at a time. `per_s` of 0 is no limit.
class RateLimit {
 public:
  RateLimit(std::uint32_t per_s, std::uint32_t burst, Time now)
      : cost_ns_(per_s == 0 ? 0 : std::max<std::int64_t>(1, 1'000'000'000 / per_s)),
        full_ns_(cost_ns_ * std::max<std::int64_t>(burst, 1)),
        empty_until_ns_(ns_of(now) - full_ns_) {}

  // `count` messages came. They are not refused; what they cost too much delays the next ones.
  void spend(std::uint64_t count, Time now) {
    if (cost_ns_ == 0) return;
    empty_until_ns_ = std::max(empty_until_ns_, ns_of(now) - full_ns_) + static_cast<std::int64_t>(count) * cost_ns_;
  }
  // Zero when a message may come now.
  nanoseconds wait(Time now) const {
    return nanoseconds{cost_ns_ == 0 ? 0 : std::max<std::int64_t>(0, empty_until_ns_ - ns_of(now))};
  }

 private:
  // The level is kept as the instant at which the bucket would have been empty: one number, no drift.
  std::int64_t cost_ns_;
  std::int64_t full_ns_;
  std::int64_t empty_until_ns_;
};

}  // namespace salus::mqtt
