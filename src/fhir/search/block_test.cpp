#include "fhir/search/block.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace salus::fhir::search {
namespace {

std::vector<unsigned> places_of(const Block& block, unsigned from, unsigned to, bool back) {
  std::vector<unsigned> found;
  block.each(from, to, back, [&](unsigned place) { return found.push_back(place), true; });
  return found;
}

// Sparse and dense blocks against a set.
TEST(Block, IsASetOfPlaces) {
  std::mt19937_64 random{5};
  for (const unsigned density : {1, 20, 400, 520, 2000, 4096}) {
    Block block;
    std::set<unsigned> model;
    for (unsigned i = 0; i < density; ++i) {
      const unsigned place = density == Block::places ? i : static_cast<unsigned>(random() % Block::places);
      block.set(place, log::Offset{i});
      model.insert(place);
      if (random() % 4 == 0 && density != Block::places) {
        block.clear(*model.begin());
        model.erase(model.begin());
      }
    }
    const std::string bytes = block.encode();
    EXPECT_LE(bytes.size(), 512U + 2U);
    const Block again{bytes};
    EXPECT_EQ(again.newest(), log::Offset{density - 1});
    EXPECT_EQ(again.encode(), bytes);
    EXPECT_EQ(again.count(), model.size());
    EXPECT_EQ(again.empty(), model.empty());
    for (const auto& [from, to] : {std::pair{0U, Block::places}, {100U, 3000U}, {64U, 128U}, {7U, 7U}}) {
      std::vector<unsigned> expected(model.lower_bound(from), model.lower_bound(std::max(from, to)));
      EXPECT_EQ(places_of(again, from, to, false), expected);
      std::ranges::reverse(expected);
      EXPECT_EQ(places_of(again, from, to, true), expected);
    }
  }
}

// The shorter of the two forms is taken, and neither is mistaken for the other.
TEST(Block, TakesTheShorterForm) {
  for (unsigned count = 500; count < 530; ++count) {
    Block block;
    for (unsigned i = 0; i < count; ++i) block.set(i, log::Offset{1});
    const std::string bytes = block.encode();
    EXPECT_EQ(bytes.size(), 1 + std::min(count, 512U)) << count;
    EXPECT_EQ(places_of(Block{bytes}, 0, Block::places, false).size(), count);
  }
}

TEST(Block, EndsEarlyWhenAsked) {
  Block block;
  for (const unsigned place : {3, 70, 4095}) block.set(place, {});
  int seen = 0;
  EXPECT_FALSE(block.each(0, Block::places, true, [&](unsigned place) { return ++seen, place != 70; }));
  EXPECT_EQ(seen, 2);
}

TEST(Block, DamagedBytesMakeNoPlaceOutOfRange) {
  std::mt19937_64 random{9};
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 600, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_LE(Block{bytes}.count(), Block::places);
  }
}

}  // namespace
}  // namespace salus::fhir::search
