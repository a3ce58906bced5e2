#include "guard/failure_limiter.hpp"

#include <algorithm>

namespace salus::guard {

bool FailureLimiter::is_blocked(std::string_view place, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto at = places_.find(std::string(place));
  return at != places_.end() && at->second.failures >= limits_.failures_max && now - at->second.since < limits_.window;
}

void FailureLimiter::failed(std::string_view place, Time now) {
  const std::lock_guard lock(mutex_);
  auto at = places_.find(std::string(place));
  if (at == places_.end()) {
    make_room(now);
    at = places_.emplace(place, Count{.failures = 0, .since = now}).first;
  }
  if (now - at->second.since >= limits_.window) at->second = {.failures = 0, .since = now};
  ++at->second.failures;
}

void FailureLimiter::succeeded(std::string_view place) {
  const std::lock_guard lock(mutex_);
  places_.erase(std::string(place));
}

void FailureLimiter::make_room(Time now) {
  if (places_.size() < limits_.places_max) return;
  std::erase_if(places_, [&](const auto& pair) { return now - pair.second.since >= limits_.window; });
  if (places_.size() < limits_.places_max) return;
  // Everybody is recent: forget the half that is older, so that the sweep stays rare.
  std::vector<Time> starts;
  for (const auto& [place, count] : places_) starts.push_back(count.since);
  const auto middle = starts.begin() + static_cast<std::ptrdiff_t>(starts.size() / 2);
  std::ranges::nth_element(starts, middle);
  const Time cut = *middle;
  std::erase_if(places_, [&](const auto& pair) { return pair.second.since <= cut; });
}

}  // namespace salus::guard
