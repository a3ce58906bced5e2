#include "monitor/ecg_lead.hpp"

#include <algorithm>
#include <cstdlib>

namespace salus::monitor {
namespace {

constexpr std::int64_t seam_ns = 40'000'000;
constexpr std::int64_t off_after_ns = 1'000'000'000;   // without samples, or at the rail
constexpr std::int64_t flat_after_ns = 2'000'000'000;  // the same value, to the microvolt
constexpr std::int64_t spike_ns = 2'000'000;           // IEC 60601-2-27, 201.12.1.101.13: pacer pulses of 0.1 to 2 ms
constexpr std::int32_t spike_uv = 300;
constexpr std::int32_t level_uv = 500;

template <std::size_t count>
std::int32_t slide(std::array<std::int32_t, count>& window, std::int32_t& sum, std::uint32_t& at, std::int32_t value) {
  sum += value - window[at];
  window[at] = value;
  at = at + 1 == count ? 0 : at + 1;
  return sum;
}

}  // namespace

// A pacer spike stands out from both of its neighbours, which are level with each other and with theirs: a QRS rises
// and falls over many samples. A pulse of 2 ms touches two samples at 500 Hz and below, and up to three at 1,000 Hz. At
// 125 Hz two samples are as long as the QRS of a newborn is narrow, so that more is asked of what lies around.
void EcgLead::remove_spike(Sample* waiting) {
  const std::int32_t outer_left = before_, left = waiting[0].microvolts;
  const std::int32_t first = waiting[1].microvolts, second = waiting[2].microvolts, third = waiting[3].microvolts;
  if (std::max({first, second, third}) - left < spike_uv && left - std::min({first, second, third}) < spike_uv) return;
  const std::int64_t period_ns = waiting[1].end_ns - waiting[1].begin_ns;
  const std::size_t width_max = period_ns > spike_ns * 3 / 4 ? 2 : 3;
  for (std::size_t width = width_max; width > 0; --width) {
    const std::int32_t right = waiting[width + 1].microvolts, outer_right = waiting[width + 2].microvolts;
    const std::int32_t low = std::min(left, right), high = std::max(left, right);
    std::int32_t height = 0;
    for (std::size_t i = 1; i <= width; ++i)
      height = std::max({height, waiting[i].microvolts - high, low - waiting[i].microvolts});
    if (height < spike_uv) continue;
    const std::int32_t level = std::min(height / (width > 1 && period_ns > 5'000'000 ? 12 : 6), level_uv);
    if (high - low > level || std::abs(left - outer_left) > level || std::abs(right - outer_right) > level) continue;
    for (std::size_t i = 1; i <= width; ++i)
      waiting[i].microvolts =
          left + (right - left) * static_cast<std::int32_t>(i) / static_cast<std::int32_t>(width + 1);
    return;
  }
}

void EcgLead::take(std::int64_t begin_ns, std::int64_t end_ns, std::int32_t microvolts) {
  const auto expected_ns = [&] {
    return waiting_count_ > 0 ? waiting_[waiting_at_ + waiting_count_ - 1].end_ns : position_ns_;
  };
  if (!started()) {
    start_at(begin_ns - begin_ns % ecg_tick_ns);
    begin_ns = position_ns_;
    bias_ = microvolts;
    before_ = microvolts;
  } else {
    if (end_ns <= expected_ns()) return;
    if (begin_ns - expected_ns() > seam_ns) miss(begin_ns);
    begin_ns = expected_ns();
  }
  if (missing_) {
    missing_ = false;
    missing_ns_ = 0;
    bias_ = microvolts - held_;
    before_ = microvolts;
  }
  if (waiting_at_ + waiting_count_ == waiting_.size()) {
    std::copy_n(waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_at_), waiting_count_, waiting_.begin());
    waiting_at_ = 0;
  }
  waiting_[waiting_at_ + waiting_count_++] = {begin_ns, end_ns, microvolts};
  if (waiting_count_ < waiting_max) return;
  Sample* const waiting = &waiting_[waiting_at_];
  remove_spike(waiting);
  feed(*waiting);
  before_ = waiting->microvolts;
  ++waiting_at_;
  --waiting_count_;
}

void EcgLead::flush() {
  for (std::size_t i = 0; i < waiting_count_; ++i) feed(waiting_[waiting_at_ + i]);
  waiting_at_ = waiting_count_ = 0;
}

void EcgLead::start_at(std::int64_t position_ns) {
  position_ns_ = position_ns;
  tick_end_ns_ = position_ns - position_ns % ecg_tick_ns + ecg_tick_ns;
}

void EcgLead::miss(std::int64_t now_ns) {
  if (!started()) return;
  flush();
  if (now_ns <= position_ns_) return;
  missing_ = true;
  // Beyond the ring and all windows nothing is left to remember.
  const std::int64_t skip_to_ns = now_ns - static_cast<std::int64_t>(ring_ticks + 128) * ecg_tick_ns;
  missing_ns_ += now_ns - position_ns_;
  still_ns_ = 0;
  if (position_ns_ < skip_to_ns) {
    start_at(skip_to_ns - skip_to_ns % ecg_tick_ns);
    sum_ = 0;
  }
  step(now_ns, held_);
}

void EcgLead::feed(const Sample& sample) {
  still_ns_ = sample.microvolts == last_
                  ? std::min<std::int64_t>(still_ns_ + sample.end_ns - sample.begin_ns, flat_after_ns)
                  : 0;
  last_ = sample.microvolts;
  step(sample.end_ns, sample.microvolts - bias_);
}

// The value holds from position_ns_ to `end_ns`: a tick is the mean over its 4 ms.
void EcgLead::step(std::int64_t end_ns, std::int32_t value) {
  while (position_ns_ < end_ns) {
    const std::int64_t until_ns = std::min(tick_end_ns_, end_ns);
    sum_ += value * (until_ns - position_ns_);
    position_ns_ = until_ns;
    if (until_ns < tick_end_ns_) return;
    put_tick(static_cast<std::int32_t>(sum_ / ecg_tick_ns));
    sum_ = 0;
    tick_end_ns_ += ecg_tick_ns;
  }
}

void EcgLead::put_tick(std::int32_t value) {
  held_ = value;
  const std::int32_t raw = slide(raw_, raw_sum_, raw_at_, value);
  const std::int32_t smooth = slide(smooth_, smooth_sum_, smooth_at_, raw) / 4;  // µV × 5
  const std::int32_t middle = low_[(low_at_ + low_.size() / 2) % low_.size()];
  const std::int32_t low = slide(low_, low_sum_, low_at_, smooth);
  const std::int32_t band = middle - low / static_cast<std::int32_t>(low_.size());
  const std::int32_t slope = std::abs(band - band_[band_at_]);  // over 12 ms
  band_[band_at_] = band;
  band_at_ = band_at_ + 1 == band_.size() ? 0 : band_at_ + 1;
  const std::size_t tick = static_cast<std::size_t>(position_ns_ / ecg_tick_ns - 1);
  ring_[tick % ring_ticks] = slide(slope_, slope_sum_, slope_at_, slope);
}

LeadState EcgLead::state() const {
  if (missing_ns_ >= off_after_ns) return LeadState::off;
  if (still_ns_ >= off_after_ns && std::abs(last_) >= rail_uv) return LeadState::off;
  if (still_ns_ >= flat_after_ns) return LeadState::flat;
  return LeadState::good;
}

void EcgLead::save(Writer& writer, std::int64_t from_tick) const {
  writer.put(static_cast<std::uint8_t>(waiting_count_));
  for (std::size_t i = 0; i < waiting_count_; ++i) {
    const Sample& sample = waiting_[waiting_at_ + i];
    writer.put(sample.begin_ns);
    writer.put(sample.end_ns);
    writer.put(sample.microvolts);
  }
  for (const std::int64_t value : {position_ns_, sum_, missing_ns_, still_ns_}) writer.put(value);
  for (const std::int32_t value : {before_, last_, held_, bias_}) writer.put(value);
  writer.put(static_cast<std::uint8_t>(missing_ ? 1 : 0));
  const auto put_window = [&](const auto& window, std::uint32_t at) {
    writer.put(at);
    for (const std::int32_t value : window) writer.put(value);
  };
  put_window(raw_, raw_at_);
  put_window(smooth_, smooth_at_);
  put_window(low_, low_at_);
  put_window(band_, band_at_);
  put_window(slope_, slope_at_);
  const std::int64_t first = std::clamp(from_tick, end_tick() - static_cast<std::int64_t>(ring_ticks), end_tick());
  writer.put(first);
  for (std::int64_t tick = first; tick < end_tick(); ++tick)
    writer.put_varint(static_cast<std::uint32_t>(envelope(tick)));
}

bool EcgLead::load(Reader& reader) {
  waiting_count_ = reader.get<std::uint8_t>();
  if (waiting_count_ > waiting_max) return false;
  for (std::size_t i = 0; i < waiting_count_; ++i) {
    waiting_[i].begin_ns = reader.get<std::int64_t>();
    waiting_[i].end_ns = reader.get<std::int64_t>();
    waiting_[i].microvolts = reader.get<std::int32_t>();
  }
  for (std::int64_t* value : {&position_ns_, &sum_, &missing_ns_, &still_ns_}) *value = reader.get<std::int64_t>();
  for (std::int32_t* value : {&before_, &last_, &held_, &bias_}) *value = reader.get<std::int32_t>();
  missing_ = reader.get<std::uint8_t>() != 0;
  const auto get_window = [&](auto& window, std::uint32_t& at, std::int32_t& sum) {
    at = reader.get<std::uint32_t>() % static_cast<std::uint32_t>(window.size());
    sum = 0;
    for (std::int32_t& value : window) sum += value = reader.get<std::int32_t>();
  };
  std::int32_t no_sum = 0;
  get_window(raw_, raw_at_, raw_sum_);
  get_window(smooth_, smooth_at_, smooth_sum_);
  get_window(low_, low_at_, low_sum_);
  get_window(band_, band_at_, no_sum);
  get_window(slope_, slope_at_, slope_sum_);
  const auto first = reader.get<std::int64_t>();
  start_at(position_ns_);
  if (position_ns_ < 0 || first < 0 || first > end_tick() || end_tick() - first > static_cast<std::int64_t>(ring_ticks))
    return false;
  for (std::int64_t tick = first; tick < end_tick(); ++tick)
    ring_[static_cast<std::size_t>(tick) % ring_ticks] = static_cast<std::int32_t>(reader.get_varint());
  return !reader.failed();
}

}  // namespace salus::monitor
