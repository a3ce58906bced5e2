#include "base/lru_cache.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace salus {
namespace {

using Texts = LruCache<std::uint64_t, std::shared_ptr<const std::string>>;

void put(Texts& cache, std::uint64_t key, std::string text) {
  const std::size_t bytes = text.size();
  cache.put(key, std::make_shared<const std::string>(std::move(text)), bytes);
}

std::string found(Texts& cache, std::uint64_t key) {
  const auto text = cache.find(key);
  return text ? **text : "";
}

TEST(LruCache, FindsWhatWasPutLast) {
  Texts cache{1 << 20};
  EXPECT_EQ(found(cache, 1), "");
  put(cache, 1, "one");
  put(cache, 2, "two");
  EXPECT_EQ(found(cache, 1), "one");
  put(cache, 1, "another one");
  EXPECT_EQ(found(cache, 1), "another one");
  EXPECT_EQ(found(cache, 2), "two");
  EXPECT_EQ(found(cache, 3), "");
}

TEST(LruCache, MakesRoomByWhatWasNotAskedForLongest) {
  Texts cache{400'000};  // about 340 of them
  for (std::uint64_t i = 0; i < 2000; ++i) {
    put(cache, i, std::string(1000, 'x'));
    ASSERT_NE(found(cache, 0), "") << i;  // asked for again and again
  }
  std::size_t kept = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) kept += found(cache, i).empty() ? 0 : 1;
  EXPECT_LT(kept, 345U);
  EXPECT_GT(kept, 200U);
  EXPECT_EQ(found(cache, 1), "");
  EXPECT_NE(found(cache, 1999), "");
}

TEST(LruCache, KeepsNothingThatIsTooLarge) {
  Texts cache{80'000};
  put(cache, 1, std::string(10'000, 'x'));
  EXPECT_EQ(found(cache, 1), "");
  put(cache, 1, std::string(9'000, 'x'));
  EXPECT_NE(found(cache, 1), "");
}

}  // namespace
}  // namespace salus
