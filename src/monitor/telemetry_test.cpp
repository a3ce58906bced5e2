#include <random>

#include "monitor/telemetry_for_test.hpp"
#include "series/query.hpp"
#include "view/prefixed_table.hpp"

namespace salus::monitor {
namespace {

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

// The score stays the same for its minute, so that time alone raises the alarm.
TEST(Telemetry, SaysWhichScoreHasStayed) {
  Bench bench;
  for (int s = 0; s <= 70; s += 10) {
    bench.send(R"({"rr":30,"spo2":90,"hr":140})");
    bench.restart();
    bench.now_ns += 10 * second;
    bench.tick();
  }
  std::optional<Value> said;
  for (const Condition& condition : bench.telemetry().conditions("m1"))
    if (condition.rule == ConditionRule::news2) said = condition.value;
  EXPECT_EQ(said, 9);
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
        if (pick % 70 == 6)
          bench->records(
              log::kind::binding_set,
              fmt::format(R"({{"device":"{}","ward":"W","bed":"B{}","patient":{{"id":"P{}"}},"age_class":"{}"}})", id,
                          pick / 70 % 3, pick / 210 % 4, device::name(AgeClass(pick / 840 % 4))));
        if (pick % 80 == 7)
          bench->records(pick % 160 == 7 ? log::kind::limits_put : log::kind::limits_reset,
                         fmt::format(R"({{{},"code":"hr","priority":"medium","high":{},"end_delay_ms":{}}})",
                                     std::array{R"("ward":"W","bed":"B1")", R"("patient":"P1")", R"("ward":"W")",
                                                R"("age_class":"child")"}[pick / 160 % 4],
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

}  // namespace
}  // namespace salus::monitor
