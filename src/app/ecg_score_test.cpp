// The detector on real records, when they lie beside the project: a score is no time, so it is asserted.
#include "app/ecg_score.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace salus::app {
namespace {

const std::filesystem::path kRecords = std::filesystem::path(SALUS_SOURCE_DIR).parent_path() / "shared/data/ecg/mitdb";

// Two halves by patient; the detector must do well on each (docs/ecg.md).
constexpr std::array<std::string_view, 11> first_half{"101", "108", "112", "115", "118", "122",
                                                      "203", "207", "209", "220", "230"};

TEST(EcgScore, ReachesWhatIsAskedOnTheWholeAndOnBothHalves) {
  if (!std::filesystem::exists(kRecords)) GTEST_SKIP() << "no recordings beside the project";
  const auto names = annotated_records(kRecords);
  ASSERT_TRUE(names) << names.error().message;
  monitor::BeatScore gross, first, second;
  std::uint64_t seconds = 0, within_two = 0;
  for (const std::string& name : *names) {
    const auto record = analyse_ecg_record(kRecords / name);
    ASSERT_TRUE(record) << record.error().message;
    if (record->paced) continue;
    const monitor::BeatScore score = score_record(*record, 150'000'000);
    gross += score;
    (std::ranges::find(first_half, name) != first_half.end() ? first : second) += score;
    const RateComparison rates = compare_rates(*record);
    seconds += rates.seconds;
    within_two += rates.within_two;
    EXPECT_TRUE(std::ranges::none_of(record->seconds,
                                     [](const auto& one) { return one.status == monitor::EcgStatus::asystole; }))
        << name << ": asystole in a living heart";
  }
  const auto print = [](const char* what, const monitor::BeatScore& score) {
    fmt::print("{}: Se {:.2f} +P {:.2f}\n", what, score.sensitivity(), score.positive_predictivity());
  };
  print("first half", first);
  print("second half", second);
  print("gross", gross);
  fmt::print("heart rate within 2 /min in {:.1f} % of seconds\n", 100.0 * double(within_two) / double(seconds));
  EXPECT_GE(gross.sensitivity(), 99.80);
  EXPECT_GE(gross.positive_predictivity(), 99.80);
  EXPECT_GE(double(within_two), 0.9 * double(seconds));
}

TEST(EcgScore, SaysWhatIsMissing) {
  const auto none = annotated_records("/nonexistent");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  const auto record = analyse_ecg_record("/nonexistent/1");
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace salus::app
