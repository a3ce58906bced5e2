// Waves alone through the telemetry view: what is raised, and that it is raised once.
#include <gtest/gtest.h>

#include "log/kinds.hpp"
#include "monitor/ecg_for_test.hpp"
#include "monitor/telemetry.hpp"
#include "view/memory_table.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second;

// A device that sends one lead, in frames of a second, and perhaps its own heart rate; restarted at will.
class Bed {
 public:
  struct Heard final : Observer {
    std::string events;
    double rate = -1;
    void on_raised(const Condition& one) override {
      events += "+" + text_of(one) + "/" + std::string(name(one.priority)) + " ";
    }
    void on_ended(const Condition& one, Time) override { events += "-" + text_of(one) + " "; }
    void on_numerics(std::string_view, std::int64_t, std::span<const Numeric> values) override {
      for (const Numeric& one : values)
        if (one.code == device::code_named("hr_ecg")) rate = one.value / 10.0;
    }
  };

  explicit Bed(bool restarting) : restarting_(restarting) {
    const log::Offset offset{1};
    telemetry_->context({.kind = log::kind::device_put, .first = offset, .body = R"({"id":"m1"})"},
                        {{log::Epoch{1}, offset}, time_from_ns(now_ns_)});
  }

  // Second `s` of `samples` (250 Hz); `device_rate` below zero: none.
  void play(const std::vector<std::int32_t>& samples, std::size_t from_s, std::size_t to_s, int device_rate = -1,
            bool off = false) {
    for (std::size_t s = from_s; s < to_s; ++s) {
      device::WaveFrame frame;
      frame.time_ns = now_ns_;
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
      now_ns_ += second;
      send(payload, device::Format::waveform);
      if (device_rate >= 0) send(fmt::format(R"({{"hr":{}}})", device_rate), device::Format::json);
      if (restarting_) restart();
    }
  }
  std::string events() { return std::exchange(heard_.events, {}); }
  double rate() const { return heard_.rate; }

 private:
  void send(std::string_view payload, device::Format format) {
    device::MessageView message;
    message.format = format;
    message.payload = payload;
    writer_.begin("m1", device::Session{1}, time_from_ns(now_ns_));
    writer_.add(message);
    const log::Draft draft = writer_.take();
    const view::Place place{{log::Epoch{1}, log::Offset{++offset_}}, time_from_ns(now_ns_)};
    telemetry_->advance(place);
    const auto answer = telemetry_->apply(
        {.kind = draft.kind, .count = draft.count, .first = log::Offset{offset_}, .body = draft.body}, place);
    ASSERT_TRUE(answer && !answer->refusal);
  }
  void restart() {
    telemetry_->save(table_);
    telemetry_ = std::make_unique<Telemetry>(&heard_);
    ASSERT_TRUE(telemetry_->load(table_));
  }

  bool restarting_;
  Heard heard_;
  std::unique_ptr<Telemetry> telemetry_ = std::make_unique<Telemetry>(&heard_);
  view::MemoryTable table_;
  device::MessageRunWriter writer_;
  std::int64_t now_ns_ = start_ns;
  std::uint32_t sequence_ = 0;
  std::uint64_t offset_ = 0;
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
  EXPECT_EQ(bed.events(), "+Asystole/high ") << "and nothing beside it";
  EXPECT_EQ(bed.rate(), 0);
  bed.play(samples, 30, 50);
  EXPECT_EQ(bed.events(), "-Asystole ");
}

TEST_P(TelemetryEcg, AWaveformAloneRaisesTachycardiaAndBradycardiaByTheLimitsOfTheHeartRate) {
  auto beats = every(60.0 / 150, 0.5, 40);
  for (const double beat : every(60.0 / 35, 41, 79)) beats.push_back(beat);
  const auto samples = MadeEcg{.seconds = 80, .beats_s = beats, .t_mv = 0.15}.microvolts();
  Bed bed{GetParam()};
  bed.play(samples, 0, 40);
  EXPECT_EQ(bed.events(), "+Heart rate (counted from ECG) above 130 /min/high ");
  bed.play(samples, 40, 80);
  const std::string events = bed.events();
  EXPECT_NE(events.find("-Heart rate (counted from ECG) above 130 /min"), std::string::npos) << events;
  EXPECT_TRUE(events.ends_with("+Heart rate (counted from ECG) below 40 /min/high ")) << events;
}

TEST_P(TelemetryEcg, OneAlarmNotTwoWhenTheDeviceCountsToo) {
  const auto fast = MadeEcg{.seconds = 40, .beats_s = every(60.0 / 150, 0.5, 39), .t_mv = 0.15}.microvolts();
  Bed bed{GetParam()};
  bed.play(fast, 0, 39, 150);
  EXPECT_EQ(bed.events(), "+Heart rate above 130 /min/high ");
  // A device that says 0 in asystole adds nothing to it.
  const auto stops = MadeEcg{.seconds = 40, .beats_s = every(0.8, 0.5, 15)}.microvolts();
  Bed other{GetParam()};
  other.play(stops, 0, 20, 75);
  other.play(stops, 20, 40, 0);
  EXPECT_EQ(other.events(), "+Asystole/high ");
}

TEST_P(TelemetryEcg, ALeadThatFellOffIsTechnicalAndNoAsystole) {
  const auto samples = MadeEcg{.seconds = 60, .beats_s = every(0.8, 0.5, 59)}.microvolts();
  Bed bed{GetParam()};
  bed.play(samples, 0, 20);
  bed.play(samples, 20, 30, -1, true);
  EXPECT_EQ(bed.events(), "+ECG lead off/low ");
  bed.play(samples, 30, 59);
  EXPECT_EQ(bed.events(), "-ECG lead off ");
}

TEST_P(TelemetryEcg, PacerSpikesWithoutCaptureAreAsystole) {
  const auto samples =
      MadeEcg{.seconds = 40, .beats_s = every(0.8, 0.55, 20), .spikes_s = every(0.8, 0.5, 40)}.microvolts();
  Bed bed{GetParam()};
  bed.play(samples, 0, 20);
  EXPECT_EQ(bed.events(), "");
  bed.play(samples, 20, 30);
  EXPECT_EQ(bed.events(), "+Asystole/high ");
}

}  // namespace
}  // namespace salus::monitor
