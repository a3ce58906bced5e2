// From ECG waves to a heart rate and to what is wrong with the rhythm. The rate is a series of its own (hr_ecg,
// derived), beside what the device calls its heart rate.
//
// One alarm for one thing: hr_ecg passes the limits only while the device sends no heart rate of its own, and neither
// rate can be too low while asystole is on.
#include <algorithm>

#include "monitor/telemetry_state.hpp"

namespace salus::monitor {
namespace {

constexpr std::int32_t stored_per_uv = 100'000;  // ECG is stored at eight places of mV

// Which lead of the detector a code is; leads_max when it is no ECG.
std::size_t lead_of(Code code) {
  static const std::array<Code, QrsDetector::leads_max> leads{device::code_named("ecg"), device::code_named("ecg_i"),
                                                              device::code_named("ecg_ii"), device::code_named("ecg_v"),
                                                              device::code_named("ecg_iii")};
  return static_cast<std::size_t>(std::ranges::find(leads, code) - leads.begin());
}

Code device_rate_code() {
  static const Code code = device::code_named("hr");
  return code;
}

bool has_limits(const CodeRules& rules) {
  return rules.safe_low != std::numeric_limits<Value>::min() || rules.safe_high != std::numeric_limits<Value>::max();
}

}  // namespace

Code ecg_rate_code() {
  static const Code code = device::code_named("hr_ecg");
  return code;
}

// The heart rate's limits hold for what is counted from the ECG, unless it has some of its own.
const CodeRules& Telemetry::rules_of(const DeviceState& state, Code code) {
  const CodeRules& own = (*state.limits)[device::index(code)];
  return code == ecg_rate_code() && !has_limits(own) ? (*state.limits)[device::index(device_rate_code())] : own;
}

// Requires: `stored` are the channel's samples without gaps, at the code's scale.
void Telemetry::collect_ecg(Code code, const device::WaveChannel& channel, const series::Period& period,
                            std::span<const Value> stored) {
  const std::size_t lead = lead_of(code);
  if (lead == QrsDetector::leads_max || !EcgMonitor::is_analysed(period)) return;
  if (std::ranges::any_of(ecg_channels_, [&](const EcgSamples& other) { return other.lead == lead; })) return;
  std::vector<std::int32_t>& microvolts = ecg_microvolts_[lead];
  microvolts.resize(stored.size());
  for (std::size_t i = 0; i < stored.size(); ++i) microvolts[i] = stored[i] / stored_per_uv;
  EcgSamples& samples = ecg_channels_.emplace_back();
  samples.lead = lead;
  samples.period = period;
  samples.count = channel.sample_count;
  samples.microvolts = microvolts;
  for (const device::WaveGap& gap : channel.gaps) samples.gaps.push_back({gap.first, gap.count});
}

void Telemetry::take_ecg(DeviceState& state, std::int64_t start_ns, const view::Place& place) {
  if (ecg_channels_.empty()) return;
  if (state.ecg == nullptr) state.ecg = std::make_unique<EcgMonitor>();
  ecg_seconds_.clear();
  state.ecg->take(start_ns, ecg_channels_, ns_of(place.time), ecg_seconds_);
  for (const EcgSecond& second : ecg_seconds_) take_ecg_second(state, second, place);
}

void Telemetry::take_ecg_second(DeviceState& state, const EcgSecond& second, const view::Place& place) {
  const Code code = ecg_rate_code();
  const auto set = [&](ConditionRule rule, Priority priority, bool on) {
    // What may have killed the patient is not over because a beat came.
    const bool latching = rule == ConditionRule::asystole;
    on ? raise(state, code, rule, priority, std::nullopt, std::nullopt, place, latching)
       : end(state, code, rule, priority, place);
  };
  set(ConditionRule::asystole, Priority::high, second.status == EcgStatus::asystole);
  set(ConditionRule::ecg_lead_off, Priority::low, second.status == EcgStatus::lead_off);
  set(ConditionRule::ecg_noisy, Priority::low, second.status == EcgStatus::noisy);

  VitalState& vital = state.vitals[device::index(code)];
  // An ECG that comes is no missing one, also where nothing can be counted in it: the conditions above say why.
  vital.heard_ns = ns_of(place.time);
  if (vital.missing) {
    vital.missing = false;
    end(state, code, ConditionRule::no_data, Priority::medium, place);
  }
  if (second.rate_tenths) {
    if (vital.channel == no_channel) {
      const auto channel = store_.open({state.id, device::info(code).mdc, 0});
      if (!channel) return;
      vital.channel = *channel;
    }
    if (!vital.known) {
      vital.known = true;
      state.continuous |= std::uint64_t{1} << device::index(code);
      arm(state, vital.heard_ns + no_data_after_ns(code));
    }
    vital.time_ns = second.time_ns;
    vital.value = *second.rate_tenths;
    store_.append(vital.channel, second.time_ns, vital.value, place.time);
    const Numeric numeric{code, vital.value};
    observer_->on_numerics(state.id, second.time_ns, std::span(&numeric, 1));
  }
  if (second.status == EcgStatus::asystole) {
    quiet(state, code, place);
    quiet_low(state, device_rate_code(), place);
  } else if (device_sends_rate(state, ns_of(place.time))) {
    quiet(state, code, place);
  } else if (second.rate_tenths) {
    watch(state, code, vital.value, {second.time_ns, ns_of(place.time)}, place);
  }
}

bool Telemetry::device_sends_rate(const DeviceState& state, std::int64_t now_ns) const {
  const VitalState& own = state.vitals[device::index(device_rate_code())];
  return own.known && !own.missing &&
         now_ns - own.heard_ns < own.rhythm.silent_after_ns(no_data_after_ns(device_rate_code()));
}

// Whether a low heart rate is already said, and worse, by asystole.
bool Telemetry::is_said_by_asystole(const DeviceState& state, Code code, Value value) const {
  return code == device_rate_code() && value < rules_of(state, code).safe_low &&
         state.conditions.contains({ecg_rate_code(), ConditionRule::asystole, Priority::high});
}

// Ends what the limits of `code` have raised, as if they had never been broken.
void Telemetry::quiet(DeviceState& state, Code code, const view::Place& place) {
  auto& watch = state.watches[device::index(code)];
  if (watch == nullptr || watch->idle()) return;
  for (std::size_t i = 0; i < priority_count; ++i)
    for (const ConditionRule rule : {ConditionRule::low, ConditionRule::high, ConditionRule::news2})
      end(state, code, rule, Priority(i), place);
  *watch = LimitWatch{};
  state.watched &= ~(std::uint64_t{1} << device::index(code));
}

void Telemetry::quiet_low(DeviceState& state, Code code, const view::Place& place) {
  const VitalState& vital = state.vitals[device::index(code)];
  if (vital.known && is_said_by_asystole(state, code, vital.value)) quiet(state, code, place);
}

}  // namespace salus::monitor
