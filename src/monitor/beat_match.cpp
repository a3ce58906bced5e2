#include "monitor/beat_match.hpp"

#include <algorithm>

namespace salus::monitor {
namespace {

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

BeatScore& BeatScore::operator+=(const BeatScore& other) {
  found += other.found;
  missed += other.missed;
  extra += other.extra;
  return *this;
}

double BeatScore::sensitivity() const {
  return percent(found, found + missed);
}
double BeatScore::positive_predictivity() const {
  return percent(found, found + extra);
}

BeatScore match_beats(std::span<const std::int64_t> reference, std::span<const std::int64_t> detected,
                      const BeatMatchOptions& options) {
  BeatScore score;
  const auto counts = [&](std::int64_t time) {
    return time >= options.from &&
           std::ranges::none_of(options.skipped, [&](const Span& s) { return time >= s.first && time <= s.last; });
  };
  const auto apart = [](std::int64_t a, std::int64_t b) { return a < b ? b - a : a - b; };
  std::size_t r = 0, d = 0;
  const auto miss = [&] { score.missed += counts(reference[r++]) ? 1 : 0; };
  const auto extra = [&] { score.extra += counts(detected[d++]) ? 1 : 0; };
  while (r < reference.size() && d < detected.size()) {
    const std::int64_t distance = apart(reference[r], detected[d]);
    if (distance > options.tolerance) {
      reference[r] < detected[d] ? miss() : extra();
    } else if (d + 1 < detected.size() && apart(reference[r], detected[d + 1]) < distance &&
               // The nearer one is not nearer still to the next reference beat, which would leave both alone.
               !(r + 1 < reference.size() &&
                 apart(reference[r + 1], detected[d + 1]) < apart(reference[r], detected[d + 1]))) {
      extra();
    } else if (r + 1 < reference.size() && apart(reference[r + 1], detected[d]) < distance &&
               !(d + 1 < detected.size() &&
                 apart(reference[r + 1], detected[d + 1]) < apart(reference[r + 1], detected[d]))) {
      miss();
    } else {
      // A pair belongs to its reference beat's time.
      score.found += counts(reference[r]) ? 1 : 0;
      ++r, ++d;
    }
  }
  while (r < reference.size()) miss();
  while (d < detected.size()) extra();
  return score;
}

}  // namespace salus::monitor
