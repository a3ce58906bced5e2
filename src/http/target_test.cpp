#include "http/target.hpp"

#include <gtest/gtest.h>

#include "http/gzip.hpp"

namespace salus::http {
namespace {

TEST(Target, DecodesOnce) {
  const Target target = parse_target("/api/devices/m%252D7/%E5%BF%83?a=1%262&b+c=x+y&empty").value();
  EXPECT_EQ(target.segments, (std::vector<std::string>{"api", "devices", "m%2D7", "心"}));
  EXPECT_EQ(target.queries, (Fields{{"a", "1&2"}, {"b c", "x y"}, {"empty", ""}}));
  EXPECT_TRUE(parse_target("/").value().segments.empty());
  EXPECT_TRUE(parse_target("/a/").value().trailing_slash);
}

TEST(Target, RefusesWhatCouldBeReadTwice) {
  for (const char* wrong : {"", "*", "http://a/", "a", "/a/../b", "/a/%2e%2e/b", "/./a", "/a//b", "/a%2Fb", "/a%5Cb",
                            "/a%00", "/a%", "/a%4", "/a%zz", "/a%ff", "/a#b", "/a?x=%00"})
    EXPECT_FALSE(parse_target(wrong)) << wrong;
  EXPECT_FALSE(parse_target("/" + std::string(9000, 'a')));
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "/a";
  EXPECT_FALSE(parse_target(deep));
}

TEST(Gzip, ReadsWhatItWrites) {
  for (const std::size_t size : {0, 1, 1000, 200'000}) {
    std::string plain;
    for (std::size_t i = 0; i < size; ++i) plain.push_back(static_cast<char>((i * i) >> 3));
    EXPECT_EQ(gunzip(gzip(plain)).value(), plain);
  }
}

TEST(Gzip, StopsAtItsBounds) {
  const std::string bomb = gzip(std::string(64 << 20, '\0'));  // a thousandfold
  EXPECT_EQ(gunzip(bomb).error().code, ErrorCode::too_large);
  EXPECT_EQ(gunzip(gzip(std::string(1 << 20, 'a'))).error().code, ErrorCode::too_large);
  EXPECT_EQ(gunzip(gzip("hello"), {.bytes_max = 4}).error().code, ErrorCode::too_large);
  const std::string packed = gzip("hello");
  EXPECT_EQ(gunzip(packed.substr(0, packed.size() - 1)).error().code, ErrorCode::invalid);
  EXPECT_EQ(gunzip(packed + "x").error().code, ErrorCode::invalid);
  EXPECT_EQ(gunzip("rubbish").error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace salus::http
