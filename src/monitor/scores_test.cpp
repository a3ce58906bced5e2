#include "monitor/scores.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "device/unit.hpp"

namespace salus::monitor {
namespace {

using device::code_named;

// Both sides of every edge of every band: score, vital, value, points.
constexpr std::string_view edges = R"(
  NEWS2 rr 1 3         NEWS2 rr 8 3         NEWS2 rr 9 1         NEWS2 rr 11 1        NEWS2 rr 12 0       NEWS2 rr 20 0
  NEWS2 rr 21 2        NEWS2 rr 24 2        NEWS2 rr 25 3        NEWS2 spo2 91 3      NEWS2 spo2 92 2     NEWS2 spo2 93 2
  NEWS2 spo2 94 1      NEWS2 spo2 95 1      NEWS2 spo2 96 0      NEWS2 on_oxygen 0 0  NEWS2 on_oxygen 1 2
  NEWS2 nibp_sys 90 3  NEWS2 nibp_sys 91 2  NEWS2 nibp_sys 100 2 NEWS2 nibp_sys 101 1 NEWS2 nibp_sys 110 1
  NEWS2 nibp_sys 111 0 NEWS2 nibp_sys 219 0 NEWS2 nibp_sys 220 3 NEWS2 hr 40 3        NEWS2 hr 41 1       NEWS2 hr 50 1
  NEWS2 hr 51 0        NEWS2 hr 90 0        NEWS2 hr 91 1        NEWS2 hr 110 1       NEWS2 hr 111 2      NEWS2 hr 130 2
  NEWS2 hr 131 3       NEWS2 avpu 0 0       NEWS2 avpu 1 3       NEWS2 avpu 4 3       NEWS2 temp 35.0 3   NEWS2 temp 35.1 1
  NEWS2 temp 36.0 1    NEWS2 temp 36.1 0    NEWS2 temp 38.0 0    NEWS2 temp 38.1 1    NEWS2 temp 39.0 1   NEWS2 temp 39.1 2

  MEWS nibp_sys 70 3   MEWS nibp_sys 71 2   MEWS nibp_sys 80 2   MEWS nibp_sys 81 1   MEWS nibp_sys 100 1
  MEWS nibp_sys 101 0  MEWS nibp_sys 199 0  MEWS nibp_sys 200 2  MEWS hr 39 2         MEWS hr 40 1        MEWS hr 50 1
  MEWS hr 51 0         MEWS hr 100 0        MEWS hr 101 1        MEWS hr 110 1        MEWS hr 111 2       MEWS hr 129 2
  MEWS hr 130 3        MEWS rr 8 2          MEWS rr 9 0          MEWS rr 14 0         MEWS rr 15 1        MEWS rr 20 1
  MEWS rr 21 2         MEWS rr 29 2         MEWS rr 30 3         MEWS temp 34.9 2     MEWS temp 35.0 0    MEWS temp 38.4 0
  MEWS temp 38.5 2     MEWS avpu 0 0        MEWS avpu 1 1        MEWS avpu 2 1        MEWS avpu 3 2       MEWS avpu 4 3

  qSOFA rr 21 0        qSOFA rr 21.9 0      qSOFA rr 22 1        qSOFA nibp_sys 100 1 qSOFA nibp_sys 100.1 0
  qSOFA nibp_sys 101 0 qSOFA gcs 15 0       qSOFA gcs 14 1       qSOFA gcs 3 1

  SIRS temp 35.99 1    SIRS temp 36 0       SIRS temp 38 0       SIRS temp 38.01 1    SIRS hr 90 0        SIRS hr 90.1 1
  SIRS rr 20 0         SIRS rr 20.1 1       SIRS wbc 3.99 1      SIRS wbc 4 0         SIRS wbc 12 0       SIRS wbc 12.01 1
)";

device::Value stored(std::string_view alias, double value) {
  device::Decimal decimal;
  device::Value result = 0;
  EXPECT_TRUE(device::decimal_of(value, decimal));
  EXPECT_TRUE(device::to_scaled(decimal, device::info(code_named(alias)).scale, result));
  return result;
}

const ScoreTable& table_of(std::string_view name) {
  for (const ScoreTable& table : score_tables())
    if (table.name == name) return table;
  ADD_FAILURE() << name;
  return score_tables()[0];
}

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t now_ns = 1'767'225'600 * second_ns;

// Everything that any score asks for, and gives no points.
std::map<std::string, ScoreValue> healthy() {
  std::map<std::string, ScoreValue> values;
  for (const auto& [alias, value] : {std::pair{"rr", 13.0},
                                     {"spo2", 98.0},
                                     {"on_oxygen", 0.0},
                                     {"nibp_sys", 120.0},
                                     {"hr", 70.0},
                                     {"avpu", 0.0},
                                     {"gcs", 15.0},
                                     {"wbc", 7.0},
                                     {"temp", 37.0}})
    values[alias] = {code_named(alias), stored(alias, value), now_ns};
  return values;
}

Score of(std::string_view name, const std::map<std::string, ScoreValue>& values, std::int64_t at_ns = now_ns) {
  std::vector<ScoreValue> list;
  for (const auto& [alias, value] : values) list.push_back(value);
  return score(table_of(name), list, at_ns);
}

TEST(Scores, GiveThePointsOfEveryBand) {
  std::istringstream rows{std::string(edges)};
  std::string name, alias;
  double value = 0;
  int points = 0, count = 0;
  while (rows >> name >> alias >> value >> points) {
    auto values = healthy();
    values[alias].value = stored(alias, value);
    const Score result = of(name, values);
    EXPECT_EQ(result.total, points) << name << ' ' << alias << ' ' << value;
    EXPECT_FALSE(result.at_least);
    ++count;
  }
  EXPECT_EQ(count, 102);
}

TEST(Scores, AreZeroForTheHealthyAndTriggerWhereTheirSourcesSay) {
  for (const ScoreTable& table : score_tables()) {
    const Score result = of(table.name, healthy());
    EXPECT_EQ(result.total, 0) << table.name;
    EXPECT_FALSE(result.triggered);
    EXPECT_FALSE(table.source.empty());
  }
  auto values = healthy();
  values["rr"].value = stored("rr", 22);
  EXPECT_FALSE(of("qSOFA", values).triggered);
  EXPECT_FALSE(of("SIRS", values).triggered);
  values["nibp_sys"].value = stored("nibp_sys", 100);
  values["hr"].value = stored("hr", 91);
  EXPECT_TRUE(of("qSOFA", values).triggered);
  EXPECT_TRUE(of("SIRS", values).triggered);
}

TEST(Scores, SayAtLeastWhenAnInputIsMissingOrOld) {
  auto values = healthy();
  values["rr"].value = stored("rr", 30);
  values.erase("temp");
  Score result = of("MEWS", values);
  EXPECT_EQ(result.total, 3);
  EXPECT_TRUE(result.at_least);
  EXPECT_FALSE(result.items[3].points);
  EXPECT_FALSE(result.items[3].value);
  // Older than it may be: said, and not counted.
  result = of("MEWS", values, now_ns + 601 * second_ns);
  EXPECT_EQ(result.total, 0);
  EXPECT_FALSE(result.items[2].points);
  EXPECT_EQ(result.items[2].value->value, stored("rr", 30));
  EXPECT_EQ(of("MEWS", values, now_ns + 600 * second_ns).total, 3);
  for (const ScoreTable& table : score_tables()) {
    result = score(table, {}, now_ns);
    EXPECT_EQ(result.total, 0);
    EXPECT_TRUE(result.at_least);
  }
}

TEST(Scores, TakeTheFreshestOfSeveralSourcesAndTheWorstOfAlternatives) {
  auto values = healthy();
  values["art_sys"] = {code_named("art_sys"), stored("art_sys", 60), now_ns - second_ns};
  EXPECT_EQ(of("MEWS", values).total, 0);
  values["art_sys"].time_ns = now_ns + second_ns;
  EXPECT_EQ(of("MEWS", values).total, 3);
  // Blood gas or rate, cells or band forms, coma scale or letter.
  values = healthy();
  values["paco2"] = {code_named("paco2"), stored("paco2", 31.9), now_ns};
  EXPECT_EQ(of("SIRS", values).total, 1);
  values["paco2"].value = stored("paco2", 32);
  EXPECT_EQ(of("SIRS", values).total, 0);
  values["wbc_bands"] = {code_named("wbc_bands"), stored("wbc_bands", 10), now_ns};
  EXPECT_EQ(of("SIRS", values).total, 0);
  values["wbc_bands"].value = stored("wbc_bands", 10.1);
  EXPECT_EQ(of("SIRS", values).total, 1);
  values = healthy();
  values.erase("gcs");
  EXPECT_FALSE(of("qSOFA", values).at_least);
  values["avpu"].value = 2;
  EXPECT_EQ(of("qSOFA", values).total, 1);
}

}  // namespace
}  // namespace salus::monitor
