// Waves alone through the telemetry view: what is raised, and that it is raised once.
#include "monitor/ecg_for_test.hpp"
#include "monitor/telemetry_for_test.hpp"

namespace salus::monitor {
namespace {

// A device that sends one lead, in frames of a second, and perhaps its own heart rate.
class Bed : public Bench {
 public:
  using Bench::Bench;

  // Second `s` of `samples` (250 Hz); `device_rate` below zero: none.
  void play(const std::vector<std::int32_t>& samples, std::size_t from_s, std::size_t to_s, int device_rate = -1,
            bool off = false) {
    for (std::size_t s = from_s; s < to_s; ++s) {
      device::WaveFrame frame;
      frame.time_ns = now_ns;
      frame.sequence = ++sequence_;
      frame.period = {4'000'000, 1};
      device::WaveChannel& channel = frame.add_channel();
      channel = {};
      channel.mdc = device::info(device::code_named("ecg_ii")).mdc;
      channel.multiplier = 1;
      channel.exponent = 3;
      channel.sample_count = 250;
      if (off) {
        channel.gaps = {{0, 250}};
      } else {
        channel.samples.assign(samples.begin() + static_cast<std::ptrdiff_t>(s * 250),
                               samples.begin() + static_cast<std::ptrdiff_t>((s + 1) * 250));
      }
      std::string payload;
      ASSERT_TRUE(device::encode_waveform(frame, payload));
      now_ns += second;
      send(payload, {.format = device::Format::waveform});
      if (device_rate >= 0) send(fmt::format(R"({{"hr":{}}})", device_rate));
    }
  }
  double rate() const { return numerics().at(device::code_named("hr_ecg")) / 10.0; }

 private:
  std::uint32_t sequence_ = 0;
};

class TelemetryEcg : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutRestarts, TelemetryEcg, testing::Bool());

TEST_P(TelemetryEcg, AWaveformAloneRaisesAsystoleAndEndsIt) {
  auto beats = every(0.8, 0.5, 20);
  for (const double beat : every(0.8, 35, 49)) beats.push_back(beat);
  const auto samples = MadeEcg{.seconds = 50, .beats_s = beats}.microvolts();
  Bed bed{GetParam()};
  bed.play(samples, 0, 20);
  EXPECT_EQ(bed.events(), "");
  EXPECT_NEAR(bed.rate(), 75, 1);
  bed.play(samples, 20, 30);
  EXPECT_EQ(bed.events(), "+hr_ecg.asystole.high") << "and nothing beside it";
  EXPECT_EQ(bed.rate(), 0);
  bed.play(samples, 30, 50);
  EXPECT_EQ(bed.events(), "-hr_ecg.asystole.high");
}

TEST_P(TelemetryEcg, AWaveformAloneRaisesTachycardiaAndBradycardiaByTheLimitsOfTheHeartRate) {
  auto beats = every(60.0 / 150, 0.5, 40);
  for (const double beat : every(60.0 / 35, 41, 79)) beats.push_back(beat);
  const auto samples = MadeEcg{.seconds = 80, .beats_s = beats, .t_mv = 0.15}.microvolts();
  Bed bed{GetParam()};
  bed.play(samples, 0, 40);
  EXPECT_EQ(bed.events(), "+hr_ecg.high.high");
  bed.play(samples, 40, 80);
  const std::string events = bed.events();
  EXPECT_NE(events.find("-hr_ecg.high.high"), std::string::npos) << events;
  EXPECT_TRUE(events.ends_with("+hr_ecg.low.high")) << events;
}

TEST_P(TelemetryEcg, OneAlarmNotTwoWhenTheDeviceCountsToo) {
  const auto fast = MadeEcg{.seconds = 40, .beats_s = every(60.0 / 150, 0.5, 39), .t_mv = 0.15}.microvolts();
  Bed bed{GetParam()};
  bed.play(fast, 0, 39, 150);
  EXPECT_EQ(bed.events(), "+hr.high.high");
  // A device that says 0 in asystole adds nothing to it.
  const auto stops = MadeEcg{.seconds = 40, .beats_s = every(0.8, 0.5, 15)}.microvolts();
  Bed other{GetParam()};
  other.play(stops, 0, 20, 75);
  other.play(stops, 20, 40, 0);
  EXPECT_EQ(other.events(), "+hr_ecg.asystole.high");
}

TEST_P(TelemetryEcg, ALeadThatFellOffIsTechnicalAndNoAsystole) {
  const auto samples = MadeEcg{.seconds = 60, .beats_s = every(0.8, 0.5, 59)}.microvolts();
  Bed bed{GetParam()};
  bed.play(samples, 0, 20);
  bed.play(samples, 20, 30, -1, true);
  EXPECT_EQ(bed.events(), "+hr_ecg.ecg_lead_off.low");
  bed.play(samples, 30, 59);
  EXPECT_EQ(bed.events(), "-hr_ecg.ecg_lead_off.low");
}

TEST_P(TelemetryEcg, PacerSpikesWithoutCaptureAreAsystole) {
  const auto samples =
      MadeEcg{.seconds = 40, .beats_s = every(0.8, 0.55, 20), .spikes_s = every(0.8, 0.5, 40)}.microvolts();
  Bed bed{GetParam()};
  bed.play(samples, 0, 20);
  EXPECT_EQ(bed.events(), "");
  bed.play(samples, 20, 30);
  EXPECT_EQ(bed.events(), "+hr_ecg.asystole.high");
}

}  // namespace
}  // namespace salus::monitor
