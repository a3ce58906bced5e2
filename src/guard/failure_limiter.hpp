// Slows guessing: after so many failures from one place within a window, that place waits until the window is over.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"

namespace salus::guard {

struct FailureLimits {
  std::uint32_t failures_max = 20;
  nanoseconds window = std::chrono::minutes{1};
  std::size_t places_max = 16'384;  // remembered at once; beyond, the oldest windows are forgotten first
};

// Threads: any; the lock is held for a map's find, or for a sweep once per window when the map is full.
class FailureLimiter {
 public:
  explicit FailureLimiter(FailureLimits limits = {}) : limits_(limits) {}

  bool is_blocked(std::string_view place, Time now) const;
  void failed(std::string_view place, Time now);
  void succeeded(std::string_view place);

 private:
  struct Count {
    std::uint32_t failures = 0;
    Time since{};
  };
  void make_room(Time now);

  const FailureLimits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Count> places_;
};

}  // namespace salus::guard
