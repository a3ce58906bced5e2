#include "sim/patient.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <numbers>

#include "base/assert.hpp"
#include "device/code.hpp"
#include "device/waveform_frame.hpp"

namespace salus::sim {
namespace {

// Height in mV, phase (R at 0) and width of each bump of the ECG, as parts of a beat at 60/min.
struct Bump {
  double height, phase, width;
};
constexpr Bump kBeat[] = {
    {0.13, -0.20, 0.035}, {-0.10, -0.030, 0.010}, {1.10, 0.0, 0.012}, {-0.22, 0.032, 0.011}, {0.30, 0.28, 0.060}};

double wrapped(double phase) {
  return phase - std::round(phase);
}

double bump(double phase, const Bump& shape) {
  const double distance = wrapped(phase - shape.phase);
  return shape.height * std::exp(-distance * distance / (2 * shape.width * shape.width));
}

constexpr double kNibpEvery_s = 120;

}  // namespace

std::vector<PatientProfile> demo_ward() {
  std::vector<PatientProfile> ward(8);
  ward[0] = {.heart_rate = 72};
  ward[1] = {.heart_rate = 84, .spo2 = 95, .respiration = 18, .systolic = 138, .diastolic = 84};
  ward[2] = {.heart_rate = 91,
             .spo2 = 94,
             .respiration = 20,
             .systolic = 118,
             .diastolic = 70,
             .course = Course::desaturation,
             .begins_s = 15,
             .lasts_s = 60,
             .every_s = 240};
  ward[3] = {.heart_rate = 63, .spo2 = 98, .respiration = 12, .systolic = 110, .diastolic = 66};
  ward[4] = {.heart_rate = 96,
             .spo2 = 96,
             .respiration = 17,
             .course = Course::tachycardia,
             .begins_s = 45,
             .lasts_s = 50,
             .every_s = 300};
  ward[5] = {.heart_rate = 58,
             .spo2 = 97,
             .respiration = 13,
             .systolic = 126,
             .diastolic = 72,
             .course = Course::bradycardia,
             .begins_s = 150,
             .lasts_s = 40,
             .every_s = 420};
  ward[6] = {.heart_rate = 88,
             .spo2 = 96,
             .respiration = 16,
             .temperature = 37.9,
             .course = Course::fever,
             .begins_s = 60,
             .lasts_s = 600,
             .every_s = 1800};
  ward[7] = {.heart_rate = 76, .spo2 = 99, .respiration = 15, .systolic = 131, .diastolic = 79};
  return ward;
}

double Patient::strength() const {
  const double at = static_cast<double>(ticks_) / ecg_hertz - profile_.begins_s;
  if (profile_.course == Course::stable || at < 0) return 0;
  const double within = std::fmod(at, profile_.every_s);
  if (within > profile_.lasts_s) return 0;
  const double ramp = std::min(10.0, profile_.lasts_s / 4);
  return std::clamp(std::min(within, profile_.lasts_s - within) / ramp, 0.0, 1.0);
}

void Patient::step() {
  const double course = strength();
  double rate = profile_.heart_rate + 2.5 * std::sin(2 * std::numbers::pi * breath_phase_);
  double saturation = profile_.spo2;
  switch (profile_.course) {
    case Course::desaturation:
      saturation -= course * 13;
      rate += course * 18;
      break;
    case Course::tachycardia:
      rate += course * 52;
      break;
    case Course::bradycardia:
      rate -= course * 22;
      break;
    case Course::fever:
      rate += course * 14;
      break;
    case Course::stable:
      break;
  }
  rate_ = rate_ == 0 ? rate : rate_ + (rate - rate_) / (2.0 * ecg_hertz);
  saturation_ = saturation_ == 0 ? saturation : saturation_ + (saturation - saturation_) / (4.0 * ecg_hertz);
  beat_phase_ = std::fmod(beat_phase_ + rate_ / 60 / ecg_hertz, 1.0);
  breath_phase_ = std::fmod(breath_phase_ + profile_.respiration / 60 / ecg_hertz, 1.0);
  ++ticks_;
}

// Bumps keep their width in time as the rate rises, so in phase they widen.
double Patient::ecg() const {
  double sum = 0.05 * std::sin(2 * std::numbers::pi * breath_phase_);
  const double stretch = std::sqrt(rate_ / 60);
  for (const Bump& shape : kBeat)
    sum += bump(beat_phase_, {shape.height, shape.phase * stretch, shape.width * stretch});
  return sum;
}

double Patient::pleth() const {
  const double delay = 0.18 * rate_ / 60;
  const double depth = 1 + 0.08 * std::sin(2 * std::numbers::pi * breath_phase_);
  return depth * (bump(beat_phase_ - delay, {0.80, 0.12, 0.085}) + bump(beat_phase_ - delay, {0.38, 0.38, 0.11}));
}

std::string Patient::numbers(Time at) {
  const double seconds = static_cast<double>(ticks_) / ecg_hertz;
  const double breath = profile_.respiration + noise(0.4);
  const double temperature = profile_.temperature + (profile_.course == Course::fever ? strength() * 1.4 : 0);
  std::string text = fmt::format(
      R"({{"t":"{}","seq":{},"hr":{:.0f},"pulse":{:.0f},"spo2":{:.0f},"rr":{:.0f},"temp":{:.1f})", to_iso(at),
      sequence_++, rate_ + noise(0.3), rate_ + noise(0.4), saturation_ + noise(0.2), breath, temperature);
  const bool cuff = nibp_systolic_ == 0 || std::fmod(seconds, kNibpEvery_s) < 1;
  if (cuff) {
    nibp_systolic_ = profile_.systolic + noise(2);
    nibp_diastolic_ = profile_.diastolic + noise(2);
    text += fmt::format(R"(,"nibp_sys":{:.0f},"nibp_dia":{:.0f},"nibp_map":{:.0f})", nibp_systolic_, nibp_diastolic_,
                        nibp_diastolic_ + (nibp_systolic_ - nibp_diastolic_) / 3);
  }
  if (seconds < 1) text += R"(,"avpu":"A","on_oxygen":false)";
  return text + "}";
}

std::vector<std::pair<std::string, std::string>> Patient::next(Time at) {
  device::WaveFrame frame;
  frame.time_ns = ns_of(at);
  frame.period = {1'000'000'000 / ecg_hertz, 1};
  const auto channel = [&](const char* code, std::uint16_t divider) -> device::WaveChannel& {
    device::WaveChannel& made = frame.add_channel();
    made = {};
    made.mdc = device::info(device::code_named(code)).mdc;
    made.divider = divider;
    made.multiplier = 5;
    made.exponent = 3;  // 5 µV, or 0.005 of the pleth's unit
    return made;
  };
  channel("ecg_ii", 1);
  channel("pleth", 2);
  const bool second = ticks_ % ecg_hertz < frame_length.count() * ecg_hertz / 1000;
  const int count = static_cast<int>(ecg_hertz * frame_length.count() / 1000);
  for (int i = 0; i < count; ++i) {
    step();
    frame.channels()[0].samples.push_back(static_cast<std::int32_t>(std::lround((ecg() + noise(0.008)) * 200)));
    if (i % 2 == 0) frame.channels()[1].samples.push_back(static_cast<std::int32_t>(std::lround(pleth() * 200)));
  }
  for (device::WaveChannel& made : frame.channels())
    made.sample_count = static_cast<std::uint16_t>(made.samples.size());
  frame.sequence = static_cast<std::uint32_t>(sequence_++);
  std::vector<std::pair<std::string, std::string>> out;
  std::string payload;
  const auto encoded = device::encode_waveform(frame, payload);
  SALUS_ASSERT(encoded);
  out.emplace_back("waveforms", std::move(payload));
  if (second) out.emplace_back("telemetry", numbers(at));
  return out;
}

asio::awaitable<void> live(Patient patient, Publisher& publisher, const Clock& clock) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  auto wake = std::chrono::steady_clock::now();
  Time at = clock.now();
  while (true) {
    wake += Patient::frame_length;
    timer.expires_at(wake);
    co_await timer.async_wait(asio::use_awaitable);
    for (auto& [topic, payload] : patient.next(at))
      if (auto sent = co_await publisher.send(topic, std::move(payload)); !sent) co_return;
    at += Patient::frame_length;
    // After a long wait without a server, go on from now: a monitor does not send its past faster than it lived.
    if (clock.now() - at > seconds{30}) {
      at = clock.now();
      wake = std::chrono::steady_clock::now();
    }
  }
}

}  // namespace salus::sim
