#include "fhir/records/record_cache.hpp"

#include <gtest/gtest.h>

namespace salus::fhir {
namespace {

Version version(std::uint64_t number, std::uint64_t offset) {
  return {.number = ResourceNumber{number}, .version = log::Offset{offset}};
}

TEST(RecordCache, KnowsTheNewestVersionOnlyWhereItWasLookedFor) {
  RecordCache cache{{.versions = 1 << 20}};
  const auto newest = [&](std::uint64_t end) {
    const auto found = cache.newest(ResourceNumber{7}, log::Offset{end});
    return found ? log::number(found->version) : 0;
  };
  EXPECT_EQ(newest(20), 0U);
  cache.keep_newest(version(7, 10), log::Offset{20});
  EXPECT_EQ(newest(20), 10U);
  EXPECT_EQ(newest(11), 10U);  // nothing came between
  EXPECT_EQ(newest(10), 0U);   // it was not there yet
  EXPECT_EQ(newest(21), 0U);   // who knows
  cache.keep_newest(version(7, 20), log::Offset{30});
  EXPECT_EQ(newest(30), 20U);
  EXPECT_EQ(newest(20), 0U);
}

TEST(RecordCache, KeepsTextsByVersionAndPlace) {
  RecordCache cache{{.texts = 1 << 20}};
  Version first = version(1, 10), second = version(2, 10);
  second.body_index = 1;
  cache.keep_text(first, "{}");
  EXPECT_EQ(cache.text(first), "{}");
  EXPECT_FALSE(cache.text(second));
  cache.keep_text(second, std::string(RecordCache::text_bytes_max + 1, ' '));
  EXPECT_FALSE(cache.text(second));
}

}  // namespace
}  // namespace salus::fhir
