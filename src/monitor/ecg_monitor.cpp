#include "monitor/ecg_monitor.hpp"

#include <algorithm>
#include <boost/container/static_vector.hpp>

#include "base/assert.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t slice_ns = 40'000'000;
constexpr std::int64_t period_ns_min = 500'000, period_ns_max = 10'100'000;
constexpr std::int64_t back_in_time_after_ns = 15'000'000'000;
constexpr std::int64_t learning_s = 3;
// Seconds without rest count up, others down.
constexpr std::int64_t noisy_s = 8, noisy_s_max = 16;
constexpr std::int32_t unrest = 160;
constexpr std::int64_t lookback_ticks = 64;

// Feeds one channel up to an instant at a time, so that leads stay side by side in frames of any length.
class Feeder {
 public:
  Feeder(const EcgSamples& samples, std::int64_t start_ns)
      : samples_(samples),
        end_ns_(start_ns + samples.period.offset_ns(samples.count)),
        whole_ns_(samples.period.numerator_ns / samples.period.denominator),
        part_(samples.period.numerator_ns % samples.period.denominator),
        next_ns_(start_ns) {}

  std::int64_t end_ns() const { return end_ns_; }

  void feed(EcgLead& lead, std::int64_t until_ns) {
    for (; at_ < samples_.count && next_ns_ < until_ns; ++at_) {
      const std::int64_t begin_ns = next_ns_;
      next_ns_ += whole_ns_;
      parts_ += part_;
      if (parts_ >= samples_.period.denominator) {
        parts_ -= samples_.period.denominator;
        ++next_ns_;
      }
      while (gap_ < samples_.gaps.size() && at_ >= samples_.gaps[gap_].first + samples_.gaps[gap_].count) ++gap_;
      if (gap_ < samples_.gaps.size() && at_ >= samples_.gaps[gap_].first) {
        lead.miss(next_ns_);
      } else {
        lead.take(begin_ns, next_ns_, samples_.microvolts[taken_++]);
      }
    }
  }

 private:
  const EcgSamples& samples_;
  std::int64_t end_ns_;
  std::int64_t whole_ns_, part_;
  std::int64_t next_ns_;    // when the next sample begins, rounded down ...
  std::int64_t parts_ = 0;  // ... and the rest, of a nanosecond's period.denominator
  std::int64_t at_ = 0;
  std::size_t gap_ = 0, taken_ = 0;
};

}  // namespace

bool EcgMonitor::is_analysed(const series::Period& period) {
  return period.denominator > 0 && period.numerator_ns >= period_ns_min * period.denominator &&
         period.numerator_ns <= period_ns_max * period.denominator;
}

EcgMonitor::EcgMonitor() = default;
EcgMonitor::~EcgMonitor() = default;

void EcgMonitor::take(std::int64_t start_ns, std::span<const EcgSamples> channels, std::int64_t now_ns,
                      std::vector<EcgSecond>& seconds) {
  if (channels.empty() || start_ns <= 0) return;
  boost::container::static_vector<Feeder, QrsDetector::leads_max> feeders;
  std::int64_t end_ns = 0;
  for (const EcgSamples& channel : channels) {
    SALUS_ASSERT(channel.lead < leads_.size() && is_analysed(channel.period));
    end_ns = std::max(end_ns, feeders.emplace_back(channel, start_ns).end_ns());
  }
  if (end_ns / ecg_tick_ns > next_tick_) {
    heard_ns_ = now_ns;
  } else if (now_ns - heard_ns_ > back_in_time_after_ns) {
    for (auto& lead : leads_) lead.reset();
    detector_ = {};
    rate_.clear();
    next_tick_ = 0;
    status_ = EcgStatus::learning;
    heard_ns_ = now_ns;
  }
  if (next_tick_ == 0) {
    next_tick_ = start_ns / ecg_tick_ns + 1;
    quiet_since_tick_ = next_tick_ + learning_s * ecg_ticks_per_s;
  }
  // Slices begin at the same times however the device cuts its frames, so that frames change nothing that is found.
  for (std::int64_t until_ns = start_ns - start_ns % slice_ns + slice_ns;; until_ns += slice_ns) {
    for (std::size_t i = 0; i < channels.size(); ++i) {
      auto& lead = leads_[channels[i].lead];
      if (lead == nullptr) lead = std::make_unique<EcgLead>();
      feeders[i].feed(*lead, until_ns);
    }
    if (until_ns > end_ns) break;
    drain(seconds);
  }
}

// Every tick that all leads have reached which are not four seconds behind goes through the detector.
void EcgMonitor::drain(std::vector<EcgSecond>& seconds) {
  constexpr auto ring = static_cast<std::int64_t>(EcgLead::ring_ticks);
  std::int64_t newest = 0;
  for (const auto& lead : leads_)
    if (lead != nullptr && lead->started()) newest = std::max(newest, lead->end_tick());
  if (newest == 0) return;
  std::int64_t end = newest;
  std::array<const EcgLead*, QrsDetector::leads_max> here{};
  for (std::size_t i = 0; i < leads_.size(); ++i) {
    if (leads_[i] == nullptr || !leads_[i]->started() || leads_[i]->end_tick() <= newest - ring + 2 * lookback_ticks)
      continue;
    here[i] = leads_[i].get();
    end = std::min(end, leads_[i]->end_tick());
  }
  const bool attached =
      std::ranges::any_of(here, [](const EcgLead* lead) { return lead != nullptr && lead->state() != LeadState::off; });
  const std::int64_t oldest_start = newest - ring + lookback_ticks;
  next_tick_ = std::max(next_tick_, oldest_start);
  for (; next_tick_ < end; ++next_tick_) {
    found_.clear();
    detector_.take(next_tick_, here, found_);
    for (const std::int64_t tick : found_) beat(tick);
    if (next_tick_ % ecg_ticks_per_s == 0) seconds.push_back(second(next_tick_, attached));
  }
}

void EcgMonitor::beat(std::int64_t tick) {
  if (status_ == EcgStatus::asystole && rate_.last() && tick - *rate_.last() < asystole_ticks)
    status_ = EcgStatus::beating;
  rate_.beat(tick);
  quiet_since_tick_ = std::max(quiet_since_tick_, tick);
  if (listener_ != nullptr) listener_->push_back(tick * ecg_tick_ns - ecg_delay_ns);
}

EcgSecond EcgMonitor::second(std::int64_t tick, bool attached) {
  EcgSecond result{.time_ns = tick * ecg_tick_ns, .status = status_, .rate_tenths = {}};
  noisy_seconds_ =
      std::clamp<std::int64_t>(noisy_seconds_ + (detector_.take_quietest() > unrest ? 1 : -1), 0, noisy_s_max);
  if (!attached) {
    status_ = EcgStatus::lead_off;
    // What comes back is given its time to be learnt.
    quiet_since_tick_ = tick + learning_s * ecg_ticks_per_s;
  } else if (tick - quiet_since_tick_ >= asystole_ticks + QrsDetector::decision_ticks) {
    status_ = EcgStatus::asystole;
  } else if (status_ != EcgStatus::asystole) {
    const bool known = tick >= quiet_since_tick_ && rate_.tenths(tick).has_value();
    status_ = noisy_seconds_ >= noisy_s ? EcgStatus::noisy : known ? EcgStatus::beating : EcgStatus::learning;
  }
  result.status = status_;
  if (status_ == EcgStatus::asystole) {
    result.rate_tenths = 0;
  } else if (attached) {
    result.rate_tenths = rate_.tenths(tick);
  }
  return result;
}

void EcgMonitor::finish() {
  std::array<const EcgLead*, QrsDetector::leads_max> here{};
  for (std::size_t i = 0; i < leads_.size(); ++i)
    if (leads_[i] != nullptr && leads_[i]->started()) here[i] = leads_[i].get();
  found_.clear();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  for (const EcgLead* lead : here)
    if (lead != nullptr) end = std::min(end, lead->end_tick());
  if (end == std::numeric_limits<std::int64_t>::max()) return;
  for (; next_tick_ < end; ++next_tick_) detector_.take(next_tick_, here, found_);
  detector_.finish(here, found_);
  for (const std::int64_t tick : found_) beat(tick);
}

void EcgMonitor::save(Writer& writer) const {
  std::uint8_t present = 0;
  for (std::size_t i = 0; i < leads_.size(); ++i)
    if (leads_[i] != nullptr) present |= static_cast<std::uint8_t>(1U << i);
  writer.put(present);
  for (const auto& lead : leads_)
    if (lead != nullptr) lead->save(writer, next_tick_ - lookback_ticks);
  detector_.save(writer);
  rate_.save(writer);
  for (const std::int64_t value : {next_tick_, heard_ns_, quiet_since_tick_, noisy_seconds_}) writer.put(value);
  writer.put(status_);
}

bool EcgMonitor::load(Reader& reader) {
  const auto present = reader.get<std::uint8_t>();
  for (std::size_t i = 0; i < leads_.size(); ++i) {
    if ((present >> i & 1) == 0) continue;
    leads_[i] = std::make_unique<EcgLead>();
    if (!leads_[i]->load(reader)) return false;
  }
  detector_.load(reader);
  rate_.load(reader);
  for (std::int64_t* value : {&next_tick_, &heard_ns_, &quiet_since_tick_, &noisy_seconds_})
    *value = reader.get<std::int64_t>();
  status_ = reader.get<EcgStatus>();
  return !reader.failed();
}

}  // namespace salus::monitor
