#include "monitor/telemetry.hpp"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "log/kinds.hpp"
#include "monitor/alarms.hpp"
#include "series/query.hpp"
#include "view/memory_table.hpp"
#include "view/prefixed_table.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second;

// One telemetry partition with what it hears of `records`, restarted from its table whenever asked to.
class Bench {
 public:
  struct Heard final : Observer {
    std::string events;
    void on_raised(const Condition& condition) override { events += "+" + event(condition); }
    void on_ended(const Condition& condition, Time) override { events += "-" + event(condition); }
    static std::string event(const Condition& condition) {
      const std::string_view code = condition.code == device::no_code ? "device" : device::info(condition.code).alias();
      return fmt::format("{}.{}.{} ", code, name(condition.rule), name(condition.priority));
    }
  };

  Bench() { records(log::kind::device_put, R"({"id":"m1"})"); }

  void records(log::Kind kind, std::string_view body) {
    const log::Offset offset{++record_};
    TelemetryContext{*telemetry_}.apply({.kind = kind, .first = offset, .body = body},
                                        {{log::Epoch{1}, offset}, now()});
  }
  void send(std::string_view payload, device::MessageView like = {}) {
    like.payload = payload;
    writer_.begin(device_, device::Session{1}, now());
    writer_.add(like);
    run(writer_.take());
  }
  void run(const log::Draft& draft) {
    const log::Offset offset{offset_};
    offset_ += draft.count;
    const view::Place place{{log::Epoch{1}, offset}, now()};
    telemetry_->advance(place);
    const auto answer =
        telemetry_->apply({.kind = draft.kind, .count = draft.count, .first = offset, .body = draft.body}, place);
    ASSERT_TRUE(answer && !answer->refusal);
  }
  void tick() { telemetry_->advance({{log::Epoch{1}, log::Offset{offset_++}}, now()}); }
  void restart() {
    telemetry_->save(table_);
    telemetry_ = std::make_unique<Telemetry>(&heard_);
    ASSERT_TRUE(telemetry_->load(table_));
  }
  // What was raised and ended since the last call.
  std::string events() {
    std::string result = std::exchange(heard_.events, {});
    if (!result.empty()) result.pop_back();
    return result;
  }
  std::int64_t now_ns = start_ns;
  Time now() const { return time_from_ns(now_ns); }
  Telemetry& telemetry() { return *telemetry_; }
  view::MemoryTable& table() { return table_; }
  std::string device_ = "m1";

 private:
  Heard heard_;
  std::unique_ptr<Telemetry> telemetry_ = std::make_unique<Telemetry>(&heard_);
  view::MemoryTable table_;
  device::MessageRunWriter writer_;
  std::uint64_t record_ = 0;
  std::uint64_t offset_ = 1;
};

// Rows: seconds since the start, what is sent ("-" only lets time pass), what is raised (+) and ended (-).
void check(std::string_view table, bool restarting, std::string_view limits = {}) {
  Bench bench;
  if (!limits.empty()) bench.records(log::kind::limits_put, limits);
  std::istringstream rows{std::string(table)};
  for (std::string row; std::getline(rows, row);) {
    std::istringstream cells{row};
    double at = 0;
    std::string payload, expected, more;
    if (!(cells >> at >> payload)) continue;
    while (cells >> more) expected += (expected.empty() ? "" : " ") + more;
    bench.now_ns = start_ns + static_cast<std::int64_t>(at * 1'000) * 1'000'000;
    if (payload == "-") {
      bench.tick();
    } else {
      bench.send(payload);
    }
    EXPECT_EQ(bench.events(), expected) << row;
    if (restarting) bench.restart();
  }
}
void check(std::string_view table, std::string_view limits = {}) {
  check(table, false, limits);
  check(table, true, limits);
}

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

TEST(Silence, OfAVitalIsAnAlarmWhileTheDeviceStillSends) {
  check(R"(
    0  {"hr":80,"spo2":97}
    1  {"hr":80,"spo2":97}
    11 {"spo2":97}
    21 {"spo2":97,"hr":null}
    30 {"spo2":97}
    31 {"spo2":97}          +hr.no_data.medium
    40 {"spo2":97}
    41 {"spo2":97,"hr":80}  -hr.no_data.medium
  )");
}

TEST(Silence, OfADeviceIsOneAlarmAndNotOneForEachVital) {
  check(R"(
    0   {"hr":80,"spo2":97,"rr":15}
    1   {"hr":80,"spo2":97,"rr":15}
    20  -
    21  -   +device.device_gone.medium
    300 -
    301 {"hr":80}   -device.device_gone.medium
    302 {"hr":80}
  )");
}

TEST(News2InTelemetry, RaisesAndSurvivesAMissingInput) {
  check(R"(
    0   {"rr":16,"spo2":97,"on_oxygen":false,"nibp_sys":120,"hr":80,"avpu":"A","temp":37}
    1   {"nibp_sys":95,"temp":39.5,"avpu":"A"}
    2   {"on_oxygen":true}                             +news2.news2.medium
    3   {"avpu":"V"}                                   -news2.news2.medium +news2.news2.high
    4   {"avpu":"A","on_oxygen":false,"nibp_sys":120}  -news2.news2.high
  )");
}

TEST(Telemetry, CountsARepeatedMessageOnce) {
  Bench bench;
  const std::string_view first = R"({"t":1767225600000,"seq":1,"hr":80})";
  bench.send(first);
  bench.send(first);
  bench.restart();
  bench.send(first);
  // Without an identity of its own: by packet.
  const device::MessageView packet{.at_least_once = true, .packet_id = 7};
  device::MessageView again = packet;
  again.repeated = true;
  bench.send(R"({"rr":15})", packet);
  bench.send(R"({"rr":15})", again);
  bench.send(R"({"rr":16})", again);  // another message under a used id
  const DeviceStatus status = bench.telemetry().status("m1").value();
  EXPECT_EQ(status.messages, 6U);
  EXPECT_EQ(status.repeated, 3U);
}

TEST(Telemetry, CountsAndListsWhatItDoesNotUnderstand) {
  Bench bench;
  bench.send(R"({"hr":"x","spo2":200,"mood":1,"mood2":2})");
  bench.send(R"({"mood":1,)");
  bench.send(R"({"t":1,"hr":70})");
  for (int i = 0; i < 40; ++i) bench.send(fmt::format(R"({{"key{}":1}})", i));
  const DeviceStatus status = bench.telemetry().status("m1").value();
  EXPECT_EQ(status.rejected[static_cast<std::size_t>(device::Reject::not_a_number)], 1U);
  EXPECT_EQ(status.rejected[static_cast<std::size_t>(device::Reject::implausible)], 1U);
  EXPECT_EQ(status.unknown_keys.at("mood"), 1U);
  EXPECT_EQ(status.unknown_keys.size(), 32U);
  EXPECT_EQ(status.unknown_overflow, 10U);
  EXPECT_EQ(status.malformed, 1U);
  EXPECT_EQ(status.clock_wrong, 1U);
  EXPECT_EQ(bench.telemetry().latest("m1").front().time_ns, start_ns);  // by arrival
  bench.device_ = "nobody";
  bench.send(R"({"hr":70})");
  EXPECT_EQ(bench.telemetry().unregistered(), 1U);
  EXPECT_FALSE(bench.telemetry().status("nobody"));
}

TEST(Telemetry, StoresWhatWasSent) {
  Bench bench;
  for (int i = 0; i < 10; ++i, bench.now_ns += second) bench.send(fmt::format(R"({{"hr":{}}})", 70 + i));
  device::WaveFrame frame;
  frame.time_ns = start_ns;
  frame.period = {4'000'000, 1};
  device::WaveChannel& channel = frame.add_channel();
  channel.mdc = 131330;
  channel.offset = 1024;
  channel.multiplier = 5;
  channel.exponent = 3;
  channel.sample_count = 6;
  channel.unit = "mV";
  channel.gaps = {{2, 1}};
  channel.samples = {1024, 1025, 1023, 1224, 1024};
  std::string payload;
  ASSERT_TRUE(device::encode_waveform(frame, payload));
  bench.send(payload, {.format = device::Format::waveform});
  bench.send(payload, {.format = device::Format::waveform});
  for (int round = 0; round < 2; ++round, bench.restart()) {
    const series::Store& store = bench.telemetry().store();
    const view::PrefixedTable table{static_cast<const view::TableReader&>(bench.table()),
                                    std::string(Telemetry::series_prefix)};
    const auto read = [&](std::uint32_t code) {
      std::string text;
      const auto page = series::range(table, store.copy(store.find({"m1", code, 0}).value()),
                                      {start_ns, start_ns + 100 * second}, 100);
      for (const series::Sample& sample : page.value().samples)
        text += fmt::format("{}:{} ", (sample.time_ns - start_ns) / 1'000'000, sample.value);
      return text;
    };
    EXPECT_EQ(read(147842), "0:700 1000:710 2000:720 3000:730 4000:740 5000:750 6000:760 7000:770 8000:780 9000:790 ");
    EXPECT_EQ(read(131330), "0:0 4:500000 12:-500000 16:100000000 20:0 ");  // 10^-8 mV
  }
  EXPECT_EQ(bench.telemetry().status("m1")->repeated, 1U);
}

TEST(Telemetry, KeepsItsWishesUntilRecordsHasThem) {
  Bench bench;
  bench.records(log::kind::binding_set, R"({"device":"m1","bed":"B01","patient":{"id":"P1","label":"Secret"}})");
  bench.send(R"({"nibp_sys":60})");
  bench.now_ns += second;
  bench.send(R"({"nibp_sys":120})");
  bench.restart();
  const std::vector<Wish> wishes = bench.telemetry().outbox(10);
  ASSERT_EQ(wishes.size(), 2U);
  EXPECT_EQ(wishes[0].kind, log::kind::alarm_raised);
  EXPECT_EQ(wishes[1].kind, log::kind::alarm_ended);
  EXPECT_EQ(wishes[0].body.find("Secret"), std::string::npos);
  EXPECT_NE(wishes[0].body.find(R"("bed":"B01")"), std::string::npos);
  EXPECT_NE(wishes[0].body.find(R"("value":60,"limit":70)"), std::string::npos) << wishes[0].body;
  bench.records(wishes[0].kind, wishes[0].body);
  bench.restart();
  EXPECT_EQ(bench.telemetry().outbox_size(), 1U);
  bench.records(wishes[1].kind, wishes[1].body);
  EXPECT_EQ(bench.telemetry().outbox_size(), 0U);
  bench.now_ns += second;
  bench.send(R"({"nibp_sys":60})");
  bench.events();
  bench.records(log::kind::device_removed, R"({"id":"m1"})");
  EXPECT_EQ(bench.events(), "-nibp_sys.low.high");
  bench.send(R"({"nibp_sys":60})");
  EXPECT_EQ(bench.events(), "");
  bench.restart();
  EXPECT_FALSE(bench.telemetry().status("m1"));
}

// The table after any history of restarts is the table of one that never restarted.
TEST(Telemetry, IsAFunctionOfItsEntries) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Bench straight, broken;
    std::mt19937 random{seed}, breaks{seed + 1'000};
    for (int i = 2; i <= 5; ++i)
      for (Bench* bench : {&straight, &broken})
        bench->records(log::kind::device_put, fmt::format(R"({{"id":"m{}"}})", i));
    std::uint64_t sequence = 0;
    for (int step = 0; step < 800; ++step) {
      const auto pick = random();
      const std::int64_t passed = pick % 50 == 0 ? 400 * second : static_cast<std::int64_t>(random() % 3) * second;
      const std::string id = fmt::format("m{}", 1 + random() % 5);
      std::string payload;
      const auto number = [&](int low, int width) {
        return low + static_cast<int>(random() % static_cast<unsigned>(width));
      };
      payload = fmt::format(R"({{"t":{},"seq":{},"hr":{},"spo2":{},"nibp_sys":{},"x{}":1}})",
                            (start_ns + step * second) / 1'000'000 - number(0, 30) * 100, sequence += random() % 2,
                            number(30, 120), number(82, 18), number(60, 170), number(0, 40));
      if (pick % 10 == 1) payload = R"({"rr":)" + std::to_string(number(4, 40)) + "}";
      if (pick % 40 == 2) payload = "{";
      for (Bench* bench : {&straight, &broken}) {
        bench->now_ns += passed;
        bench->device_ = id;
        if (pick % 60 == 3)
          bench->records(log::kind::limits_put,
                         fmt::format(R"({{"device":"{}","code":"hr","priority":"medium","high":{},"delay_ms":{}}})", id,
                                     90 + pick % 40, pick % 20'000));
        if (pick % 200 == 4) bench->records(log::kind::device_removed, fmt::format(R"({{"id":"{}"}})", id));
        if (pick % 90 == 5)
          bench->records(log::kind::device_put, fmt::format(R"({{"id":"{}","enabled":{}}})", id, pick % 7 != 0));
        if (pick % 5 == 0) {
          bench->tick();
        } else {
          bench->send(payload);
        }
        if (pick % 13 == 0)
          for (const Wish& wish : bench->telemetry().outbox(3)) bench->records(wish.kind, wish.body);
      }
      if (breaks() % 40 == 0) broken.restart();
      ASSERT_EQ(straight.events(), broken.events()) << "seed " << seed << " step " << step;
    }
    straight.restart();
    broken.restart();
    ASSERT_EQ(straight.table().pairs(), broken.table().pairs()) << "seed " << seed;
  }
}

TEST(Alarms, LiveAsTheirEntriesSay) {
  auto alarms = std::make_unique<Alarms>();
  view::MemoryTable table;
  std::uint64_t offset = 0;
  const auto apply = [&](log::Kind kind, std::string_view body) {
    const view::Place place{{log::Epoch{1}, log::Offset{++offset}}, time_from_ns(start_ns)};
    const auto answer = alarms->apply({.kind = kind, .first = log::Offset{offset}, .body = body}, place);
    alarms->save(table);
    alarms = std::make_unique<Alarms>();
    EXPECT_TRUE(alarms->load(table));
    return !answer           ? std::string("not ours")
           : answer->refusal ? std::string(name(answer->refusal->code))
                             : std::string("ok");
  };
  using namespace log::kind;
  const char* raised =
      R"({"id":"a","device":"m1","bed":"B1","code":"spo2","rule":"low","priority":"high","value":84.5,"limit":86,"unit":"%","text":"SpO2 below 86 %","raised":"2026-01-01T00:00:00Z"})";
  EXPECT_EQ(apply(alarm_raised, raised), "ok");
  EXPECT_EQ(apply(alarm_raised, raised), "conflict");
  EXPECT_EQ(apply(alarm_raised, R"({"id":"b","rule":"odd"})"), "invalid");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"b","by":"nurse"})"), "not_found");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a","by":"nurse","version":2})"), "conflict");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a"})"), "invalid");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a","by":"nurse","version":1})"), "ok");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a","by":"nurse"})"), "conflict");
  EXPECT_EQ(alarms->list({.state = AlarmState::active}).total, 1U);
  EXPECT_EQ(apply(alarm_ended, R"({"id":"a","at":"2026-01-01T00:01:00Z"})"), "ok");
  EXPECT_EQ(apply(alarm_ended, R"({"id":"a"})"), "conflict");
  EXPECT_EQ(apply(tick, ""), "not ours");
  ASSERT_NE(alarms->find("a"), nullptr);
  EXPECT_EQ(alarms->find("a")->version, 3U);
  EXPECT_EQ(alarms->find("a")->value, 845);
  EXPECT_EQ(alarms->active_count(), 0U);
}

TEST(Alarms, ForgetTheOldestThatEndedIntoTheTable) {
  Alarms alarms;
  view::MemoryTable table;
  std::uint64_t offset = 0;
  const auto apply = [&](log::Kind kind, const std::string& body) {
    const view::Place place{{log::Epoch{1}, log::Offset{++offset}}, time_from_ns(start_ns)};
    return alarms.apply({.kind = kind, .first = log::Offset{offset}, .body = body}, place);
  };
  for (std::size_t i = 0; i < Alarms::ended_max + 3; ++i) {
    apply(log::kind::alarm_raised, fmt::format(R"({{"id":"a{}","rule":"low","priority":"low"}})", i));
    apply(log::kind::alarm_ended, fmt::format(R"({{"id":"a{}"}})", i));
  }
  alarms.save(table);
  EXPECT_EQ(alarms.find("a0"), nullptr);
  EXPECT_EQ(alarms.list({.limit = 1}).total, Alarms::ended_max);
  const std::vector<Alarm> old = Alarms::history(table, ~std::uint64_t{0}, 100);
  ASSERT_EQ(old.size(), 3U);
  EXPECT_EQ(old.front().id, "a2");
}

}  // namespace
}  // namespace salus::monitor
