#include "app/stored_wave.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "base/time.hpp"
#include "series/samples_binary.hpp"

namespace salus::app {
namespace {

constexpr std::size_t page_samples = 100'000;

// Device ids may hold what has a meaning in a path.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_'
               ? std::string(1, c)
               : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

// The rate of the longest stretch in which no distance is far from the usual one.
Result<series::Period> period_of(const std::vector<std::int64_t>& times) {
  std::vector<std::int64_t> distances;
  for (std::size_t i = 1; i < times.size(); ++i) distances.push_back(times[i] - times[i - 1]);
  if (distances.empty()) return fail(ErrorCode::invalid, "A single sample has no rate.");
  std::vector<std::int64_t> sorted = distances;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2));
  const std::int64_t usual = std::max<std::int64_t>(1, sorted[sorted.size() / 2]);
  std::size_t best_from = 0, best_count = 0, from = 0;
  for (std::size_t i = 0; i <= distances.size(); ++i) {
    if (i < distances.size() && std::abs(distances[i] - usual) <= usual / 10) continue;
    if (i - from > best_count) best_from = from, best_count = i - from;
    from = i + 1;
  }
  if (best_count == 0) return fail(ErrorCode::invalid, "The samples have no rate.");
  const __int128 span = times[best_from + best_count] - times[best_from];
  const auto milli = static_cast<std::int64_t>(
      (__int128{1'000'000'000'000} * static_cast<std::int64_t>(best_count) + span / 2) / span);
  const std::int64_t common = std::gcd(std::int64_t{1'000'000'000'000}, std::max<std::int64_t>(1, milli));
  series::Period period{1'000'000'000'000 / common,
                        static_cast<std::uint32_t>(std::max<std::int64_t>(1, milli) / common)};
  if (!period.is_valid()) return fail(ErrorCode::invalid, "The samples have no rate that a file can state.");
  return period;
}

}  // namespace

StoredWave::StoredWave(ApiServer server, std::string device, std::string code, series::Interval interval)
    : server_(std::move(server)), device_(std::move(device)), code_(std::move(code)), interval_(interval) {}

Result<std::optional<series::Sample>> StoredWave::peek() {
  while (at_ == page_.size() && !ended_) {
    std::string path =
        fmt::format("/api/series/{}/{}/range?limit={}&from={}&to={}", encoded(device_), encoded(code_), page_samples,
                    encoded(to_iso(time_from_ns(interval_.from_ns))), encoded(to_iso(time_from_ns(interval_.to_ns))));
    if (next_ns_) path += fmt::format("&cursor={}", *next_ns_);
    const auto bytes = get_bytes(server_, path, series::samples_media_type);
    if (!bytes) return fail(bytes.error());
    auto read = series::read_samples_binary(*bytes);
    if (!read) return fail(read.error());
    scale_ = read->scale;
    page_ = std::move(read->page.samples);
    next_ns_ = read->page.next_ns;
    at_ = 0;
    ended_ = !next_ns_;
  }
  return at_ < page_.size() ? std::optional(page_[at_]) : std::nullopt;
}

Result<WaveSurvey> survey(StoredWave wave) {
  WaveSurvey out;
  std::vector<std::int64_t> times;
  while (true) {
    const auto sample = wave.peek();
    if (!sample) return fail(sample.error());
    if (!*sample) break;
    wave.take();
    const std::int64_t value = (*sample)->value;
    if (out.samples == 0) {
      out.first_ns = (*sample)->time_ns;
      out.lowest = out.highest = value;
    }
    ++out.samples;
    out.last_ns = (*sample)->time_ns;
    out.lowest = std::min(out.lowest, value);
    out.highest = std::max(out.highest, value);
    out.factor = std::gcd(out.factor, value);
    if (times.size() < page_samples) times.push_back(out.last_ns);
  }
  const auto period = period_of(times);
  if (!period) return fail(period.error());
  out.period = *period;
  out.scale = wave.scale();
  return out;
}

WaveGrid::WaveGrid(StoredWave wave, series::Period period, std::int64_t start_ns)
    : wave_(std::move(wave)), period_(period), start_ns_(start_ns), expected_ns_(INT64_MIN) {}

std::int64_t WaveGrid::place_of(std::int64_t time_ns) const {
  return static_cast<std::int64_t>((__int128{time_ns - start_ns_} * period_.denominator + period_.numerator_ns / 2) /
                                   period_.numerator_ns);
}

Result<std::vector<std::optional<series::Value>>> WaveGrid::take(std::size_t count) {
  std::vector<std::optional<series::Value>> out(count);
  const std::int64_t end = next_ + static_cast<std::int64_t>(count);
  const std::int64_t period_ns = period_.numerator_ns / period_.denominator;
  while (true) {
    const auto sample = wave_.peek();
    if (!sample) return fail(sample.error());
    if (!*sample) break;
    const std::int64_t time_ns = (*sample)->time_ns;
    const bool follows = expected_ns_ != INT64_MIN && std::abs(time_ns - expected_ns_) <= period_ns / 2;
    const std::int64_t place = follows ? expected_ : std::max(expected_, place_of(time_ns));
    if (place >= end) break;
    if (place >= next_) out[static_cast<std::size_t>(place - next_)] = (*sample)->value;
    expected_ = place + 1;
    expected_ns_ = time_ns + period_ns;
    wave_.take();
  }
  next_ = end;
  return out;
}

}  // namespace salus::app
