// What a device sent lately: so that a message which comes twice counts once (design rule 10), and how its clock
// stands. Both are part of a view's state: integers only, the same on every replay.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/bytes.hpp"

namespace salus::device {

// The last 1,024 identities of one kind. A pair that is greater than all of them is new without a search, which is
// the case for nearly every message; the search otherwise reads 16 KiB.
class RecentPairs {
 public:
  static constexpr std::size_t size_max = 1'024;

  // Whether the pair is among the recent ones; remembers it if not.
  bool seen(std::int64_t first, std::uint64_t second);
  bool contains(std::int64_t first, std::uint64_t second) const;
  void remember(std::int64_t first, std::uint64_t second);

  void save(Writer& writer) const;
  bool load(Reader& reader);  // false when the bytes are not what save() wrote

 private:
  struct Pair {
    std::int64_t first = 0;
    std::uint64_t second = 0;
    auto operator<=>(const Pair&) const = default;
  };
  std::vector<Pair> pairs_;  // a ring once full; next_ is the oldest
  std::size_t next_ = 0;
  Pair greatest_{std::numeric_limits<std::int64_t>::min(), 0};
};

// How far the device's clock is behind arrival. The least difference of the last five to ten minutes: what the network
// adds is never negative, so the least is the nearest to the truth.
class DeviceClock {
 public:
  void observe(std::int64_t device_ns, std::int64_t arrival_ns);
  // arrival − device, nanoseconds; 0 before the first observation.
  std::int64_t offset_ns() const;

  // Before 2000, or more than 5 minutes after arrival: the clock is wrong, and the arrival time is stored instead.
  static bool is_credible(std::int64_t device_ns, std::int64_t arrival_ns);

  void save(Writer& writer) const;
  void load(Reader& reader);

 private:
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
  std::int64_t window_start_ns_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t least_ns_ = none;
  std::int64_t least_before_ns_ = none;  // of the window before
};

}  // namespace salus::device
