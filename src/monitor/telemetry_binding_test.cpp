#include <gtest/gtest.h>

#include "log/kinds.hpp"
#include "monitor/telemetry.hpp"
#include "view/memory_table.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second;

// A telemetry view that is made anew from its table after every entry.
class Bench {
 public:
  struct Heard final : Observer {
    std::string events;
    void on_raised(const Condition& condition) override { say('+', condition); }
    void on_ended(const Condition& condition, Time) override { say('-', condition); }
    void on_numerics(std::string_view, std::int64_t, std::span<const Numeric>) override { events += "shown "; }
    void say(char sign, const Condition& condition) {
      const std::string_view code = condition.code == device::no_code ? "device" : device::info(condition.code).alias();
      events += fmt::format("{}{}.{} ", sign, code, name(condition.rule));
    }
  };

  Bench() { records(log::kind::device_put, R"({"id":"m1"})"); }

  void records(log::Kind kind, std::string_view body) {
    const log::Offset offset{++record_};
    TelemetryContext{*telemetry_}.apply({.kind = kind, .first = offset, .body = body},
                                        {{log::Epoch{1}, offset}, time_from_ns(now_ns)});
    restart();
  }
  void bind(std::string_view patient, std::string_view bed) {
    records(log::kind::binding_set, fmt::format(R"({{"device":"m1","bed":"{}","patient":{}}})", bed,
                                                patient.empty() ? "null" : fmt::format(R"({{"id":"{}"}})", patient)));
  }
  void send(std::string_view payload, device::Format format = device::Format::json) {
    writer_.begin("m1", device::Session{1}, time_from_ns(now_ns));
    writer_.add({.format = format, .payload = payload});
    const log::Draft draft = writer_.take();
    const view::Place place{{log::Epoch{1}, log::Offset{offset_}}, time_from_ns(now_ns)};
    telemetry_->advance(place);
    telemetry_->apply({.kind = draft.kind, .count = draft.count, .first = log::Offset{offset_}, .body = draft.body},
                      place);
    ++offset_;
    restart();
  }
  std::string events() {
    std::string result = std::exchange(heard_.events, {});
    if (!result.empty()) result.pop_back();
    return result;
  }
  std::string latest() const {
    std::string result;
    for (const Latest& one : telemetry_->latest("m1")) result += fmt::format("{} ", device::info(one.code).alias());
    return result;
  }
  Telemetry& telemetry() { return *telemetry_; }
  std::int64_t now_ns = start_ns;

 private:
  void restart() {
    telemetry_->save(table_);
    telemetry_ = std::make_unique<Telemetry>(&heard_);
    ASSERT_TRUE(telemetry_->load(table_));
  }
  Heard heard_;
  std::unique_ptr<Telemetry> telemetry_ = std::make_unique<Telemetry>(&heard_);
  view::MemoryTable table_;
  device::MessageRunWriter writer_;
  std::uint64_t record_ = 0, offset_ = 1;
};

TEST(Binding, OfAnotherPatientBeginsWithNothingOfTheOneBefore) {
  Bench bench;
  bench.bind("P1", "B1");
  bench.send(R"({"rr":30,"spo2":99,"on_oxygen":true,"nibp_sys":60,"hr":80,"avpu":"A","temp":37})");
  EXPECT_NE(bench.events().find("+nibp_sys.low"), std::string::npos);
  ASSERT_TRUE(bench.telemetry().news2("m1"));
  EXPECT_EQ(bench.telemetry().news2("m1")->second.missing, 0);
  bench.now_ns += 60 * second;
  bench.bind("P1", "B2");  // the same person elsewhere: nothing is forgotten
  EXPECT_EQ(bench.events(), "");
  EXPECT_TRUE(bench.telemetry().news2("m1"));
  bench.now_ns += 60 * second;
  bench.bind("P2", "B2");
  EXPECT_NE(bench.events().find("-nibp_sys.low"), std::string::npos);
  EXPECT_TRUE(bench.telemetry().conditions("m1").empty());
  EXPECT_FALSE(bench.telemetry().news2("m1"));
  EXPECT_EQ(bench.latest(), "");
  bench.now_ns += second;
  bench.send(R"({"hr":81})");
  EXPECT_EQ(bench.events(), "shown");
  EXPECT_EQ(bench.latest(), "hr ");
  EXPECT_EQ(bench.telemetry().news2("m1")->second.missing, 0b1111111 & ~(1 << 4));  // all but the pulse
}

TEST(Binding, LeavesWhatWasMeasuredBeforeItToTheOneBefore) {
  Bench bench;
  bench.bind("P1", "B1");
  const auto at = [&](std::int64_t ns, int rate) { return fmt::format(R"({{"t":{},"hr":{}}})", ns / 1'000'000, rate); };
  bench.send(at(bench.now_ns, 80));
  bench.now_ns += 60 * second;
  bench.send(at(bench.now_ns, 80));
  bench.events();
  bench.now_ns += 30 * second;
  bench.bind("P2", "B1");
  bench.now_ns += 30 * second;
  bench.send(at(start_ns + 80 * second, 200));  // held back by the device
  EXPECT_EQ(bench.events(), "");
  EXPECT_EQ(bench.latest(), "");
  bench.send(at(bench.now_ns, 80));
  EXPECT_EQ(bench.events(), "shown");
  const auto channel = bench.telemetry().store().find({"m1", device::info(device::code_named("hr")).mdc, 0});
  EXPECT_EQ(bench.telemetry().store().summary(channel.value()).count, 4U);  // all of it is stored
}

TEST(Binding, TakenBackOrCorrectedIsFollowed) {
  Bench bench;
  bench.bind("P1", "B1");
  bench.send(R"({"nibp_sys":60})");
  bench.events();
  bench.now_ns += 60 * second;
  bench.records(
      log::kind::binding_corrected,
      fmt::format(
          R"({{"devices":[{{"device":"m1","version":1}}],"from":"{}","bed":"B1","patient":{{"id":"P3"}},"reason":"mixed up"}})",
          to_iso(time_from_ns(start_ns + 30 * second))));
  EXPECT_EQ(bench.events(), "-nibp_sys.low");
  bench.bind("", "");
  bench.bind("", "B1");
  bench.send(R"({"nibp_sys":60})");
  EXPECT_EQ(bench.events(), "+nibp_sys.low shown");
}

TEST(Binding, IsDoubtedWhenTheDeviceNamesAnotherPatient) {
  Bench bench;
  bench.send(R"({"patient":"P2","hr":80})");
  EXPECT_EQ(bench.events(), "shown");  // bound to nobody: nothing to disagree with
  bench.bind("P1", "B1");
  bench.events();
  const auto heard = [&](std::string_view payload) {
    bench.now_ns += second;
    bench.send(payload);
    return bench.events();
  };
  EXPECT_EQ(heard(R"({"patient":"P1","hr":80})"), "shown");
  EXPECT_EQ(heard(R"({"patient":"P2","hr":80})"), "+device.patient_mismatch shown");
  EXPECT_EQ(heard(R"({"patient":"P2","hr":80})"), "shown");
  EXPECT_EQ(heard(R"({"hr":80})"), "shown");  // it doesn't say
  EXPECT_EQ(heard(R"({"patient":null,"hr":80})"), "shown");
  EXPECT_EQ(heard(R"({"patient":"P1","hr":80})"), "-device.patient_mismatch shown");
  EXPECT_EQ(heard(R"({"patient":"P\u0032"})"), "+device.patient_mismatch");  // escaped, and alone
  bench.bind("P2", "B1");
  EXPECT_EQ(bench.events(), "-device.patient_mismatch");
  EXPECT_EQ(heard(R"({"patient":"P2","hr":80})"), "shown");
  EXPECT_EQ(heard(fmt::format(R"({{"patient":"{}","hr":80}})", std::string(257, 'x'))), "shown");
  EXPECT_EQ(heard(R"({"patient":{"id":"P1"},"hr":80})"), "shown");
  EXPECT_EQ(bench.telemetry().status("m1")->unknown_keys.at("patient"), 2U);
  bench.now_ns += second;
  bench.send(
      "\xA2\x67"
      "patient"
      "\x62"
      "P1"
      "\x62"
      "hr"
      "\x18\x50",
      device::Format::cbor);
  EXPECT_EQ(bench.events(), "+device.patient_mismatch shown");
}

}  // namespace
}  // namespace salus::monitor
