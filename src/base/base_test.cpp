#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace salus {
namespace {

TEST(Time, ReadsWhatItWrites) {
  for (const char* text : {"2026-03-01T08:00:00.250Z", "1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.123456789Z"})
    EXPECT_EQ(to_iso(parse_iso(text).value()), text);
  EXPECT_EQ(to_iso(parse_iso("2026-03-01T08:00:00+08:00").value()), "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(to_iso(parse_iso("1969-12-31T23:59:59.5Z").value()), "1969-12-31T23:59:59.500Z");
}

TEST(Time, RefusesWhatIsNoInstant) {
  for (const char* text : {"", "2026-03-01", "2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T08:00:00",
                           "2026-03-01T08:00:00.Z", "2026-03-01T08:00:00.1234567891Z", "2026-03-01T08:00:00Zx"})
    EXPECT_FALSE(parse_iso(text)) << text;
}

TEST(Bytes, VarintsSurviveAndNeverOverread) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{300}, INT64_MIN, INT64_MAX}) {
    std::string bytes;
    Writer{bytes}.put_zigzag(value);
    EXPECT_EQ(Reader{bytes}.get_zigzag(), value);
    Reader torn{ByteView(bytes).substr(0, bytes.size() - 1)};
    torn.get_zigzag();
    EXPECT_TRUE(torn.failed());
  }
  Reader short_one{"abc"};
  EXPECT_EQ(short_one.get<std::uint64_t>(), 0U);
  EXPECT_TRUE(short_one.failed());
}

// Vectors: FIPS 180-2 B.1, RFC 4231 case 2, RFC 3720 B.4, RFC 4648 10.
TEST(Digest, AgreesWithPublishedVectors) {
  EXPECT_EQ(to_hex(view_of(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(view_of(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c("789", crc32c("123456")), crc32c("123456789"));
  for (const auto& [plain, coded] :
       {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(plain), coded);
    EXPECT_EQ(from_base64(coded).value(), plain);
  }
  for (const char* wrong : {"Zg=", "Z===", "Zh==", "Zg==Zg==", "Zm9 "}) EXPECT_FALSE(from_base64(wrong)) << wrong;
}

TEST(Json, RefusesDuplicatesDepthAndRubbish) {
  EXPECT_TRUE(parse_json(R"({"a":{"b":1},"b":[{"a":1},{"a":2}]})"));
  for (const char* wrong : {R"({"a":1,"a":2})", R"({"a":1} x)", "{", "", "\"\xFF\"", R"({"k":{"a":1,"b":2,"a":3}})"})
    EXPECT_FALSE(parse_json(wrong)) << wrong;
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  EXPECT_EQ(parse_json("[1,2,3]", {.bytes_max = 4}).error().code, ErrorCode::too_large);
}

TEST(Json, WritesDoublesAsTheShortestDecimal) {
  const json::value document = {
      {"t", 36.8}, {"ms", 1.79e12}, {"n", {1, -2, 0.1, nullptr, true}}, {"s", "\"\n"}, {"o", json::object{}}};
  const std::string text = json_text(document);
  EXPECT_EQ(text, R"({"t":36.8,"ms":1790000000000,"n":[1,-2,0.1,null,true],"s":"\"\n","o":{}})");
  EXPECT_EQ(json_text(*parse_json(text)), text);
}

TEST(Text, TellsNamesAndUtf8FromTheRest) {
  for (const char* good : {"monitor-7", "a", "X.y_z:1@b=c"}) EXPECT_TRUE(is_device_id(good)) << good;
  for (const char* bad : {"", "#", "+", "../x", "..", "a/b", "a b", "\x01"}) EXPECT_FALSE(is_device_id(bad)) << bad;
  EXPECT_TRUE(is_utf8("心电 ♥ 😀"));
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE5\xBF"})
    EXPECT_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace salus
