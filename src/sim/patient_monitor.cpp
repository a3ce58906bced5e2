// What the monitor beside a simulated patient sends: waves and numbers.
#include <cmath>
#include <numbers>

#include "base/assert.hpp"
#include "device/code.hpp"
#include "sim/patient.hpp"

namespace salus::sim {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kCuffEvery_s = 120;
constexpr double kPerMillivolt = 200;  // 5 µV, and 0.005 of the pleth's and the impedance's unit, a step

struct Source {
  const char* code;
  Lead lead;
};
constexpr Source kLeads[] = {{"ecg_ii", Lead::ii}, {"ecg_v", Lead::v1}, {"ecg_i", Lead::i}};

std::int32_t step_of(double value) {
  return static_cast<std::int32_t>(std::lround(value * kPerMillivolt));
}

}  // namespace

void Patient::frame_into(std::string& payload, std::int64_t time_ns) {
  const auto count = static_cast<std::uint16_t>(options_.ecg_hertz * frame_length.count() / 1000);
  frame_.clear();
  frame_.time_ns = time_ns;
  frame_.period = {1'000'000'000 / options_.ecg_hertz, 1};
  frame_.sequence = static_cast<std::uint32_t>(sequence_++);
  const auto pulse_divider = static_cast<std::uint16_t>(options_.ecg_hertz / pulse_hertz);
  const auto add = [&](const char* code, std::uint16_t divider, bool measured) {
    device::WaveChannel& made = frame_.add_channel();
    made.mdc = device::info(device::code_named(code)).mdc;
    made.divider = divider;
    made.offset = 0;
    made.multiplier = 5;
    made.exponent = 3;
    made.encoding = device::WaveEncoding::packed;
    made.unit = {};
    made.samples.clear();
    made.gaps.clear();
    made.sample_count = static_cast<std::uint16_t>((count + divider - 1) / divider);
    if (!measured) made.gaps.push_back({0, made.sample_count});
  };
  const auto leads = static_cast<std::size_t>(options_.leads);
  for (std::size_t i = 0; i < leads; ++i) add(kLeads[i].code, 1, now_.lead);
  add("pleth", pulse_divider, now_.probe);
  add("resp", static_cast<std::uint16_t>(2 * pulse_divider), now_.lead);  // impedance between two ECG electrodes
  if (profile_.arterial_line) {
    add("art", pulse_divider, true);
    frame_.channels()[leads + 2].multiplier = 5;
    frame_.channels()[leads + 2].exponent = 2;  // 0.05 mm[Hg]
  }
  const auto put = [&](std::size_t channel, int i, std::int32_t value) {
    device::WaveChannel& to = frame_.channels()[channel];
    if (to.gaps.empty() && i % to.divider == 0) to.samples.push_back(value);
  };
  for (int i = 0; i < count; ++i) {
    step();
    const double baseline = 0.05 * std::sin(kTurn * breath_phase_);
    const double spike = heart_.spike() ? 2.5 : 0;
    for (std::size_t lead = 0; lead < leads; ++lead)
      put(lead, i, step_of(heart_.millivolts(kLeads[lead].lead) + baseline + spike + noise(0.008)));
    const double depth = 1 + 0.08 * std::sin(kTurn * breath_phase_);
    put(leads, i, step_of(0.8 * depth * pulse_wave(0.26)));
    put(leads + 1, i, step_of(0.9 * std::sin(kTurn * breath_phase_) + 0.25 * std::sin(2 * kTurn * breath_phase_)));
    if (!profile_.arterial_line) continue;
    const double pressure = arterial();
    if (measured_++ == 0) high_ = low_ = pressure, sum_ = 0;
    high_ = std::max(high_, pressure);
    low_ = std::min(low_, pressure);
    sum_ += pressure;
    put(leads + 2, i, static_cast<std::int32_t>(std::lround(pressure * 20)));
  }
  const auto encoded = device::encode_waveform(frame_, payload);
  SALUS_ASSERT(encoded);
}

std::string Patient::numbers(Time at) {
  const double s = static_cast<double>(ticks_) / options_.ecg_hertz;
  std::string text = fmt::format(R"({{"t":"{}","seq":{})", to_iso(at), sequence_++);
  const auto put = [&](std::string_view code, std::optional<double> value, int digits = 0) {
    if (value)
      text += fmt::format(R"(,"{}":{:.{}f})", code, *value, digits);
    else
      text += fmt::format(R"(,"{}":null)", code);
  };
  const std::optional<double> rate = heart_.rate();
  const bool pulses = s - last_pulse_s_ < 3 && now_.rhythm != Rhythm::vt;
  // A monitor that sees no beat at all says 0; one that cannot count (electrodes off, fibrillation) says nothing.
  const bool counts = now_.lead && now_.rhythm != Rhythm::vf;
  put("hr", counts ? std::optional(rate.value_or(0)) : std::nullopt);
  put("pulse", now_.probe && pulses ? rate : std::nullopt);
  put("spo2", now_.probe && pulses ? std::optional(std::clamp(saturation_ + noise(0.2), 0.0, 100.0)) : std::nullopt);
  put("rr", now_.lead ? std::optional(std::max(0.0, respiration_.at(s) + noise(0.4))) : std::nullopt);
  put("temp", temperature_.at(s), 1);
  if (profile_.arterial_line && measured_ > 0) {
    put("art_sys", high_);
    put("art_dia", low_);
    put("art_map", sum_ / measured_);
    measured_ = 0;
  }
  if (cuff_systolic_ == 0 || std::fmod(s, kCuffEvery_s) < 1) {
    cuff_systolic_ = std::max(systolic_.at(s) + noise(2), 0.0);
    cuff_diastolic_ = std::clamp(diastolic_.at(s) + noise(2), 0.0, cuff_systolic_);
    if (pulses) {
      put("nibp_sys", cuff_systolic_);
      put("nibp_dia", cuff_diastolic_);
      put("nibp_map", cuff_diastolic_ + (cuff_systolic_ - cuff_diastolic_) / 3);
    }
  }
  if (!said_) {
    text += fmt::format(R"(,"avpu":"{}","on_oxygen":{})", static_cast<char>(now_.awake), now_.oxygen);
    said_ = true;
  }
  return text + "}";
}

}  // namespace salus::sim
