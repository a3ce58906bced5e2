#include "monitor/qrs_detector.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace salus::monitor {
namespace {

constexpr std::int32_t unit = 1024;

// Chosen by the scores of both halves of the records that we have: docs/ecg.md.
constexpr std::int32_t threshold_low = 220;   // of a usual beat: in a clean signal
constexpr std::int32_t threshold_high = 480;  // in a noisy one
constexpr std::int32_t threshold_rise = 64;   // of 64: with the third highest of the last eight that were none
constexpr std::size_t threshold_rank = 2;
constexpr std::int32_t search_threshold = 700;     // of the threshold
constexpr std::int32_t overdue_permille = 1500;    // of the usual interval
constexpr std::int32_t refractory_ticks = 65;      // 260 ms: 230 beats a minute
constexpr std::int32_t t_wave_ticks = 90;          // 360 ms after a beat ...
constexpr std::int32_t t_wave_height = 500;        // ... less than so much of it is its T wave
constexpr std::int32_t peak_ticks = 25;            // a peak is the highest of the 100 ms that follow it
constexpr std::int32_t height_max = 1500;          // a lead counts at most as 1.5 of its usual beats
constexpr std::int32_t noise_share_min = 16;       // a lead's noise is taken for at least a 16th of its beats
constexpr std::int32_t beat_envelope_min = 6'000;  // of a QRS of about 0.15 mV: IEC 60601-2-27 wants nothing less found
constexpr std::int32_t inactive = 150;             // of a usual beat
constexpr std::int32_t alone_below = 120;          // of a usual beat: a good lead that shows no more ...
constexpr std::int32_t alone_weight = 256;         // ... and is so good ...
constexpr std::int32_t alone_height = 700;         // ... leaves so much of a peak
constexpr std::int32_t settle_ticks = 60;
constexpr std::int32_t learning_ticks = 3 * ecg_ticks_per_s;
constexpr std::int64_t interval_ticks_max = 4 * ecg_ticks_per_s;

// roots[n] = floor(sqrt(n × 1024)): the root of n / 1024, of 1024.
constexpr auto roots = [] {
  std::array<std::int16_t, height_max + 1> table{};
  std::int32_t root = 0;
  for (std::int32_t n = 0; n <= height_max; ++n) {
    while ((root + 1) * (root + 1) <= n * 1024) ++root;
    table[static_cast<std::size_t>(n)] = static_cast<std::int16_t>(root);
  }
  return table;
}();

}  // namespace

void Recent8::push(std::int32_t value) {
  values_[next_] = value;
  next_ = (next_ + 1) % 8;
  if (count_ < 8) ++count_;
  sort();
}

void Recent8::sort() {
  sorted_ = values_;
  std::sort(sorted_.begin(), sorted_.begin() + count_);
}

std::int32_t Recent8::median() const {
  if (count_ == 0) return 0;
  return static_cast<std::int32_t>((std::int64_t{sorted_[(count_ - 1) / 2]} + sorted_[count_ / 2]) / 2);
}

std::int32_t Recent8::nth(std::size_t n) const {
  return count_ == 0 ? 0 : sorted_[count_ - 1 - std::min<std::size_t>(n, count_ - 1)];
}

std::int32_t QrsDetector::threshold() const {
  const std::int32_t beat = beats_.empty() ? unit : std::min(beats_.median(), unit);
  const std::int32_t low = beat * threshold_low / unit;
  return std::clamp(low + others_.nth(threshold_rank) * threshold_rise / 64, low, beat * threshold_high / unit);
}

std::int32_t QrsDetector::take_quietest() {
  return std::exchange(quietest_, unit);
}

// Which leads count now: attached, known for three seconds, and active unless none is.
void QrsDetector::choose(Leads leads, std::int64_t tick) {
  std::uint32_t known = 0, alive = 0;
  for (std::size_t i = 0; i < leads.size(); ++i) {
    if (leads[i] == nullptr || leads[i]->is_missing() || leads[i]->state() != LeadState::good) continue;
    Lead& lead = leads_[i];
    const std::int32_t now = leads[i]->envelope(tick);
    if (lead.learning < learning_ticks) {
      if (++lead.learning > settle_ticks) lead.learned = std::max(lead.learned, now);
      if (lead.learning % ecg_ticks_per_s == 0) lead.beats.push(std::exchange(lead.learned, 0));
      continue;
    }
    known |= 1U << i;
    lead.active = std::max(now, lead.active - lead.active / 256);  // halves in 0.7 s
    if (lead.active > std::int64_t{lead.beats.median()} * inactive / unit) alive |= 1U << i;
  }
  const std::uint32_t used = alive != 0 ? alive : known;
  if (used == used_) return;
  used_ = used;
  weigh();
}

// Weights follow the square of signal to noise.
void QrsDetector::weigh() {
  std::array<std::int64_t, leads_max> weights{};
  std::int64_t all = 0;
  for (std::size_t i = 0; i < leads_max; ++i) {
    if ((used_ >> i & 1) == 0) continue;
    Lead& lead = leads_[i];
    const std::int64_t level = std::max(lead.beats.median(), beat_envelope_min);
    const std::int64_t between = (std::int64_t{lead.others.nth(0)} * 6 + std::int64_t{lead.others.median()} * 10) / 16;
    const std::int64_t noise = std::max(between, level / noise_share_min);
    const std::int64_t clear = std::max<std::int64_t>(16, level * 16 / noise - 16);
    lead.scale = (std::int64_t{unit} << 20) / level;
    weights[i] = clear * clear;
    all += weights[i];
  }
  for (std::size_t i = 0; i < leads_max; ++i)
    leads_[i].weight = all == 0 ? 0 : static_cast<std::int32_t>(weights[i] * unit / all);
}

std::int32_t QrsDetector::joined(Leads leads, std::int64_t tick) const {
  std::int32_t root = 0;
  for (std::size_t i = 0; i < leads.size(); ++i) {
    if ((used_ >> i & 1) == 0) continue;
    const std::int64_t height = std::min<std::int64_t>(leads[i]->envelope(tick) * leads_[i].scale >> 20, height_max);
    root += leads_[i].weight * roots[static_cast<std::size_t>(height)];
  }
  root /= unit;
  return root * root / unit;
}

void QrsDetector::take(std::int64_t tick, Leads leads, std::vector<std::int64_t>& beats) {
  SALUS_ASSERT(leads.size() <= leads_max);
  choose(leads, tick);
  const std::int32_t height = joined(leads, tick);
  if (falling_) {
    falling_ = height <= before_;
    rising_ = {tick, height, {}};
  } else if (height > rising_.height) {
    rising_ = {tick, height, {}};
  } else if (tick - rising_.tick >= peak_ticks) {
    peak(rising_, leads, beats);
    falling_ = true;
  }
  before_ = height;
  quietest_ = std::min(quietest_, height);
  if (pending_ && tick - pending_->tick > refractory_ticks + peak_ticks) decide(beats);
  search_back(tick, beats);
}

void QrsDetector::finish(Leads leads, std::vector<std::int64_t>& beats) {
  if (!falling_) peak(rising_, leads, beats);
  decide(beats);
}

// Of peaks within the refractory time the highest counts.
void QrsDetector::peak(Peak found, Leads leads, std::vector<std::int64_t>& beats) {
  if (found.height < unit / 32) return;
  // Leads do not peak together: each counts with its highest within 40 ms.
  for (std::size_t i = 0; i < leads.size(); ++i) {
    if ((used_ >> i & 1) == 0) continue;
    for (std::int64_t at = found.tick - 10; at <= found.tick + 10 && at < leads[i]->end_tick(); ++at)
      found.leads[i] = std::max(found.leads[i], leads[i]->envelope(at));
  }
  for (std::size_t i = 0; i < leads.size(); ++i) {
    if ((used_ >> i & 1) == 0 || leads_[i].weight < alone_weight) continue;
    if (found.leads[i] * leads_[i].scale >> 20 >= alone_below) continue;
    found.height = found.height * alone_height / unit;  // what a good lead does not see at all
    break;
  }
  if (pending_ && found.tick - pending_->tick <= refractory_ticks) {
    if (found.height > pending_->height) pending_ = found;
    return;
  }
  decide(beats);
  pending_ = found;
}

void QrsDetector::decide(std::vector<std::int64_t>& beats) {
  if (!pending_) return;
  const Peak found = *pending_;
  pending_.reset();
  const std::int64_t since = last_ ? found.tick - last_->tick : INT32_MAX;
  if (since <= refractory_ticks) return;
  const bool t_wave = since < t_wave_ticks && found.height < last_->height * t_wave_height / unit;
  if (found.height > threshold() && !t_wave) return accept(found, beats);
  others_.push(found.height);
  for (std::size_t i = 0; i < leads_max; ++i)
    if ((used_ >> i & 1) != 0) leads_[i].others.push(found.leads[i]);
  if (since >= t_wave_ticks && (!missed_ || found.height > missed_->height)) missed_ = found;
}

void QrsDetector::search_back(std::int64_t now, std::vector<std::int64_t>& beats) {
  if (!missed_ || !last_ || intervals_.empty()) return;
  if (now - last_->tick < std::int64_t{intervals_.median()} * overdue_permille / 1000 + refractory_ticks) return;
  if (pending_ && pending_->height > threshold()) return;
  if (missed_->height > threshold() * search_threshold / unit) accept(Peak{*missed_}, beats);
}

void QrsDetector::accept(const Peak& beat, std::vector<std::int64_t>& beats) {
  if (last_ && beat.tick - last_->tick < interval_ticks_max)
    intervals_.push(static_cast<std::int32_t>(beat.tick - last_->tick));
  beats_.push(beat.height);
  last_ = beat;
  missed_.reset();
  beats.push_back(beat.tick);
  for (std::size_t i = 0; i < leads_max; ++i)
    if ((used_ >> i & 1) != 0 && beat.leads[i] != 0) leads_[i].beats.push(beat.leads[i]);
  weigh();
}

void Recent8::save(Writer& writer) const {
  writer.put(count_);
  writer.put(next_);
  for (std::uint8_t i = 0; i < count_; ++i) writer.put(values_[i]);
}

void Recent8::load(Reader& reader) {
  count_ = std::min<std::uint8_t>(reader.get<std::uint8_t>(), 8);
  next_ = reader.get<std::uint8_t>() % 8;
  for (std::uint8_t i = 0; i < count_; ++i) values_[i] = reader.get<std::int32_t>();
  sort();
}

void QrsDetector::save_peak(Writer& writer, const Peak& peak) {
  writer.put(peak.tick);
  writer.put(peak.height);
  for (const std::int32_t lead : peak.leads) writer.put(lead);
}

QrsDetector::Peak QrsDetector::load_peak(Reader& reader) {
  Peak peak;
  peak.tick = reader.get<std::int64_t>();
  peak.height = reader.get<std::int32_t>();
  for (std::int32_t& lead : peak.leads) lead = reader.get<std::int32_t>();
  return peak;
}

void QrsDetector::save(Writer& writer) const {
  for (const Lead& lead : leads_) {
    lead.beats.save(writer);
    lead.others.save(writer);
    for (const std::int32_t value : {lead.learning, lead.learned, lead.active}) writer.put(value);
  }
  writer.put(used_);
  for (const Recent8* recent : {&beats_, &others_, &intervals_}) recent->save(writer);
  writer.put(before_);
  writer.put(quietest_);
  writer.put(static_cast<std::uint8_t>((falling_ ? 1 : 0) | (pending_ ? 2 : 0) | (missed_ ? 4 : 0) | (last_ ? 8 : 0)));
  save_peak(writer, rising_);
  for (const auto* peak : {&pending_, &missed_, &last_})
    if (*peak) save_peak(writer, **peak);
  for (const Lead& lead : leads_) {  // as they were weighed last
    writer.put(lead.scale);
    writer.put(lead.weight);
  }
}

void QrsDetector::load(Reader& reader) {
  for (Lead& lead : leads_) {
    lead.beats.load(reader);
    lead.others.load(reader);
    for (std::int32_t* value : {&lead.learning, &lead.learned, &lead.active}) *value = reader.get<std::int32_t>();
  }
  used_ = reader.get<std::uint32_t>();
  for (Recent8* recent : {&beats_, &others_, &intervals_}) recent->load(reader);
  before_ = reader.get<std::int32_t>();
  quietest_ = reader.get<std::int32_t>();
  const auto flags = reader.get<std::uint8_t>();
  falling_ = (flags & 1) != 0;
  rising_ = load_peak(reader);
  if ((flags & 2) != 0) pending_ = load_peak(reader);
  if ((flags & 4) != 0) missed_ = load_peak(reader);
  if ((flags & 8) != 0) last_ = load_peak(reader);
  for (Lead& lead : leads_) {
    lead.scale = reader.get<std::int64_t>();
    lead.weight = reader.get<std::int32_t>();
  }
}

}  // namespace salus::monitor
