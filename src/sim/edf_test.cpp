#include "sim/edf.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

namespace salus::sim {
namespace {

std::string field(std::string text, std::size_t width) {
  text.resize(width, ' ');
  return text;
}

// A file of one signal, as other programs write them: no EDF+, two samples in a record of two seconds.
std::string file(const std::string& label, const std::string& unit, const std::string& low, const std::string& high,
                 const std::string& digital_low, const std::string& digital_high) {
  std::string out = field("0", 8) + field("X", 80) + field("X", 80) + "01.02.26" + "03.04.05" + field("512", 8) +
                    field("", 44) + field("2", 8) + field("2", 8) + field("1", 4);
  out += field(label, 16) + field("", 80) + field(unit, 8) + field(low, 8) + field(high, 8) + field(digital_low, 8) +
         field(digital_high, 8) + field("", 80) + field("2", 8) + field("", 32);
  for (const int sample : {0, 100, -100, 1}) {
    out += static_cast<char>(sample & 0xFF);
    out += static_cast<char>(sample >> 8 & 0xFF);
  }
  return out;
}

std::vector<double> physical(const RecordedWave& wave) {
  std::vector<double> out;
  for (const std::int32_t sample : wave.samples)
    out.push_back((double(sample) - wave.offset) * wave.multiplier / std::pow(10, wave.exponent));
  return out;
}

void expect_near(const std::vector<double>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-5) << i;
}

TEST(Edf, ReadsWhatOthersWrite) {
  const struct {
    std::string label, unit, low, high, digital_low, digital_high, code;
    std::vector<double> values;
  } table[] = {
      {"ECG II", "mV", "-3.2768", "3.2767", "-32768", "32767", "ecg_ii", {0, 0.01, -0.01, 0.0001}},
      {"ECG", "uV", "-3276.8", "3276.7", "-32768", "32767", "ecg", {0, 0.01, -0.01, 0.0001}},
      {"Resp", "", "3", "-3", "-300", "300", "resp", {0, -1, 1, -0.01}},  // upside down
      {"pleth",
       "",
       "-250",
       "250",
       "-2048",
       "2047",
       "pleth",  // zero between two integers
       {0.0610501, 12.2710623, -12.1489621, 0.1831502}},
  };
  for (const auto& row : table) {
    const auto read = parse_edf(file(row.label, row.unit, row.low, row.high, row.digital_low, row.digital_high), "r");
    ASSERT_TRUE(read) << row.label << ": " << read.error().message;
    ASSERT_EQ(read->waves.size(), 1U);
    const RecordedWave& wave = read->waves[0];
    EXPECT_EQ(wave.code, row.code);
    EXPECT_EQ(wave.period, (series::Period{1'000'000'000, 1}));
    expect_near(physical(wave), row.values);
  }
}

TEST(Edf, RefusesWhatIsNone) {
  const std::string good = file("ECG", "mV", "-1", "1", "-1000", "1000");
  ASSERT_TRUE(parse_edf(good, "r"));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(parse_edf(good.substr(0, length), "r")) << length;
  for (const auto& bad : {file("EEG Fpz", "uV", "-1", "1", "-1000", "1000"),
                          file("ECG", "mV", "1", "1", "-1000", "1000"), file("ECG", "mV", "-1", "one", "-1000", "1000"),
                          file("ECG", "mV", "-1", "1", "5", "5"), file("ECG", "mV", "-1", "1", "-99999", "1000")})
    EXPECT_EQ(parse_edf(bad, "r").error().code, ErrorCode::invalid);
}

TEST(Edf, WritesGapsThatItReads) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("salus-edf-" + std::to_string(::getpid()) + ".edf");
  const Time start = parse_iso("2026-02-03T04:05:06.250Z").value();
  const std::vector<EdfSignal> signals{
      {.code = "ecg_ii", .unit = "mV", .period = {250'000'000, 1}, .step = 5, .base = 0, .scale = 3, .highest = 1'234},
      {.code = "art",
       .unit = "mm[Hg]",
       .period = {500'000'000, 1},
       .step = 1,
       .base = 400,
       .scale = 1,
       .highest = 900}};
  auto writer = EdfWriter::create(path, start, "X", "m 1", signals).value();
  EXPECT_EQ(EdfWriter::record_seconds(signals), 1);
  ASSERT_TRUE(writer.put(0, {{1, 2, 3, -1'234}, {10, 20}}, {}));
  ASSERT_TRUE(writer.put(2, {{5, 6, 6, 6}, {30, 900}},
                         {{.at_ns = 2'500'000'000, .length_ns = 500'000'000, .text = "Gap ecg_ii"}}));
  ASSERT_TRUE(writer.finish());
  const auto read = read_edf(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->waves.size(), 2U);
  const std::vector<bool> missing{false, false, false, false, true, true, true, true, false, false, true, true};
  EXPECT_EQ(read->waves[0].missing, missing);
  EXPECT_EQ(read->waves[1].missing, (std::vector<bool>{false, false, true, true, false, false}));
  const std::vector<double> ecg = physical(read->waves[0]), pressure = physical(read->waves[1]);
  EXPECT_NEAR(ecg[3], -6.17, 1e-9);
  EXPECT_NEAR(ecg[9], 0.03, 1e-9);
  EXPECT_NEAR(pressure[0], 41, 1e-9);
  EXPECT_NEAR(pressure[5], 130, 1e-9);
}

}  // namespace
}  // namespace salus::sim
