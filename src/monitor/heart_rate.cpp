#include "monitor/heart_rate.hpp"

#include <algorithm>

namespace salus::monitor {
namespace {
constexpr std::int64_t window_s = 10, pause_s = 4;
constexpr std::size_t intervals_min = 2;
}  // namespace

void HeartRate::beat(std::int64_t time) {
  beats_[next_] = time;
  next_ = (next_ + 1) % beats_max;
  count_ = std::min<std::uint32_t>(count_ + 1, beats_max);
}

std::optional<std::int64_t> HeartRate::last() const {
  return count_ == 0 ? std::nullopt : std::optional(at(0));
}

std::optional<std::int32_t> HeartRate::tenths(std::int64_t now) const {
  if (count_ == 0 || now - at(0) >= pause_s * per_second_) return std::nullopt;
  std::size_t intervals = 0;
  while (intervals + 1 < count_ && at(intervals) - at(intervals + 1) < pause_s * per_second_ &&
         (intervals < intervals_min || now - at(intervals + 1) <= window_s * per_second_))
    ++intervals;
  if (intervals < intervals_min) return std::nullopt;
  const std::int64_t length = at(0) - at(intervals);
  return static_cast<std::int32_t>((static_cast<std::int64_t>(intervals) * 600 * per_second_ + length / 2) / length);
}

void HeartRate::save(Writer& writer) const {
  writer.put(count_);
  for (std::size_t back = count_; back-- > 0;) writer.put(at(back));
}

void HeartRate::load(Reader& reader) {
  const auto count = std::min<std::uint32_t>(reader.get<std::uint32_t>(), beats_max);
  for (std::uint32_t i = 0; i < count; ++i) beat(reader.get<std::int64_t>());
}

}  // namespace salus::monitor
