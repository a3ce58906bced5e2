#include "sim/patient.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.hpp"

namespace salus::sim {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kFillingPressure = 15;  // mm[Hg], without circulation

double seconds_of(milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

}  // namespace

double Patient::Target::at(double s) const {
  if (s >= to_s) return to;
  return from + (to - from) * (s - from_s) / (to_s - from_s);
}

void Patient::Target::turn(double value, double s, double over_s) {
  *this = {.from = at(s), .to = value, .from_s = s, .to_s = s + over_s};
}

Patient::Patient(const PatientProfile& profile, Scenario scenario, PatientOptions options)
    : profile_(profile),
      scenario_(std::move(scenario)),
      options_(options),
      random_(options.seed),
      heart_(options.seed * 2 + 1) {
  SALUS_ASSERT(options.leads >= 1 && options.leads <= 3 && (options.ecg_hertz == 250 || options.ecg_hertz == 500));
  heart_rate_.turn(profile.heart_rate, 0, 0);
  respiration_.turn(profile.respiration, 0, 0);
  spo2_.turn(profile.spo2, 0, 0);
  systolic_.turn(profile.systolic, 0, 0);
  diastolic_.turn(profile.diastolic, 0, 0);
  temperature_.turn(profile.temperature, 0, 0);
  take(scenario_.start, 0);
  begun_s_ = seconds_of(profile.delay);
  rate_ = heart_rate_.to;
  saturation_ = spo2_.to;
  pressure_ = diastolic_.to;
}

void Patient::take(const Change& change, double s) {
  const double over_s = seconds_of(change.over);
  const auto turn = [&](Target& target, const std::optional<double>& value) {
    if (value) target.turn(*value, s, over_s);
  };
  turn(heart_rate_, change.heart_rate);
  turn(respiration_, change.respiration);
  turn(spo2_, change.spo2);
  turn(systolic_, change.systolic);
  turn(diastolic_, change.diastolic);
  turn(temperature_, change.temperature);
  if (change.awake || change.oxygen) said_ = false;
  now_.awake = change.awake.value_or(now_.awake);
  now_.rhythm = change.rhythm.value_or(now_.rhythm);
  now_.oxygen = change.oxygen.value_or(now_.oxygen);
  now_.capture = change.capture.value_or(now_.capture);
  now_.lead = change.lead.value_or(now_.lead);
  now_.probe = change.probe.value_or(now_.probe);
  now_.network = change.network.value_or(now_.network);
  now_.clock = change.clock.value_or(now_.clock);
  now_.drift_ppm = change.drift_ppm.value_or(now_.drift_ppm);
}

void Patient::follow_scenario() {
  const double s = static_cast<double>(ticks_) / options_.ecg_hertz;
  while (next_change_ < scenario_.changes.size() && s >= begun_s_ + seconds_of(scenario_.changes[next_change_].at))
    take(scenario_.changes[next_change_++], s);
  if (scenario_.repeat && s >= begun_s_ + seconds_of(*scenario_.repeat)) {
    begun_s_ += seconds_of(*scenario_.repeat);
    next_change_ = 0;
  }
}

void Patient::step() {
  const double dt = 1.0 / options_.ecg_hertz;
  ++ticks_;
  const double s = static_cast<double>(ticks_) * dt;
  rate_ += (heart_rate_.at(s) - rate_) * dt / 1.0;
  breath_phase_ = std::fmod(breath_phase_ + respiration_.at(s) / 60 * dt, 1.0);
  heart_.advance(s, now_.rhythm, rate_, now_.capture, breath_phase_);
  for (const Heart::Beat& beat : heart_.beats())
    if (beat.at_s <= s && beat.strength > 0.2) last_pulse_s_ = std::max(last_pulse_s_, beat.at_s);
  const bool circulates = s - last_pulse_s_ < 2.5;
  pressure_ += ((circulates ? diastolic_.at(s) : kFillingPressure) - pressure_) * dt / (circulates ? 1.5 : 5.0);
  const double saturation = circulates ? spo2_.at(s) : 55;
  saturation_ += (saturation - saturation_) * dt / (circulates ? 6.0 : 90.0);
  drifted_s_ += now_.drift_ppm * 1e-6 * dt;
}

// Of height 1 for a normal beat, `delay_s` behind the heart.
double Patient::pulse_wave(double delay_s) const {
  double sum = 0;
  for (const Heart::Beat& beat : heart_.beats()) {
    const double from = heart_.now_s() - beat.at_s - delay_s;
    if (from < -0.2 || from > 1.0) continue;
    const double stretch = std::sqrt(std::clamp(beat.rr_s, 0.3, 1.4));
    const double systolic = (from - 0.06 * stretch) / (0.075 * stretch);
    const double dicrotic = (from - 0.28 * stretch) / (0.10 * stretch);
    sum += beat.strength * (std::exp(-systolic * systolic / 2) + 0.42 * std::exp(-dicrotic * dicrotic / 2));
  }
  return sum;
}

double Patient::arterial() const {
  const double s = heart_.now_s();
  const double breath = 1.5 * std::sin(kTurn * breath_phase_);
  return pressure_ + breath + (systolic_.at(s) - diastolic_.at(s)) * pulse_wave(0.18);
}

Time Patient::monitor_time(Time at) const {
  return at + now_.clock + nanoseconds{static_cast<std::int64_t>(drifted_s_ * 1e9)};
}

std::vector<std::pair<std::string, std::string>> Patient::next(Time at) {
  follow_scenario();
  const bool second = ticks_ % options_.ecg_hertz < frame_length.count() * options_.ecg_hertz / 1000;
  std::vector<std::pair<std::string, std::string>> out;
  out.emplace_back("waveforms", std::string{});
  frame_into(out.back().second, ns_of(monitor_time(at)));
  if (second) out.emplace_back("telemetry", numbers(monitor_time(at)));
  return out;
}

}  // namespace salus::sim
