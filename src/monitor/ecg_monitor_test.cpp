#include "monitor/ecg_monitor.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "monitor/beat_match.hpp"
#include "monitor/ecg_for_test.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second;

struct Found {
  std::vector<std::int64_t> beats_ms;  // after the start
  std::vector<EcgSecond> seconds;
  EcgStatus status() const { return seconds.empty() ? EcgStatus::learning : seconds.back().status; }
  double rate() const {
    return seconds.empty() || !seconds.back().rate_tenths ? -1 : *seconds.back().rate_tenths / 10.0;
  }
  bool ever(EcgStatus status) const {
    return std::ranges::any_of(seconds, [&](const EcgSecond& one) { return one.status == status; });
  }
  // Seconds after the start; -1: never.
  double first(EcgStatus status) const {
    for (const EcgSecond& one : seconds)
      if (one.status == status) return static_cast<double>(one.time_ns - start_ns) / second;
    return -1;
  }
};

series::Period period_of(double hertz) {
  return {1'000'000'000, static_cast<std::uint32_t>(hertz)};
}

struct Lead {
  std::vector<std::int32_t> microvolts;
  double hertz = 250;
  std::vector<std::pair<double, double>> off_s;  // marked as missing, from and to
};

// Plays the leads in frames of `frame_s`; `restart` saves and loads after every frame.
Found play(const std::vector<Lead>& leads, double frame_s = 1.0, bool restart = false) {
  Found found;
  std::vector<std::int64_t> beats;
  auto monitor = std::make_unique<EcgMonitor>();
  monitor->listen(&beats);
  for (std::int64_t frame = 0;; ++frame) {
    const auto from_ns = static_cast<std::int64_t>(static_cast<double>(frame) * frame_s * second);
    std::vector<EcgSamples> channels;
    std::vector<std::vector<std::int32_t>> kept(leads.size());
    for (std::size_t i = 0; i < leads.size(); ++i) {
      const Lead& lead = leads[i];
      const auto at = [&](double s) {
        return std::min<std::size_t>(lead.microvolts.size(), static_cast<std::size_t>(std::llround(s * lead.hertz)));
      };
      const std::size_t first = at(static_cast<double>(frame) * frame_s),
                        last = at(static_cast<double>(frame + 1) * frame_s);
      if (first == last) continue;
      EcgSamples samples{.lead = i,
                         .period = period_of(lead.hertz),
                         .count = static_cast<std::int64_t>(last - first),
                         .microvolts = {},
                         .gaps = {}};
      for (std::size_t k = first; k < last; ++k) {
        const double t = static_cast<double>(k) / lead.hertz;
        const bool off =
            std::ranges::any_of(lead.off_s, [&](const auto& span) { return t >= span.first && t < span.second; });
        const auto index = static_cast<std::int64_t>(k - first);
        if (!off) {
          kept[i].push_back(lead.microvolts[k]);
        } else if (!samples.gaps.empty() && samples.gaps.back().first + samples.gaps.back().count == index) {
          ++samples.gaps.back().count;
        } else {
          samples.gaps.push_back({index, 1});
        }
      }
      samples.microvolts = kept[i];
      channels.push_back(std::move(samples));
    }
    if (channels.empty()) break;
    monitor->take(start_ns + from_ns, channels, start_ns + from_ns + second, found.seconds);
    if (!restart) continue;
    std::string bytes;
    Writer writer{bytes};
    monitor->save(writer);
    monitor = std::make_unique<EcgMonitor>();
    Reader reader{bytes};
    EXPECT_TRUE(monitor->load(reader) && reader.at_end());
    monitor->listen(&beats);
  }
  monitor->finish();
  for (const std::int64_t beat : beats) found.beats_ms.push_back((beat - start_ns) / 1'000'000);
  return found;
}

// Beats after the first five seconds: the detector learns for three.
BeatScore score(const MadeEcg& ecg, const Found& found) {
  std::vector<std::int64_t> made;
  for (const double beat : ecg.beats_s) made.push_back(static_cast<std::int64_t>(beat * 1000));
  return match_beats(made, found.beats_ms, {.tolerance = 100, .from = 5'000, .skipped = {}});
}

TEST(EcgMonitor, FindsEveryBeatAtAnyRateOfSamplesAndOfTheHeart) {
  for (const double hertz : {100.0, 125.0, 128.0, 200.0, 250.0, 256.0, 300.0, 360.0, 500.0, 1000.0})
    for (const double rate : {30.0, 60.0, 75.0, 120.0, 180.0, 220.0}) {
      MadeEcg ecg{.hertz = hertz, .seconds = 40, .beats_s = every(60 / rate, 0.5, 39.4)};
      if (rate > 150) ecg.t_mv = 0.1;
      const Found found = play({{ecg.microvolts(), hertz, {}}});
      const BeatScore beats = score(ecg, found);
      EXPECT_EQ(beats.missed, 0u) << hertz << " Hz, " << rate << " /min";
      EXPECT_EQ(beats.extra, 0u) << hertz << " Hz, " << rate << " /min";
      EXPECT_NEAR(found.rate(), rate, 2) << hertz << " Hz";
      EXPECT_EQ(found.status(), EcgStatus::beating) << hertz << " Hz, " << rate << " /min";
    }
}

TEST(EcgMonitor, FindsBeatsUpsideDownSmallBroadWanderingAndNoisy) {
  const auto beats = every(0.8, 0.5, 59);
  const MadeEcg cases[] = {
      {.seconds = 60, .beats_s = beats, .r_mv = -1},      {.seconds = 60, .beats_s = beats, .r_mv = 0.35, .t_mv = 0.05},
      {.seconds = 60, .beats_s = beats, .r_mv = 4},       {.seconds = 60, .beats_s = beats, .qrs_scale = 2.2},
      {.seconds = 60, .beats_s = beats, .t_mv = 0.8},     {.seconds = 60, .beats_s = beats, .wander_mv = 2},
      {.seconds = 60, .beats_s = beats, .noise_mv = 0.1},
  };
  for (const MadeEcg& ecg : cases) {
    const BeatScore found = score(ecg, play({{ecg.microvolts(), 250, {}}}));
    EXPECT_EQ(found.missed, 0u) << &ecg - cases;
    EXPECT_EQ(found.extra, 0u) << &ecg - cases;
  }
}

TEST(EcgMonitor, RaisesAsystoleWithinTenSecondsOfTheLastBeat) {
  for (const double noise : {0.0, 0.01, 0.03}) {
    MadeEcg ecg{.seconds = 40, .beats_s = every(0.8, 0.5, 20), .noise_mv = noise};
    const Found found = play({{ecg.microvolts(), 250, {}}});
    EXPECT_EQ(found.status(), EcgStatus::asystole) << noise;
    EXPECT_EQ(found.rate(), 0) << noise;
    EXPECT_GE(found.first(EcgStatus::asystole), 23.7) << noise;
    EXPECT_LE(found.first(EcgStatus::asystole), 27) << noise;
    EXPECT_FALSE(found.ever(EcgStatus::lead_off));
  }
}

TEST(EcgMonitor, EndsAsystoleWithTheSecondBeat) {
  auto beats = every(0.8, 0.5, 15);
  for (const double beat : every(1.0, 25, 39)) beats.push_back(beat);
  const Found found = play({{MadeEcg{.seconds = 40, .beats_s = beats}.microvolts(), 250, {}}});
  EXPECT_TRUE(found.ever(EcgStatus::asystole));
  EXPECT_EQ(found.status(), EcgStatus::beating);
  EXPECT_NEAR(found.rate(), 60, 1);
}

TEST(EcgMonitor, NeverTakesAPacerSpikeForABeat) {
  for (const double hertz : {125.0, 250.0, 360.0, 500.0, 1000.0})
    for (const double height : {5.0, 10.0, -18.0})
      for (const double width : {0.5, 2.0}) {
        // Capture is lost after 20 s; the pacer goes on.
        MadeEcg ecg{.hertz = hertz,
                    .seconds = 45,
                    .beats_s = every(0.8, 0.55, 20),
                    .noise_mv = 0.005,
                    .spikes_s = every(0.8003, 0.5, 45),
                    .spike_mv = height,
                    .spike_ms = width};
        const Found found = play({{ecg.microvolts(), hertz, {}}});
        EXPECT_EQ(found.status(), EcgStatus::asystole) << hertz << " Hz, " << height << " mV, " << width << " ms";
        EXPECT_LE(found.first(EcgStatus::asystole), 30) << hertz << " Hz, " << height << " mV, " << width << " ms";
        const BeatScore beats = score(ecg, found);
        EXPECT_EQ(beats.extra, 0u) << hertz << " Hz, " << height << " mV, " << width << " ms";
        EXPECT_EQ(beats.missed, 0u) << hertz << " Hz, " << height << " mV, " << width << " ms";
      }
}

TEST(EcgMonitor, TellsALeadThatFellOffFromAHeartThatStands) {
  const MadeEcg ecg{.seconds = 40, .beats_s = every(0.8, 0.5, 39)};
  // The device says so.
  Found found = play({{ecg.microvolts(), 250, {{20, 40}}}});
  EXPECT_EQ(found.status(), EcgStatus::lead_off);
  EXPECT_FALSE(found.ever(EcgStatus::asystole));
  EXPECT_LE(found.first(EcgStatus::lead_off), 23);
  // The converter stands at its end.
  auto stuck = ecg.microvolts();
  for (std::size_t i = 20 * 250; i < stuck.size(); ++i) stuck[i] = 5'115;
  found = play({{stuck, 250, {}}});
  EXPECT_EQ(found.status(), EcgStatus::lead_off);
  EXPECT_FALSE(found.ever(EcgStatus::asystole));
  // Flat, with electrodes on.
  auto flat = ecg.microvolts();
  for (std::size_t i = 20 * 250; i < flat.size(); ++i) flat[i] = 12;
  found = play({{flat, 250, {}}});
  EXPECT_EQ(found.status(), EcgStatus::asystole);
  EXPECT_LE(found.first(EcgStatus::asystole), 28);
}

TEST(EcgMonitor, GoesOnWithTheLeadThatIsLeft) {
  const MadeEcg one{.seconds = 60, .beats_s = every(0.7, 0.5, 59)};
  MadeEcg other = one;
  other.hertz = 500;
  other.r_mv = -0.6;
  const Found found = play({{one.microvolts(), 250, {{20, 40}}}, {other.microvolts(), 500, {{45, 60}}}});
  const BeatScore beats = score(one, found);
  EXPECT_EQ(beats.missed, 0u);
  EXPECT_EQ(beats.extra, 0u);
  EXPECT_FALSE(found.ever(EcgStatus::lead_off));
}

TEST(EcgMonitor, SaysWhenTheEcgIsNoise) {
  MadeEcg ecg{.seconds = 60, .beats_s = every(0.8, 0.5, 15), .noise_mv = 0};
  auto samples = ecg.microvolts();
  const auto noise = MadeEcg{.seconds = 60, .beats_s = {}, .noise_mv = 0.8}.microvolts();
  for (std::size_t i = 15 * 250; i < samples.size(); ++i) samples[i] += noise[i];
  EXPECT_TRUE(play({{samples, 250, {}}}).ever(EcgStatus::noisy));
}

TEST(EcgMonitor, FindsTheSameInFramesOfAnyLengthAndAfterARestart) {
  const MadeEcg ecg{.hertz = 360, .seconds = 40, .beats_s = every(0.8, 0.5, 33), .noise_mv = 0.05};
  const std::vector<Lead> leads{{ecg.microvolts(), 360, {{12, 14}}}, {MadeEcg{ecg}.microvolts(), 360, {}}};
  const Found once = play(leads);
  for (const double frame_s : {0.25, 1.0, 2.5, 10.0})
    for (const bool restart : {false, true}) {
      const Found again = play(leads, frame_s, restart);
      EXPECT_EQ(again.beats_ms, once.beats_ms) << frame_s << restart;
      EXPECT_EQ(again.seconds.size(), once.seconds.size());
    }
}

TEST(EcgMonitor, KeepsItsTimeWhenFramesAreLostAndWhenTheClockIsSetBack) {
  const auto samples = MadeEcg{.seconds = 200, .beats_s = every(0.75, 0.5, 199)}.microvolts();
  EcgMonitor monitor;
  std::vector<EcgSecond> seconds;
  const auto send = [&](int from_s, std::int64_t at_s, std::int64_t now_s) {
    const EcgSamples one{.lead = 2,
                         .period = period_of(250),
                         .count = 250,
                         .microvolts = std::span(samples).subspan(static_cast<std::size_t>(from_s) * 250, 250),
                         .gaps = {}};
    monitor.take(start_ns + at_s * second, std::span(&one, 1), start_ns + now_s * second, seconds);
  };
  for (int s = 0; s < 20; ++s) send(s, s, s);
  for (int s = 30; s < 60; ++s) send(s, s, s);  // ten seconds never came
  EXPECT_NEAR(*seconds.back().rate_tenths, 800, 5);
  const std::size_t before = seconds.size();
  for (int s = 60; s < 70; ++s) send(s, s - 40, s);  // an hour of daylight saving, or a battery
  EXPECT_EQ(seconds.size(), before) << "the past is passed over";
  for (int s = 70; s < 110; ++s) send(s, s - 40, s);
  EXPECT_NEAR(*seconds.back().rate_tenths, 800, 5);
  EXPECT_EQ(seconds.back().status, EcgStatus::beating);
}

}  // namespace
}  // namespace salus::monitor
