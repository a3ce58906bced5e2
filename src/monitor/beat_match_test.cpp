#include "monitor/beat_match.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "monitor/heart_rate.hpp"

namespace salus::monitor {
namespace {

// Times in ms, tolerance 150. By hand, after EC57:2012, 4.3.
struct Row {
  std::vector<std::int64_t> marked, found;
  std::uint64_t pairs, missed, extra;
};

TEST(BeatMatch, PairsTheNearestAndEachOnce) {
  const Row rows[] = {
      {{}, {}, 0, 0, 0},
      {{1000}, {}, 0, 1, 0},
      {{}, {1000}, 0, 0, 1},
      {{1000, 2000}, {1000, 2000}, 2, 0, 0},
      {{1000}, {1150}, 1, 0, 0},  // as far as it may
      {{1000}, {1151}, 0, 1, 1},  // one too far: missed and extra
      {{1000}, {850}, 1, 0, 0},
      {{1000}, {900, 1010}, 1, 0, 1},  // the nearer pairs
      {{1000}, {990, 1100}, 1, 0, 1},
      {{1000, 1100}, {1090}, 1, 1, 0},
      {{1000, 1200}, {1100, 1210}, 2, 0, 0},  // 1100 is 1000's, though 1200 is as near
      {{1000, 1100}, {950, 1060}, 2, 0, 0},   // nearest first would leave one alone
      {{1000, 2000, 3000}, {1010, 3010}, 2, 1, 0},
      {{1000, 2000}, {500, 1000, 1500, 2000, 2500}, 2, 0, 3},
  };
  for (const Row& row : rows) {
    const BeatScore score = match_beats(row.marked, row.found, {.tolerance = 150, .from = 0, .skipped = {}});
    EXPECT_EQ(score.found, row.pairs) << &row - rows;
    EXPECT_EQ(score.missed, row.missed) << &row - rows;
    EXPECT_EQ(score.extra, row.extra) << &row - rows;
  }
}

TEST(BeatMatch, LeavesOutTheLearningTimeAndFlutter) {
  const std::vector<std::int64_t> marked{100, 1000, 2000, 5000}, found{500, 1010, 2500, 3000, 6000};
  const Span flutter[] = {{2400, 3500}};
  const BeatScore score = match_beats(marked, found, {.tolerance = 150, .from = 1000, .skipped = flutter});
  EXPECT_EQ(score.found, 1u);   // 1000
  EXPECT_EQ(score.missed, 2u);  // 2000, 5000
  EXPECT_EQ(score.extra, 1u);   // 6000
  EXPECT_DOUBLE_EQ(score.sensitivity(), 100.0 / 3);
  EXPECT_DOUBLE_EQ(score.positive_predictivity(), 50);
}

TEST(HeartRate, IsTheMeanOfTheLastTenSeconds) {
  HeartRate rate{1000};
  EXPECT_FALSE(rate.tenths(0));
  rate.beat(0);
  rate.beat(1000);
  EXPECT_FALSE(rate.tenths(1000)) << "one interval is too few";
  rate.beat(2000);
  EXPECT_EQ(rate.tenths(2000), 600);
  for (std::int64_t t = 2500; t <= 13'000; t += 500) rate.beat(t);
  EXPECT_EQ(rate.tenths(13'000), 1200) << "the slow ones are over ten seconds old";
  EXPECT_FALSE(rate.tenths(17'000)) << "a pause of four seconds";
  rate.beat(18'000);
  EXPECT_FALSE(rate.tenths(18'000)) << "the pause is no interval";
}

}  // namespace
}  // namespace salus::monitor
