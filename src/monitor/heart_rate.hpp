// Beats a minute from the times of beats.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace salus::monitor {

// The mean over the intervals of the last ten seconds, at least the last two intervals; one of four seconds or more is
// a pause and none. Unit of times: any, with `per_second` of them. Integers only.
class HeartRate {
 public:
  explicit HeartRate(std::int64_t per_second) : per_second_(per_second) {}

  // Requires: later than the last one.
  void beat(std::int64_t time);
  void clear() { count_ = 0; }
  std::optional<std::int64_t> last() const;
  // Tenths of a beat a minute, rounded; nothing with less than two intervals, or a pause since the last beat.
  std::optional<std::int32_t> tenths(std::int64_t now) const;

  void save(Writer& writer) const;
  void load(Reader& reader);

 private:
  static constexpr std::size_t beats_max = 64;  // ten seconds at 380 beats a minute
  std::int64_t at(std::size_t back) const { return beats_[(next_ + beats_max - 1 - back) % beats_max]; }

  std::int64_t per_second_;
  std::array<std::int64_t, beats_max> beats_{};
  std::uint32_t next_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace salus::monitor
