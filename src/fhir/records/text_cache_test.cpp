#include "fhir/records/text_cache.hpp"

#include <gtest/gtest.h>

namespace salus::fhir {
namespace {

TextCache::Key key(std::uint64_t version, std::uint64_t at = 0) {
  return {log::Offset{version}, at};
}

TEST(TextCache, FindsWhatWasPut) {
  TextCache cache{1 << 20};
  EXPECT_FALSE(cache.find(key(1)));
  cache.put(key(1), "one");
  cache.put(key(1, 700), "one, further on");
  EXPECT_EQ(cache.find(key(1)), "one");
  EXPECT_EQ(cache.find(key(1, 700)), "one, further on");
  EXPECT_FALSE(cache.find(key(2)));
}

TEST(TextCache, MakesRoomByWhatWasNotAskedForLongest) {
  const std::string text(1000, 'x');
  TextCache cache{400'000};  // about 340 of them
  std::size_t found = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    cache.put(key(i), text);
    ASSERT_TRUE(cache.find(key(0))) << i;  // asked for again and again
  }
  for (std::uint64_t i = 0; i < 2000; ++i) found += cache.find(key(i)) ? 1 : 0;
  EXPECT_LT(found, 345U);
  EXPECT_GT(found, 200U);
  EXPECT_FALSE(cache.find(key(1)));
  EXPECT_TRUE(cache.find(key(1999)));
}

TEST(TextCache, KeepsNoTextThatIsTooLong) {
  TextCache cache{8 << 20};
  cache.put(key(1), std::string(TextCache::text_bytes_max + 1, 'x'));
  EXPECT_FALSE(cache.find(key(1)));
  TextCache none{0};
  none.put(key(1), "one");
  EXPECT_FALSE(none.find(key(1)));
}

}  // namespace
}  // namespace salus::fhir
