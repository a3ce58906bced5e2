#include "monitor/news2.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "device/unit.hpp"

namespace salus::monitor {
namespace {

// Both sides of every edge of the chart: parameter, value, points.
constexpr std::string_view edges = R"(
  rr 1 3        rr 8 3        rr 9 1       rr 11 1      rr 12 0      rr 20 0      rr 21 2      rr 24 2      rr 25 3      rr 60 3
  spo2 50 3     spo2 91 3     spo2 92 2    spo2 93 2    spo2 94 1    spo2 95 1    spo2 96 0    spo2 100 0
  on_oxygen 0 0 on_oxygen 1 2
  nibp_sys 60 3 nibp_sys 90 3 nibp_sys 91 2 nibp_sys 100 2 nibp_sys 101 1 nibp_sys 110 1 nibp_sys 111 0 nibp_sys 219 0 nibp_sys 220 3
  hr 30 3       hr 40 3       hr 41 1      hr 50 1      hr 51 0      hr 90 0      hr 91 1      hr 110 1     hr 111 2     hr 130 2   hr 131 3
  avpu 0 0      avpu 1 3      avpu 2 3     avpu 3 3     avpu 4 3
  temp 33 3     temp 35.0 3   temp 35.1 1  temp 36.0 1  temp 36.1 0  temp 38.0 0  temp 38.1 1  temp 39.0 1  temp 39.1 2  temp 41 2
  temp 35.04 3  temp 35.05 1  rr 8.4 3     rr 8.5 1
)";
// The same for SpO2 on scale 2, on air and on oxygen.
constexpr std::string_view scale_two = R"(
  air 83 3   air 84 2   air 85 2   air 86 1   air 87 1   air 88 0   air 92 0   air 93 0   air 97 0
  oxygen 83 3 oxygen 84 2 oxygen 85 2 oxygen 86 1 oxygen 87 1 oxygen 88 0 oxygen 92 0 oxygen 93 1 oxygen 94 1 oxygen 95 2 oxygen 96 2 oxygen 97 3
)";

device::Value stored(std::string_view alias, double value) {
  device::Decimal decimal;
  device::Value result = 0;
  EXPECT_TRUE(device::decimal_of(value, decimal));
  EXPECT_TRUE(device::to_scaled(decimal, device::info(device::code_named(alias)).scale, result));
  return result;
}

std::size_t parameter_of(std::string_view alias) {
  for (std::size_t i = 0; i < news2_parameter_count; ++i)
    if (name(News2Parameter(i)) == alias) return i;
  return news2_parameter_count;
}

News2Inputs healthy() {
  News2Inputs inputs;
  for (const auto& [alias, value] : {std::pair{"rr", 16.0},
                                     {"spo2", 98.0},
                                     {"on_oxygen", 0.0},
                                     {"nibp_sys", 120.0},
                                     {"hr", 70.0},
                                     {"avpu", 0.0},
                                     {"temp", 37.0}})
    inputs[parameter_of(alias)] = stored(alias, value);
  return inputs;
}

TEST(News2, GivesThePointsOfEveryBand) {
  std::istringstream rows{std::string(edges)};
  std::string alias;
  double value = 0;
  int points = 0, count = 0;
  while (rows >> alias >> value >> points) {
    News2Inputs inputs = healthy();
    inputs[parameter_of(alias)] = stored(alias, value);
    const News2 score = score_news2(inputs, SpO2Scale::one);
    EXPECT_EQ(score.score, points) << alias << ' ' << value;
    EXPECT_EQ(score.any_three, points == 3);
    EXPECT_FALSE(score.at_least());
    ++count;
  }
  EXPECT_EQ(count, 59);
}

TEST(News2, UsesScaleTwoByOrder) {
  std::istringstream rows{std::string(scale_two)};
  std::string breathing;
  double value = 0;
  int points = 0;
  while (rows >> breathing >> value >> points) {
    News2Inputs inputs = healthy();
    inputs[parameter_of("spo2")] = stored("spo2", value);
    inputs[parameter_of("on_oxygen")] = breathing == "oxygen";
    EXPECT_EQ(score_news2(inputs, SpO2Scale::two).score, points + (breathing == "oxygen" ? 2 : 0))
        << breathing << ' ' << value;
  }
}

TEST(News2, NeverTakesMissingForNormal) {
  News2Inputs inputs = healthy();
  inputs[parameter_of("temp")] = std::nullopt;
  const News2 score = score_news2(inputs, SpO2Scale::one);
  EXPECT_TRUE(score.at_least());
  EXPECT_EQ(score.missing, 1U << parameter_of("temp"));
}

TEST(News2, SaysTheRisk) {
  News2Inputs inputs = healthy();
  EXPECT_EQ(score_news2(inputs, SpO2Scale::one).risk, Risk::low);
  inputs[parameter_of("rr")] = stored("rr", 25);
  EXPECT_EQ(score_news2(inputs, SpO2Scale::one).risk, Risk::low_medium);
  inputs[parameter_of("spo2")] = stored("spo2", 93);
  EXPECT_EQ(score_news2(inputs, SpO2Scale::one).risk, Risk::medium);
  inputs[parameter_of("hr")] = stored("hr", 111);
  EXPECT_EQ(score_news2(inputs, SpO2Scale::one).risk, Risk::high);
}

}  // namespace
}  // namespace salus::monitor
