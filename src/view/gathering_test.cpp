#include "view/gathering.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "view/memory_table.hpp"

namespace salus::view {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs all_of(const TableReader& table, bool back) {
  Pairs found;
  const auto take = [&](ByteView key, ByteView value) { return found.emplace_back(key, value), true; };
  back ? table.scan_back("a", "z", take) : table.scan("a", "z", take);
  if (back) std::ranges::reverse(found);
  return found;
}

// Whatever is written and read in whatever order, it is as if there were no gathering.
TEST(Gathering, ReadsWhatWasWritten) {
  for (const std::size_t bytes_max : {std::size_t{40}, std::size_t{1} << 20}) {
    std::mt19937_64 random{11};
    MemoryTable below, plain;
    Gathering gathering{below, bytes_max};
    for (int i = 0; i < 20'000; ++i) {
      const std::string key(1 + random() % 2, static_cast<char>('a' + random() % 20));
      switch (random() % 16) {
        case 0:
          gathering.remove(key);
          plain.remove(key);
          break;
        case 1:
          ASSERT_EQ(all_of(gathering, random() % 2 == 0), all_of(plain, false));
          break;
        case 2:
          gathering.flush();
          ASSERT_EQ(all_of(below, false), all_of(plain, false));
          break;
        case 3:
          ASSERT_EQ(all_of(*gathering.snapshot(), false), all_of(plain, false));
          break;
        default:
          gathering.put(key, std::to_string(i));
          plain.put(key, std::to_string(i));
      }
      ASSERT_EQ(gathering.get(key), plain.get(key));
    }
  }
}

TEST(Gathering, WritesBelowOnlyWhenAskedOrFull) {
  MemoryTable below;
  Gathering gathering{below, 100};
  gathering.put("key", "value");
  EXPECT_FALSE(below.get("key"));
  gathering.put("long", std::string(100, 'x'));
  EXPECT_TRUE(below.get("key"));
}

}  // namespace
}  // namespace salus::view
