// What Telemetry keeps of each device. Private to telemetry*.cpp.
#pragma once

#include <bit>

#include "monitor/telemetry.hpp"

namespace salus::monitor {

inline constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();
inline constexpr series::Channel no_channel{0xFFFFFFFF};

// How often something comes: the longest interval of late, which fades by an eighth with each shorter one. Silence is
// alarming after three of them, so that a sensor that reports every half minute is not taken for a silent one.
struct Rhythm {
  static constexpr std::int64_t longest_ns = 120'000'000'000;

  std::int64_t interval_ns = 0;

  void observe(std::int64_t gap_ns) {
    interval_ns = std::min(longest_ns, std::max(gap_ns, interval_ns - interval_ns / 8));
  }
  std::int64_t silent_after_ns(std::int64_t at_least_ns) const { return std::max(at_least_ns, 3 * interval_ns); }
};

struct VitalState {
  series::Channel channel = no_channel;
  bool known = false;
  bool missing = false;  // a no-data condition is on
  std::int64_t time_ns = 0;
  std::int64_t heard_ns = 0;
  Value value = 0;
  Rhythm rhythm;
};

struct ConditionKey {
  Code code{};
  ConditionRule rule{};
  Priority priority{};
  auto operator<=>(const ConditionKey&) const = default;
};

struct Telemetry::DeviceState {
  std::string id;
  DeviceStatus status;
  std::uint64_t seen_registry = 0;  // revisions that `enabled`, `subject` and `limits` come from; not part of the state
  std::uint64_t seen_limits = 0;
  std::uint64_t seen_bindings = 0;  // the same of `person`
  std::int64_t binding_until_ns = never_ns;
  bool enabled = false;
  bool dirty = false;
  bool alone = false;  // one message so far: no rhythm yet
  Subject subject;     // as the registry has it
  std::shared_ptr<const LimitSet> limits;

  std::string person;                       // whose values these are; empty: nobody's
  std::int64_t person_since_ns = never_ns;  // never_ns: not looked at yet

  std::array<VitalState, device::code_count_max> vitals;
  std::uint64_t continuous = 0;  // bit per code that is measured all the time and known here
  std::array<std::unique_ptr<LimitWatch>, device::code_count_max> watches;  // made when a limit is first broken
  std::uint64_t watched = 0;                                                // bit per code whose watch is not idle
  device::RecentPairs readings;                                             // (time, seq)
  device::RecentPairs packets;                                              // (session and packet id, checksum)
  device::RecentPairs frames;                                               // (time, sequence)
  device::DeviceClock clock;
  Rhythm rhythm;
  std::unique_ptr<EcgMonitor> ecg;  // made with the first ECG
  std::map<ConditionKey, Condition> conditions;
  std::uint64_t condition_count = 0;

  News2 news2;
  News2Inputs news2_inputs;  // that it was made of; not part of the state, for it can be made again
  bool has_news2 = false;
  std::int64_t news2_ns = 0;
  Value news2_watched = -1;

  std::int64_t timer_ns = never_ns;  // where it stands in timers_
};

Code ecg_rate_code();  // hr_ecg

// Calls `each(code)` for every bit that is set, ascending.
template <class Each>
void for_each_code(std::uint64_t bits, const Each& each) {
  for (; bits != 0; bits &= bits - 1) each(Code{static_cast<std::uint8_t>(std::countr_zero(bits))});
}

}  // namespace salus::monitor
