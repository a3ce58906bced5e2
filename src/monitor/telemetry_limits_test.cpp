// Limits and NEWS2 as telemetry applies them.
#include "monitor/telemetry_for_test.hpp"

namespace salus::monitor {
namespace {

TEST(Limits, WaitForTheirDelayAndHoldByHysteresis) {
  check(R"(
    0    {"hr":80}
    1    {"hr":125}
    6    {"hr":126}
    10.9 {"hr":126}
    11   {"hr":126}   +hr.high.medium
    12   {"hr":119}
    13   {"hr":118}   -hr.high.medium
    14   {"hr":125}
    20   {"hr":120}
    25   {"hr":125}
    34   {"hr":125}
    35   {"hr":125}   +hr.high.medium
  )");
}

TEST(Limits, RaiseAnewWhenItBecomesWorse) {
  check(R"(
    0   {"hr":125}
    10  {"hr":125}   +hr.high.medium
    11  {"hr":135}
    16  {"hr":135}   -hr.high.medium +hr.high.high
    17  {"hr":129}
    18  {"hr":128}   -hr.high.high +hr.high.medium
    19  {"hr":80}    -hr.high.medium
  )");
}

TEST(Limits, DoNotWaitForAnotherSampleWhenTheDelayHasPassed) {
  check(R"(
    0   {"spo2":97}
    1   {"spo2":97}
    2   {"spo2":80}
    11  -
    12  -            +spo2.low.high
  )");
}

TEST(Limits, CountTheSamplesOwnTimeInABurst) {
  check(R"(
    100 [{"t":1767225660000,"hr":125},{"t":1767225669000,"hr":125}]
    100 [{"t":1767225670000,"hr":125},{"t":1767225671000,"hr":80}]   +hr.high.medium -hr.high.medium
  )");
}

TEST(Limits, NeverAlarmOnWhatIsBrokenOrOld) {
  check(R"(
    100 {"t":1767225690000,"spo2":97}
    101 {"t":1767225600000,"nibp_sys":120}
    102 {"t":1767225691000,"spo2":{"v":40,"u":"mm[Hg]"}}
    103 {"t":1767225692000,"nibp_sys":400}
    104 {"t":1767225500000,"nibp_sys":60}
    105 {"nibp_sys":60}                     +nibp_sys.low.high
  )");
}

TEST(Limits, ComeFromTheDevicesOwnRow) {
  const std::string_view row =
      R"({"device":"m1","code":"hr","priority":"high","low":60,"high":100,"delay_ms":0,"hysteresis":1,"by":"x"})";
  check(R"(
    0 {"hr":100}
    1 {"hr":101}  +hr.high.high
    2 {"hr":99}   -hr.high.high
    3 {"hr":59}   +hr.low.high
  )",
        row);
}

TEST(Limits, FollowTheAgeAndThePatientAtTheDevice) {
  for (const bool restarting : {false, true}) {
    Bench bench;
    const auto bind = [&](const char* patient, const char* age_class) {
      bench.records(log::kind::binding_set,
                    fmt::format(R"({{"device":"m1","ward":"W","bed":"B1","patient":{{"id":"{}"}},"age_class":"{}"}})",
                                patient, age_class));
    };
    const auto after = [&](std::int64_t seconds, std::string_view payload) {
      bench.now_ns += seconds * second;
      bench.send(payload);
      if (restarting) bench.restart();
      return bench.events();
    };
    bind("P1", "child");
    after(1, R"({"hr":150})");
    EXPECT_EQ(after(20, R"({"hr":150})"), "");
    bind("P1", "unknown");
    after(1, R"({"hr":150})");
    EXPECT_EQ(after(10, R"({"hr":150})"), "+hr.high.high");
    bench.records(log::kind::limits_put,
                  R"({"patient":"P1","code":"hr","priority":"high","high":160,"by":"nurse","reason":"known"})");
    EXPECT_EQ(after(1, R"({"hr":150})"), "-hr.high.high +hr.high.medium");
    bench.records(log::kind::limits_put, R"({"ward":"W","bed":"B1","code":"hr","priority":"medium","enabled":false})");
    EXPECT_EQ(after(1, R"({"hr":150})"), "-hr.high.medium");
    // The next patient meets neither.
    bind("P2", "adult");
    after(1, R"({"hr":150})");
    EXPECT_EQ(after(10, R"({"hr":150})"), "+hr.high.high");
  }
}

TEST(News2InTelemetry, AlarmsWhenItStaysAndDoesNotFlapAtABandsEdge) {
  check(R"(
    0   {"rr":16,"spo2":97,"on_oxygen":false,"nibp_sys":120,"hr":80,"avpu":"A","temp":37}
    10  {"rr":16,"spo2":97,"hr":80,"nibp_sys":95,"temp":38.5,"on_oxygen":true}
    30  {"rr":16,"spo2":97,"hr":80}
    50  {"rr":16,"spo2":97,"hr":80,"on_oxygen":false}
    55  {"rr":16,"spo2":97,"hr":80,"on_oxygen":true}
    75  {"rr":16,"spo2":97,"hr":80}
    95  {"rr":16,"spo2":97,"hr":80}
    114 {"rr":16,"spo2":97,"hr":80}
    115 {"rr":16,"spo2":97,"hr":80}                      +news2.news2.medium
    130 {"rr":16,"spo2":97,"hr":80,"on_oxygen":false}
    150 {"rr":16,"spo2":97,"hr":80,"on_oxygen":true}
    170 {"rr":16,"spo2":97,"hr":80,"on_oxygen":false}
    190 {"rr":16,"spo2":97,"hr":80}
    210 {"rr":16,"spo2":97,"hr":80}
    229 {"rr":16,"spo2":97,"hr":80}
    230 -                                                -news2.news2.medium
  )");
}

TEST(News2InTelemetry, RaisesAnewWhenItBecomesWorse) {
  check(R"(
    0   {"rr":16,"spo2":97,"on_oxygen":true,"nibp_sys":95,"hr":80,"avpu":"A","temp":38.5}
    20  {"rr":16,"spo2":97,"hr":80}
    40  {"rr":16,"spo2":97,"hr":80}
    60  {"rr":16,"spo2":97,"hr":80}              +news2.news2.medium
    70  {"rr":16,"spo2":97,"hr":80,"avpu":"V"}
    90  {"rr":16,"spo2":97,"hr":80}
    110 {"rr":16,"spo2":97,"hr":80}
    129 {"rr":16,"spo2":97,"hr":80}
    130 {"rr":16,"spo2":97,"hr":80}              -news2.news2.medium +news2.news2.high
  )");
}

TEST(News2InTelemetry, IsForAdultsAndForThoseWhoseAgeNobodyHasSaid) {
  for (const bool restarting : {false, true}) {
    Bench bench;
    const auto bind = [&](const char* age_class) {
      bench.records(log::kind::binding_set,
                    fmt::format(R"({{"device":"m1","bed":"B1","patient":{{"id":"P1"}},"age_class":"{}"}})", age_class));
    };
    const auto after = [&](std::int64_t seconds, std::string_view payload) {
      bench.now_ns += seconds * second;
      bench.send(payload);
      if (restarting) bench.restart();
      return bench.events();
    };
    const auto score = [&] { return bench.telemetry().news2("m1"); };
    bind("unknown");
    EXPECT_EQ(after(1, R"({"rr":16,"spo2":97,"on_oxygen":true,"nibp_sys":95,"hr":80,"avpu":"V","temp":37})"), "");
    EXPECT_EQ(score()->second.score, 7);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(after(19, R"({"hr":80,"rr":16,"spo2":97})"), "");
    EXPECT_EQ(after(3, R"({"hr":80,"rr":16,"spo2":97})"), "+news2.news2.high");
    EXPECT_EQ(bench.telemetry().scored_values("m1").size(), 7U);
    bind("child");
    EXPECT_EQ(bench.events(), "-news2.news2.high");
    EXPECT_FALSE(score());
    EXPECT_EQ(after(1, R"({"hr":80,"rr":16,"spo2":97})"), "");
    EXPECT_FALSE(score());
    EXPECT_TRUE(bench.telemetry().scored_values("m1").empty());
    bind("adult");
    after(1, R"({"hr":80,"rr":16,"spo2":97})");
    EXPECT_EQ(score()->second.score, 7);
  }
}

}  // namespace
}  // namespace salus::monitor
