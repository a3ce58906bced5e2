#include <gtest/gtest.h>

#include <random>

#include "fhir/document/json.hpp"
#include "fhir/signals/observation.hpp"
#include "fhir/signals/signal_id.hpp"
#include "fhir/validation/validate.hpp"

namespace salus::fhir {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'772'352'000 * kSecond;  // 2026-03-01T08:00:00Z
constexpr SignalCode kHeartRate{.mdc = 147842,
                                .kind = SignalKind::number,
                                .alias = "hr",
                                .loinc = "8867-4",
                                .refid = "MDC_ECG_HEART_RATE",
                                .english = "Heart rate",
                                .category = "vital-signs",
                                .unit = "/min",
                                .scale = 1};
constexpr SignalCode kWave{.mdc = 131330,
                           .kind = SignalKind::wave,
                           .alias = "ecg_ii",
                           .refid = "MDC_ECG_ELEC_POTL_II",
                           .english = "ECG II",
                           .category = "vital-signs",
                           .unit = "mV",
                           .scale = 8};

SignalCell cell_of(std::vector<SignalSample> samples, SignalStretch stretch = {.device = "monitor-7", .mdc = 147842}) {
  return {.stretch = std::make_shared<const SignalStretch>(std::move(stretch)),
          .start_ns = kStart,
          .cell_ns = 60 * kSecond,
          .samples = std::move(samples)};
}

TEST(SignalId, SaysDeviceSeriesAndMinute) {
  EXPECT_EQ(signal_id(cell_of({{kStart, 720}})), "signal.monitor-7.147842.1772352000.60");
  const auto part = cell_of({{kStart + 40 * kSecond, 720}},
                            {.device = "bed_1:a", .mdc = 147842, .from_ns = kStart + 30 * kSecond + 1});
  const std::string id = signal_id(part);
  EXPECT_TRUE(id.starts_with("signal-x." + device_digest("bed_1:a") + ".147842.1772352000.60.")) << id;
  EXPECT_LE(id.size(), 64U);
  const auto name = signal_name(id);
  ASSERT_TRUE(name);
  EXPECT_TRUE(name->is_digest);
  EXPECT_EQ(name->part_ns, 30 * kSecond + 1);
  EXPECT_EQ(name->start_ns, kStart);
  EXPECT_EQ(name->cell_ns, 60 * kSecond);
}

TEST(SignalId, IsReadOnlyAsItIsWritten) {
  EXPECT_TRUE(signal_name("signal.monitor-7.147842.1772352000.60"));
  for (const char* other : {"",
                            "signal",
                            "signal.",
                            "signal.m",
                            "signal.m.1.60",
                            "signal.m.1.0.61",
                            "signal.m.1.30.60",
                            "signal.m.01.60.60",
                            "signal.m.1.-60.60",
                            "signal.m.1.60.60.",
                            "signal.m.1.60.60.0",
                            "signal.m.1.60.60.1B3",
                            "signal.m.1.60.60.rkag8ao",
                            "signal.m.1.60.60.1.1",
                            "signal.m_1.1.60.60",
                            "signal.m.4294967296.60.60",
                            "signal.m.1.99999999999999999999.60",
                            "signal-x.m.1.60.60",
                            "signal-x.0123456789ABCDEF.1.60.60",
                            "Signal.m.1.60.60",
                            "signal.m.1.7258118460.60"})
    EXPECT_FALSE(signal_name(other)) << other;
  // Whatever is taken is written again as it was.
  std::mt19937 random{7};
  const std::string_view letters = "signal.x-m0123456789abz.";
  for (int i = 0; i < 100'000; ++i) {
    std::string text = "signal.m.147842.1772352000.60";
    for (int change = 0; change < 3; ++change) text[random() % text.size()] = letters[random() % letters.size()];
    const auto name = signal_name(text);
    if (!name || name->is_digest) continue;
    const SignalCell cell{
        .stretch = std::make_shared<const SignalStretch>(SignalStretch{.device = name->device, .mdc = name->mdc}),
        .start_ns = name->start_ns,
        .cell_ns = name->cell_ns,
        .samples = {}};
    EXPECT_EQ(signal_id(cell), text);
  }
}

// R4 finds nothing wrong with any of them, invariants included.
TEST(SignalObservation, IsValid) {
  const SignalReferences references{.subject = R"({"reference":"Patient/a"})",
                                    .device = R"({"type":"Device","identifier":{"value":"monitor-7"}})"};
  SignalCode level = kHeartRate, flag = kHeartRate;
  constexpr std::string_view levels[] = {"Alert", "Pain"};
  level.kind = SignalKind::level;
  level.levels = levels;
  flag.kind = SignalKind::flag;
  std::vector<SignalSample> many, regular;
  for (int i = 0; i < 9; ++i) many.push_back({kStart + i * 7 * kSecond, -30 + 11 * i % 17});
  for (int i = 0; i < 500; ++i) regular.push_back({kStart + i * 4'000'000, (i % 7 - 3) * 100'000});
  SignalStretch simulated{.device = "m", .simulated = true, .mdc = 147842};
  for (const auto& [cell, code] : {std::pair{cell_of({{kStart + 1, 720}}), kHeartRate},
                                   {cell_of(many), kHeartRate},
                                   {cell_of(many, simulated), kHeartRate},
                                   {cell_of({{kStart, 1}}), level},
                                   {cell_of({{kStart, 9}}), level},
                                   {cell_of({{kStart, 1}}), flag},
                                   {cell_of(regular), kWave},
                                   {cell_of(many), kWave}}) {
    const std::string json = observation_of(cell, code, references, time_from_ns(kStart + 90 * kSecond));
    const auto document = read_json(json);
    ASSERT_TRUE(document) << document.error().message << json;
    for (const auto& finding : validation::validate(*document))
      EXPECT_TRUE(finding.severity != validation::Severity::error) << finding.location << finding.message << json;
    EXPECT_EQ(document->text(*document->child(document->root(), "status")), "final");
  }
  EXPECT_NE(observation_of(cell_of(many), kHeartRate, {}, time_from_ns(kStart)).find("\"preliminary\""),
            std::string::npos);
}

TEST(SignalObservation, SaysTheMiddleOfSeveralAndTheOneOfOne) {
  const auto text = [](std::vector<SignalSample> samples) {
    return observation_of(cell_of(std::move(samples)), kHeartRate, {}, time_from_ns(kStart + 90 * kSecond));
  };
  const auto says = [](const std::string& json, std::string_view part) { return json.find(part) != std::string::npos; };
  const std::string one = text({{kStart + 12'345'000'000, 725}});
  EXPECT_TRUE(
      says(one, R"("effectiveDateTime":"2026-03-01T08:00:12.345Z","valueQuantity":{"value":72.5,"unit":"/min")"))
      << one;
  EXPECT_FALSE(says(one, "component")) << one;
  const std::string four = text({{kStart, 10}, {kStart + 1, 400}, {kStart + 2, 20}, {kStart + 3, 30}});
  EXPECT_TRUE(says(four, R"("effectivePeriod":{"start":"2026-03-01T08:00:00.000Z","end":"2026-03-01T08:00:59.999Z"})"))
      << four;
  EXPECT_TRUE(says(
      four, R"("valueQuantity":{"value":2,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"},"method")"))
      << four;
  EXPECT_TRUE(says(four, R"("code":"average"}]},"valueQuantity":{"value":11.5,)")) << four;
  EXPECT_TRUE(says(four, R"("valueInteger":4)")) << four;
}

TEST(SignalObservation, HasAVersionForEveryChange) {
  const SignalStretch before{.device = "m", .mdc = 147842, .patient = "P", .change = 5},
      after{.device = "m", .mdc = 147842, .patient = "Q", .change = 9};
  std::set<std::string> versions;
  for (const SignalStretch& stretch : {before, after})
    for (std::size_t samples : {1, 2}) {
      versions.insert(version_of(cell_of(std::vector<SignalSample>(samples, {kStart, 1}), stretch)));
    }
  EXPECT_EQ(versions.size(), 4U);
}

TEST(SampledGrid, KeepsEverySampleAndItsPlace) {
  // 360 Hz, stamps rounded down, a gap of ten.
  std::vector<SignalSample> samples;
  for (std::int64_t i = 0; i < 1'000; ++i)
    if (i < 400 || i >= 410) samples.push_back({kStart + i * 25'000'000 / 9, static_cast<std::int32_t>(i * 10)});
  const auto grid = grid_of(samples, 10'000);
  ASSERT_TRUE(grid) << grid.error().message;
  EXPECT_EQ(grid->numerator_ns * 9, grid->denominator * 25'000'000);
  ASSERT_EQ(grid->values.size(), 1'000U);
  for (std::size_t i = 0; i < grid->values.size(); ++i)
    EXPECT_EQ(grid->values[i], i >= 400 && i < 410 ? std::nullopt : std::optional(static_cast<std::int32_t>(i * 10)))
        << i;
  const std::string data = sampled_data_of(*grid, kWave, 1);
  EXPECT_NE(data.find(R"("period":2.777777777778,"factor":0.0000001,"dimensions":1,"data":"0 1 2 )"), std::string::npos)
      << data.substr(0, 200);
  EXPECT_NE(data.find("399 E E E E E E E E E E 410"), std::string::npos);
  EXPECT_EQ(grid_of(samples, 999).error().code, ErrorCode::too_large);
  const std::vector<SignalSample> uneven{{kStart, 1},       {kStart + 100, 2}, {kStart + 200, 3},
                                         {kStart + 230, 4}, {kStart + 240, 5}, {kStart + 1'000, 6}};
  EXPECT_FALSE(grid_of(uneven, 1'000));
}

TEST(SampledGrid, OfALowerRateHasLeastAndGreatest) {
  std::vector<SignalSample> samples;
  for (std::int64_t i = 0; i < 100; ++i)
    if (i / 10 != 4) samples.push_back({kStart + i * 10'000'000, static_cast<std::int32_t>(i * 37 % 23)});
  const auto grid = envelope_of(samples, kStart, 10'000, 1'000);
  ASSERT_TRUE(grid);
  ASSERT_EQ(grid->values.size(), 20U);
  for (std::size_t column = 0; column < 10; ++column) {
    std::optional<std::int32_t> low, high;
    for (const SignalSample& sample : samples)
      if (static_cast<std::size_t>((sample.time_ns - kStart) / 100'000'000) == column) {
        low = std::min(low.value_or(sample.value), sample.value);
        high = std::max(high.value_or(sample.value), sample.value);
      }
    EXPECT_EQ(grid->values[2 * column], low) << column;
    EXPECT_EQ(grid->values[2 * column + 1], high) << column;
  }
  EXPECT_FALSE(envelope_of(samples, kStart, 10'000, 19));
}

}  // namespace
}  // namespace salus::fhir
