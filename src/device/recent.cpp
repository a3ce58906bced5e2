#include "device/recent.hpp"

#include <algorithm>

namespace salus::device {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t window_ns = 5 * minute_ns;
constexpr std::int64_t year_2000_ns = 946'684'800'000'000'000;
constexpr std::int64_t ahead_max_ns = 5 * minute_ns;

}  // namespace

bool RecentPairs::contains(std::int64_t first, std::uint64_t second) const {
  const Pair pair{first, second};
  return pair <= greatest_ && std::ranges::find(pairs_, pair) != pairs_.end();
}

void RecentPairs::remember(std::int64_t first, std::uint64_t second) {
  const Pair pair{first, second};
  greatest_ = std::max(greatest_, pair);
  if (pairs_.size() < size_max) {
    pairs_.push_back(pair);
  } else {
    pairs_[next_] = pair;
    next_ = (next_ + 1) % size_max;
  }
}

bool RecentPairs::seen(std::int64_t first, std::uint64_t second) {
  if (contains(first, second)) return true;
  remember(first, second);
  return false;
}

// Oldest first, so that the bytes depend on what was remembered and not on where the ring stands.
void RecentPairs::save(Writer& writer) const {
  writer.put_varint(pairs_.size());
  Pair before;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const Pair& pair = pairs_[(next_ + i) % pairs_.size()];
    writer.put_zigzag(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(pair.first) - static_cast<std::uint64_t>(before.first)));
    writer.put_zigzag(static_cast<std::int64_t>(pair.second - before.second));
    before = pair;
  }
  writer.put(greatest_.first);
  writer.put(greatest_.second);
}

bool RecentPairs::load(Reader& reader) {
  const std::uint64_t count = reader.get_varint();
  if (count > size_max) return false;
  pairs_.clear();
  next_ = 0;
  Pair before;
  for (std::uint64_t i = 0; i < count; ++i) {
    before.first = static_cast<std::int64_t>(static_cast<std::uint64_t>(before.first) +
                                             static_cast<std::uint64_t>(reader.get_zigzag()));
    before.second += static_cast<std::uint64_t>(reader.get_zigzag());
    pairs_.push_back(before);
  }
  greatest_.first = reader.get<std::int64_t>();
  greatest_.second = reader.get<std::uint64_t>();
  return !reader.failed();
}

void DeviceClock::observe(std::int64_t device_ns, std::int64_t arrival_ns) {
  if (window_start_ns_ == std::numeric_limits<std::int64_t>::min() || arrival_ns - window_start_ns_ >= window_ns) {
    least_before_ns_ = least_ns_;
    least_ns_ = none;
    window_start_ns_ = arrival_ns;
  }
  least_ns_ = std::min(least_ns_, arrival_ns - device_ns);
}

std::int64_t DeviceClock::offset_ns() const {
  const std::int64_t least = std::min(least_ns_, least_before_ns_);
  return least == none ? 0 : least;
}

bool DeviceClock::is_credible(std::int64_t device_ns, std::int64_t arrival_ns) {
  return device_ns >= year_2000_ns && (device_ns <= arrival_ns || device_ns - arrival_ns <= ahead_max_ns);
}

void DeviceClock::save(Writer& writer) const {
  writer.put(window_start_ns_);
  writer.put(least_ns_);
  writer.put(least_before_ns_);
}

void DeviceClock::load(Reader& reader) {
  window_start_ns_ = reader.get<std::int64_t>();
  least_ns_ = reader.get<std::int64_t>();
  least_before_ns_ = reader.get<std::int64_t>();
}

}  // namespace salus::device
