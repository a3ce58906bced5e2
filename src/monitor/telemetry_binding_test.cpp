#include "monitor/telemetry_for_test.hpp"

namespace salus::monitor {
namespace {

// A device between patients, made anew from its table after every entry.
class BoundDevice : public Bench {
 public:
  BoundDevice() : Bench(true) {}

  void bind(std::string_view patient, std::string_view bed) {
    records(log::kind::binding_set, fmt::format(R"({{"device":"m1","bed":"{}","patient":{}}})", bed,
                                                patient.empty() ? "null" : fmt::format(R"({{"id":"{}"}})", patient)));
  }
  // What was raised and ended, and whether numbers were shown.
  std::string heard() {
    std::string result = events();
    if (shown() > 0) result += result.empty() ? "shown" : " shown";
    return result;
  }
  std::string latest() {
    std::string result;
    for (const Latest& one : telemetry().latest("m1")) result += fmt::format("{} ", device::info(one.code).alias());
    return result;
  }
};

TEST(Binding, OfAnotherPatientBeginsWithNothingOfTheOneBefore) {
  BoundDevice bench;
  bench.bind("P1", "B1");
  bench.send(R"({"rr":30,"spo2":99,"on_oxygen":true,"nibp_sys":60,"hr":80,"avpu":"A","temp":37})");
  EXPECT_NE(bench.heard().find("+nibp_sys.low"), std::string::npos);
  ASSERT_TRUE(bench.telemetry().news2("m1"));
  EXPECT_EQ(bench.telemetry().news2("m1")->second.missing, 0);
  bench.now_ns += 60 * second;
  bench.bind("P1", "B2");  // the same person elsewhere: nothing is forgotten
  EXPECT_EQ(bench.heard(), "");
  EXPECT_TRUE(bench.telemetry().news2("m1"));
  bench.now_ns += 60 * second;
  bench.bind("P2", "B2");
  EXPECT_NE(bench.heard().find("-nibp_sys.low"), std::string::npos);
  EXPECT_TRUE(bench.telemetry().conditions("m1").empty());
  EXPECT_FALSE(bench.telemetry().news2("m1"));
  EXPECT_EQ(bench.latest(), "");
  bench.now_ns += second;
  bench.send(R"({"hr":81})");
  EXPECT_EQ(bench.heard(), "shown");
  EXPECT_EQ(bench.latest(), "hr ");
  EXPECT_EQ(bench.telemetry().news2("m1")->second.missing, 0b1111111 & ~(1 << 4));  // all but the pulse
}

TEST(Binding, LeavesWhatWasMeasuredBeforeItToTheOneBefore) {
  BoundDevice bench;
  bench.bind("P1", "B1");
  const auto at = [&](std::int64_t ns, int rate) { return fmt::format(R"({{"t":{},"hr":{}}})", ns / 1'000'000, rate); };
  bench.send(at(bench.now_ns, 80));
  bench.now_ns += 60 * second;
  bench.send(at(bench.now_ns, 80));
  bench.heard();
  bench.now_ns += 30 * second;
  bench.bind("P2", "B1");
  bench.now_ns += 30 * second;
  bench.send(at(start_ns + 80 * second, 200));  // held back by the device
  EXPECT_EQ(bench.heard(), "");
  EXPECT_EQ(bench.latest(), "");
  bench.send(at(bench.now_ns, 80));
  EXPECT_EQ(bench.heard(), "shown");
  const auto channel = bench.telemetry().store().find({"m1", device::info(device::code_named("hr")).mdc, 0});
  EXPECT_EQ(bench.telemetry().store().summary(channel.value()).count, 4U);  // all of it is stored
}

TEST(Binding, TakenBackOrCorrectedIsFollowed) {
  BoundDevice bench;
  bench.bind("P1", "B1");
  bench.send(R"({"nibp_sys":60})");
  bench.heard();
  bench.now_ns += 60 * second;
  bench.records(
      log::kind::binding_corrected,
      fmt::format(
          R"({{"devices":[{{"device":"m1","version":1}}],"from":"{}","bed":"B1","patient":{{"id":"P3"}},"reason":"mixed up"}})",
          to_iso(time_from_ns(start_ns + 30 * second))));
  EXPECT_EQ(bench.heard(), "-nibp_sys.low.high");
  bench.bind("", "");
  bench.bind("", "B1");
  bench.send(R"({"nibp_sys":60})");
  EXPECT_EQ(bench.heard(), "+nibp_sys.low.high shown");
}

TEST(Binding, IsDoubtedWhenTheDeviceNamesAnotherPatient) {
  BoundDevice bench;
  bench.send(R"({"patient":"P2","hr":80})");
  EXPECT_EQ(bench.heard(), "shown");  // bound to nobody: nothing to disagree with
  bench.bind("P1", "B1");
  bench.heard();
  const auto heard = [&](std::string_view payload) {
    bench.now_ns += second;
    bench.send(payload);
    return bench.heard();
  };
  EXPECT_EQ(heard(R"({"patient":"P1","hr":80})"), "shown");
  EXPECT_EQ(heard(R"({"patient":"P2","hr":80})"), "+device.patient_mismatch.medium shown");
  EXPECT_EQ(heard(R"({"patient":"P2","hr":80})"), "shown");
  EXPECT_EQ(heard(R"({"hr":80})"), "shown");  // it doesn't say
  EXPECT_EQ(heard(R"({"patient":null,"hr":80})"), "shown");
  EXPECT_EQ(heard(R"({"patient":"P1","hr":80})"), "-device.patient_mismatch.medium shown");
  EXPECT_EQ(heard(R"({"patient":"P\u0032"})"), "+device.patient_mismatch.medium");  // escaped, and alone
  bench.bind("P2", "B1");
  EXPECT_EQ(bench.heard(), "-device.patient_mismatch.medium");
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
      {.format = device::Format::cbor});
  EXPECT_EQ(bench.heard(), "+device.patient_mismatch.medium shown");
}

}  // namespace
}  // namespace salus::monitor
