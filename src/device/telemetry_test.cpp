#include <gtest/gtest.h>

#include <set>

#include "base/time.hpp"
#include "device/telemetry_cbor.hpp"
#include "device/telemetry_json.hpp"

namespace salus::device {
namespace {

// "hr=72 temp=37 spo2=null nibp_sys!wrong_unit foo?" for the first reading.
std::string summary(const Message& message) {
  std::string text;
  for (const Reading& reading : message.readings()) {
    if (!text.empty()) text += " | ";
    if (reading.has_time) text += "t=" + to_iso(time_from_ns(reading.time_ns)) + " ";
    if (reading.has_sequence) text += fmt::format("seq={} ", reading.sequence);
    for (const Item& item : message.items(reading)) {
      const CodeInfo& code = info(item.code);
      text += code.alias();
      text += item.absent                   ? std::string("=null ")
              : item.reject != Reject::none ? fmt::format("!{} ", name(item.reject))
                                            : fmt::format("={} ", decimal_text(item.value, code.scale));
    }
    for (const std::string_view key : message.unknown(reading)) text += fmt::format("{}? ", key);
    if (text.ends_with(' ')) text.pop_back();
  }
  return text;
}

TEST(TelemetryJson, MeansWhatItSays) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"({"t":1767225600250,"seq":17,"hr":72,"spo2":97.5})", "t=2026-01-01T00:00:00.250Z seq=17 hr=72 spo2=97.5"},
      {R"({"t":"2026-01-01T08:00:00+08:00","pulse":60})", "t=2026-01-01T00:00:00.000Z pulse=60"},
      {R"({"8310-5":{"v":98.6,"u":"[degF]"}})", "temp=37"},
      {R"({"temp":{"u":"K","v":310.15}})", "temp=37"},
      {R"({"nibp_sys":{"v":16,"u":"kPa"}})", "nibp_sys=120"},
      {R"({"cvp":{"v":10,"u":"cm[H2O]"}})", "cvp=7.4"},
      {R"({"hr":{"v":1.2,"u":"Hz"}, "rr":{"v":15,"u":"{breaths}/min"}})", "hr=72 rr=15"},
      {R"({"fio2":{"v":0.21,"u":"1"},"co":{"v":4500,"u":"mL/min"}})", "fio2=21 co=4.5"},
      {R"({"mdc:147842":72,"loinc:59408-5":97})", "hr=72 spo2=97"},
      {R"({"temp":36.645})", "temp=36.65"},  // half away from zero
      {R"({"cvp":-0.05})", "cvp=-0.1"},
      {R"({"hr":7.2e1})", "hr=72"},
      {R"({"hr":72000000000000000000000e-21})", "hr=72"},
      {R"({"hr":null,"on_oxygen":true,"avpu":"V"})", "hr=null on_oxygen=1 avpu=2"},
      {R"({"hr":{"v":null,"u":"/min"}})", "hr=null"},
      {R"({"hr":"72","spo2":[97],"rr":{},"temp":true,"avpu":"X"})",
       "hr!not_a_number spo2!not_a_number rr!not_a_number temp!not_a_number avpu!not_a_number"},
      {R"({"hr":1e400,"spo2":101,"temp":{"v":37,"u":"mm[Hg]"},"rr":{"v":1,"u":"furlong"},"ecg_ii":1,"news2":3})",
       "hr!implausible spo2!implausible temp!wrong_unit rr!unknown_unit ecg_ii!wrong_kind news2!wrong_kind"},
      {R"({"mood":"good","x":{"y":[1,{}]},"h\u0072":70,"k\n":1})", "hr=70 mood? x? k\n?"},
      {R"([{"hr":70},{"hr":71,"seq":2}])", "hr=70 | seq=2 hr=71"},
      {" { } ", ""},
  };
  Message message;
  for (const auto& [payload, expected] : rows) {
    const Result<void> parsed = parse_telemetry_json(payload, message);
    ASSERT_TRUE(parsed) << payload << ": " << parsed.error().message;
    EXPECT_EQ(summary(message), expected) << payload;
  }
}

TEST(TelemetryJson, RefusesWithThePlace) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", "byte 0"},
      {"7", "byte 0"},
      {"[]", "no reading"},
      {"[1]", "byte 1"},
      {R"({"hr":072})", "begins with 0"},
      {R"({"hr":.5})", "byte 6"},
      {R"({"hr":1.})", "expected a digit"},
      {R"({"hr":NaN})", "byte 6"},
      {R"({"hr":1,})", "expected a string"},
      {R"({"hr":1} x)", "something follows"},
      {R"({"hr":1,"hr":2})", "gives one code twice"},
      {R"({"hr":1,"8867-4":2})", "gives one code twice"},
      {R"({"foo":1,"f\u006fo":2})", "repeats a key"},
      {R"({"x":{"a":1,"a":2}})", "repeats a key"},
      {R"({"x":[[[[1]]]]})", "deeper than 4"},
      {"{\"x\":\"\xFF\"}", "not UTF-8"},
      {"{\"x\":\"a\x01\"}", "control character"},
      {R"({"x":"\ud800"})", "surrogate"},
      {R"({"t":true})", "t must be"},
      {R"({"t":1e300})", "outside of 1678"},
      {R"({"seq":1.5})", "no whole number"},
  };
  Message message;
  for (const auto& [payload, expected] : rows) {
    const Result<void> parsed = parse_telemetry_json(payload, message);
    ASSERT_FALSE(parsed) << payload;
    EXPECT_NE(parsed.error().message.find(expected), std::string::npos) << payload << ": " << parsed.error().message;
    EXPECT_TRUE(message.readings().empty());
  }
  EXPECT_EQ(parse_telemetry_json(std::string(300'000, ' '), message).error().code, ErrorCode::too_large);
  EXPECT_FALSE(parse_telemetry_json(std::string(100'000, '['), message));
}

std::string hex(std::string_view text) {
  std::string bytes;
  std::string digits;
  for (const char c : text)
    if (c != ' ') digits.push_back(c);
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

TEST(TelemetryCbor, MeansWhatJsonMeans) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"A2 626872 1848 6473706F32 FB4058600000000000", "hr=72 spo2=97.5"},
      {"A1 6474656D70 FA4212999A", "temp=36.65"},       // single 36.65
      {"A1 626872 F95480", "hr=72"},                    // half 72
      {"A1 6474656D70 C4 82 21 190E51", "temp=36.65"},  // decimal fraction 3665 × 10^-2
      {"A2 6174 C1 1A6955B900 626872 1848", "t=2026-01-01T00:00:00.000Z hr=72"},
      {"A1 6174 1B0000019B76DAA8FA", "t=2026-01-01T00:00:00.250Z"},
      {"A1 6174 C0 74 323032362D30312D30315430303A30303A30305A", "t=2026-01-01T00:00:00.000Z"},
      {"BF 626872 F6 FF", "hr=null"},
      {"A1 626872 F97E00", "hr!not_a_number"},                     // NaN
      {"A1 626872 F97C00", "hr!not_a_number"},                     // infinity
      {"A1 626872 A2 6176 F93CCD 6175 62487A", "hr=72"},           // half 1.2002 Hz
      {"A2 63666F6F 43 010203 626872 20", "hr!implausible foo?"},  // −1
      {"82 A1 626872 1848 A1 626872 1849", "hr=72 | hr=73"},
  };
  Message message;
  for (const auto& [payload, expected] : rows) {
    const std::string bytes = hex(payload);
    const Result<void> parsed = parse_telemetry_cbor(bytes, message);
    ASSERT_TRUE(parsed) << payload << ": " << parsed.error().message;
    EXPECT_EQ(summary(message), expected) << payload;
  }
}

TEST(TelemetryCbor, RefusesWithThePlace) {
  Message message;
  for (const char* payload : {"", "01", "80", "A1", "A1 6268", "A1 01 02", "A1 626872", "A2 626872 01 626872 02",
                              "9F A0", "A1 627878 81818181 01", "A1 626872 1C", "A1 626872 5F", "A1 7BFFFFFFFFFFFFFFFF",
                              "A0 00", "A1 6174 F5", "A1 626872 C4 81 01", "BBFFFFFFFFFFFFFFFF 626872 01"}) {
    const std::string bytes = hex(payload);
    const Result<void> parsed = parse_telemetry_cbor(bytes, message);
    ASSERT_FALSE(parsed) << payload;
    EXPECT_NE(parsed.error().message.find("byte"), std::string::npos);
  }
}

TEST(Codes, AreFoundByEveryNameAndSaidOnce) {
  std::set<std::string_view> names;
  for (std::size_t row = 0; row < codes().size(); ++row) {
    const CodeInfo& code = codes()[row];
    EXPECT_EQ(code_of_mdc(code.mdc), Code(row)) << code.alias();
    EXPECT_FALSE(code.english.empty() || code.chinese.empty());
    EXPECT_LT(code.low, code.high);
    for (std::string_view rest = code.names; !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      EXPECT_TRUE(names.insert(one).second) << one;
      EXPECT_EQ(find_code(one), Code(row)) << one;
    }
  }
  for (const char* other : {"", "h", "hrx", "mdc:", "loinc:", "0", "heart_rate_of_the_patient"})
    EXPECT_EQ(find_code(other), no_code);
}

}  // namespace
}  // namespace salus::device
