#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/json.hpp"
#include "device/code.hpp"
#include "device/waveform_frame.hpp"
#include "sim/bidmc.hpp"
#include "sim/patient.hpp"
#include "sim/player.hpp"
#include "sim/wfdb.hpp"
#include "sim/wfdb_annotations.hpp"

namespace salus::sim {
namespace {

const std::filesystem::path kData = std::filesystem::path(SALUS_SOURCE_DIR).parent_path() / "shared/data";

TEST(Wfdb, ReadsHeaders) {
  const auto header = parse_wfdb_header(
      "# comment\n114 2 360 650000\n114.dat 212 200 11 1024 1015 -11371 0 V5\n114.dat 212 200(1024)/mV 11 1024 1027 "
      "-13230 0 MLII\n");
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->period, (series::Period{25'000'000, 9}));
  EXPECT_EQ(header->signals[0].baseline, 1024);
  EXPECT_EQ(header->signals[1].description, "MLII");
  for (const char* wrong :
       {"", "x", "r 0 360", "r 99 360", "r 1 360\n", "r 1 360\n../x 212", "r 1 360\nx 8", "r 1 0\nx 212",
        "r 1 360 1e9\nx 212", "r/2 1 360\nx 212", "r 1 360\nx 212 abc", "r 1 360\nx 212 200 11 1024 999999999999"})
    EXPECT_FALSE(parse_wfdb_header(wrong)) << wrong;
}

TEST(Wfdb, DecodesBothFormats) {
  // 0x7FF and -0x800 in three bytes; -2 in two.
  EXPECT_EQ(decode_wfdb_samples(std::string("\xFF\x87\x00", 3), 212).value(),
            (std::vector<std::int32_t>{0x7FF, -0x800}));
  EXPECT_EQ(decode_wfdb_samples(std::string("\xFE\xFF", 2), 16).value(), (std::vector<std::int32_t>{-2}));
  EXPECT_FALSE(decode_wfdb_samples("x", 212));
}

TEST(WfdbAnnotations, AreReadByHand) {
  // + with a text of three bytes, N after 100 samples, a skip of 70,000 and V, the end.
  const std::string bytes(
      "\x12\x70\x03\xFC"
      "(N\0\0"
      "\x64\x04"
      "\x00\xEC\x01\x00\x70\x11"
      "\x05\x14"
      "\x00\x00",
      20);
  const auto read = parse_wfdb_annotations(bytes);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 3u);
  EXPECT_EQ((*read)[0].type, 28);
  EXPECT_FALSE(is_beat((*read)[0]));
  EXPECT_EQ((*read)[1].sample, 18 + 100);
  EXPECT_EQ((*read)[1].type, 1);
  EXPECT_EQ((*read)[2].sample, 118 + 70'000 + 5);
  EXPECT_EQ((*read)[2].type, 5);
  EXPECT_TRUE(is_beat((*read)[2]));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(parse_wfdb_annotations(std::string_view(bytes).substr(0, cut))) << cut;
  EXPECT_FALSE(parse_wfdb_annotations(std::string("\x05\xE0\x00\x00", 4))) << "type 56";
  EXPECT_FALSE(parse_wfdb_annotations(std::string("\x00\xEC\xFF\xFF\x00\x00\x00\x00", 8))) << "before the beginning";
}

TEST(WfdbAnnotations, OfEveryRecordAreRead) {
  if (!std::filesystem::exists(kData / "ecg/mitdb")) GTEST_SKIP() << "no recordings beside the project";
  std::size_t beats = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kData / "ecg/mitdb")) {
    if (entry.path().extension() != ".atr") continue;
    const auto read = read_wfdb_annotations(std::filesystem::path(entry.path()).replace_extension());
    ASSERT_TRUE(read) << read.error().message;
    for (const WfdbAnnotation& annotation : *read) {
      EXPECT_LT(annotation.sample, 650'000);
      beats += is_beat(annotation) ? 1 : 0;
    }
  }
  EXPECT_GT(beats, 40'000u);
}

TEST(Wfdb, ReadsEveryRecordWithItsChecksums) {
  if (!std::filesystem::exists(kData / "ecg/mitdb")) GTEST_SKIP() << "no recordings beside the project";
  std::size_t records = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kData / "ecg/mitdb")) {
    if (entry.path().extension() != ".hea") continue;
    const auto recording = read_wfdb(std::filesystem::path(entry.path()).replace_extension());
    ASSERT_TRUE(recording) << recording.error().message;
    ASSERT_EQ(recording->waves.size(), 2U);
    EXPECT_EQ(recording->waves[0].samples.size(), 650'000U);
    EXPECT_NE(recording->waves[0].code, recording->waves[1].code);
    EXPECT_EQ(recording->duration_ns(), 1'805'555'555'555);
    ++records;
  }
  EXPECT_GE(records, 20U);
}

TEST(Bidmc, ReadsNumbersAndSignals) {
  const auto rows = parse_numerics_csv("Time [s], HR, PULSE, RESP, SpO2\n0,94,93,25,97\n1,94,NaN,,97.5\n");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)[0].values, (std::vector<std::pair<std::string, std::string>>{
                                   {"hr", "94"}, {"pulse", "93"}, {"rr", "25"}, {"spo2", "97"}}));
  EXPECT_EQ((*rows)[1].values, (std::vector<std::pair<std::string, std::string>>{{"hr", "94"}, {"spo2", "97.5"}}));
  const auto waves = parse_signals_csv(
      "Time [s], RESP, PLETH, V, AVR, II\n0,0.35386,0.43597,0.52549,0.30392,0.72549\n0.008,1,NaN,0,0,-0.5\n");
  ASSERT_TRUE(waves) << waves.error().message;
  ASSERT_EQ(waves->size(), 4U);  // aVR has no channel
  EXPECT_EQ((*waves)[0].code, "resp");
  EXPECT_EQ((*waves)[0].samples, (std::vector<std::int32_t>{35386, 100000}));
  EXPECT_EQ((*waves)[1].missing, (std::vector<bool>{false, true}));
  EXPECT_EQ((*waves)[0].period, (series::Period{8'000'000, 1}));
  for (const char* wrong : {"", "x\n", "Time [s],HR\n0\n", "Time [s],HR\n1,2\n0,3\n", "Time [s],HR\n0,abc\n"})
    EXPECT_FALSE(parse_numerics_csv(wrong)) << wrong;
  if (!std::filesystem::exists(kData / "vitals/bidmc")) GTEST_SKIP() << "no recordings beside the project";
  for (int i = 2; i <= 20; ++i) {
    const auto other = read_bidmc(kData / fmt::format("vitals/bidmc/bidmc_{:02}", i));
    EXPECT_TRUE(other) << other.error().message;
  }
  const auto whole = read_bidmc(kData / "vitals/bidmc/bidmc_01");
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->numbers.size(), 481U);
  EXPECT_EQ(whole->waves.front().samples.size(), 60'001U);
}

// Whatever the pieces, what is sent is the recording: every sample once, at its time.
TEST(Player, SendsEverySampleOnceAtItsTime) {
  Recording recording;
  recording.name = "test";
  RecordedWave wave{.code = "ecg_ii", .label = "II", .period = {25'000'000, 9}, .samples = {}, .missing = {}};
  for (int i = 0; i < 5000; ++i) wave.samples.push_back(i * 7 % 2048 - 1024);
  wave.missing.resize(5000);
  for (int i = 100; i < 130; ++i) wave.missing[static_cast<std::size_t>(i)] = true;
  recording.waves.push_back(wave);
  const Time start = time_from_ns(1'700'000'000'000'000'000);
  for (const std::int64_t step : {1'000'000'000LL, 499'999'999LL, 333'333'333LL}) {
    std::uint64_t sequence = 1;
    std::size_t index = 0;
    for (std::int64_t at = 0; at < recording.duration_ns(); at += step) {
      for (const auto& [topic, payload] :
           messages_between(recording, at, std::min(at + step, recording.duration_ns()), start, sequence)) {
        ASSERT_EQ(topic, "waveforms");
        device::WaveFrame frame;
        ASSERT_TRUE(device::decode_waveform(payload, frame));
        ASSERT_EQ(frame.time_ns, ns_of(start) + static_cast<std::int64_t>(index) / 9 * 25'000'000 +
                                     wave.period.offset_ns(static_cast<std::int64_t>(index % 9)));
        const device::WaveChannel& channel = frame.channels()[0];
        std::size_t next = 0, gap = 0;
        for (std::uint16_t i = 0; i < channel.sample_count; ++i, ++index) {
          while (gap < channel.gaps.size() && i >= channel.gaps[gap].first + channel.gaps[gap].count) ++gap;
          const bool missing = gap < channel.gaps.size() && i >= channel.gaps[gap].first;
          ASSERT_EQ(missing, wave.missing[index]);
          if (!missing) {
            ASSERT_EQ(channel.samples[next++], wave.samples[index]);
          }
        }
      }
    }
    EXPECT_EQ(index, 5000U);
  }
}

// What the monitor of one scenario says in `length`, each number's lowest and highest.
struct Said {
  std::map<std::string, std::pair<double, double>> numbers;
  std::map<std::string, int> absent;
  std::map<std::uint32_t, std::vector<std::int32_t>> waves;  // by MDC code
};

Said listen(const std::string& scenario, seconds length) {
  Said said;
  Patient patient{{}, *find_scenario(scenario), {}};
  device::WaveFrame frame;
  for (Time at = Time{} + seconds{1'767'225'600}, end = at + length; at < end; at += Patient::frame_length) {
    for (const auto& [topic, payload] : patient.next(at)) {
      if (topic == "waveforms") {
        EXPECT_TRUE(device::decode_waveform(payload, frame));
        for (const device::WaveChannel& channel : frame.channels())
          std::ranges::copy(channel.samples, std::back_inserter(said.waves[channel.mdc]));
        continue;
      }
      const json::value document = parse_json(payload).value();
      for (const auto& [key, value] : document.get_object()) {
        if (value.is_null()) ++said.absent[key];
        if (!value.is_number()) continue;
        const double number = value.to_number<double>();
        const auto [known, fresh] = said.numbers.try_emplace(key, number, number);
        if (!fresh) known->second = {std::min(known->second.first, number), std::max(known->second.second, number)};
      }
    }
  }
  return said;
}

TEST(Patient, ShowsWhatTheScenarioSays) {
  Said healthy = listen("healthy", seconds{60});
  EXPECT_EQ(healthy.waves[device::info(device::code_named("ecg_ii")).mdc].size(), 15'000U);
  EXPECT_EQ(healthy.waves[device::info(device::code_named("pleth")).mdc].size(), 7'500U);
  EXPECT_NEAR(healthy.numbers["hr"].second, 72, 5);
  EXPECT_LT(listen("desaturation", seconds{60}).numbers["spo2"].first, 86);
  EXPECT_EQ(listen("asystole", seconds{60}).numbers["hr"].first, 0);
  EXPECT_GT(listen("probe-off", seconds{60}).absent["spo2"], 30);
}

// The pacemaker's spikes go on when nothing answers: 2.5 mV for one sample, and nothing between them.
TEST(Patient, PacerSpikesOutliveTheBeats) {
  Said lost = listen("capture", seconds{60});
  const auto& wave = lost.waves[device::info(device::code_named("ecg_ii")).mdc];
  const auto last = std::vector<std::int32_t>(wave.end() - 20 * 250, wave.end());
  EXPECT_NEAR(static_cast<double>(std::ranges::count_if(last, [](auto v) { return v > 400; })), 70.0 / 3, 2);
  EXPECT_LT(std::ranges::count_if(last, [](auto v) { return v > 60 && v <= 400; }), 5);
}

TEST(Scenarios, AreAllReadable) {
  EXPECT_GE(scenarios().size(), 14U);
  for (const PatientProfile& profile : demo_ward()) EXPECT_TRUE(find_scenario(profile.scenario)) << profile.scenario;
}

TEST(Scenarios, SayWhatIsWrongAndWhere) {
  const std::pair<const char*, const char*> table[] = {
      {"starting hr 3", "line 1: a line begins with"},
      {"\nat hr 3", "line 2: 'at' needs a time"},
      {"at 5s", "at least one setting"},
      {"at 5s hr", "'hr' needs a value"},
      {"at 5s hr 301", "'hr 301' is no setting or out of its range"},
      {"at 5s hr nan", "out of its range"},
      {"at 5s bp 60/90", "'bp 60/90' is no setting"},
      {"at 5s rhythm waltz", "is no setting"},
      {"at 1s30m hr 60", "needs a time"},
      {"at 999999999h hr 60", "needs a time"},
      {"at 5s hr 60\nat 4s hr 60", "line 2: times of 'at' must ascend"},
      {"at 5s over 10s hr 60\nrepeat 14s", "'repeat' must come after"},
  };
  for (const auto& [text, why] : table) {
    const auto read = parse_scenario("t", text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
  }
  EXPECT_EQ(parse_scenario("t", std::string(65'537, '#')).error().code, ErrorCode::too_large);
  const auto read = parse_scenario("t", "title A b\nat 1m30s over 250ms hr 61.5 bp 120/80 clock -5m # why\nrepeat 1h");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->title, "A b");
  EXPECT_EQ(read->changes.at(0).at, milliseconds{90'000});
  EXPECT_EQ(read->changes.at(0).heart_rate, 61.5);
  EXPECT_EQ(read->changes.at(0).clock, milliseconds{-300'000});
}

}  // namespace
}  // namespace salus::sim
