#include "monitor/alarm_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "log/kinds.hpp"
#include "view/memory_table.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second;  // 2026-01-01T00:00:00Z

// An index beside a plain list of what it was told. Alarms come a little out of order, as after a time without storage.
struct Told {
  AlarmIndex index;
  view::MemoryTable table;
  std::vector<IndexedAlarm> all;
  std::mt19937_64 random;
  std::uint64_t offset = 0;

  explicit Told(std::uint64_t seed) : random(seed) {}
  std::uint64_t below(std::uint64_t n) { return random() % n; }
  void raise() {
    ++offset;
    const Time raised = time_from_ns(start_ns + static_cast<std::int64_t>(offset * 40 - below(offset * 20)) * second);
    IndexedAlarm alarm{
        .raised = raised, .number = offset, .id = fmt::format("a{}", offset), .device = fmt::format("m{}", below(5))};
    if (below(4) != 0) alarm.bed = fmt::format("B{}", below(3));
    alarm.rule = ConditionRule(below(rule_count));
    alarm.priority = Priority(below(3));
    const std::string body =
        fmt::format(R"({{"id":"{}","device":"{}","bed":"{}","rule":"{}","priority":"{}","raised":"{}"}})", alarm.id,
                    alarm.device, alarm.bed, name(alarm.rule), name(alarm.priority), to_iso(raised));
    index.apply({.kind = log::kind::alarm_raised, .first = log::Offset{offset}, .body = body},
                {{log::Epoch{1}, log::Offset{offset}}, time_from_ns(start_ns)});
    all.push_back(std::move(alarm));
    if (below(50) == 0) index.save(table);
  }
  AlarmIndexCut cut() const { return {index.unsaved(), table.snapshot()}; }
  std::vector<std::string> ids(const AlarmFilter& filter) const {
    std::vector<IndexedAlarm> found;
    for (const IndexedAlarm& alarm : all)
      if (filter.matches(alarm)) found.push_back(alarm);
    std::ranges::sort(found, std::greater{}, position_of);
    std::vector<std::string> out;
    for (const IndexedAlarm& alarm : found) out.push_back(alarm.id);
    return out;
  }
  Time at(std::uint64_t alarms) const {
    return time_from_ns(start_ns + static_cast<std::int64_t>(alarms * 40) * second);
  }
};

TEST(AlarmIndex, PagesAsANaiveListDoes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Told told{seed};
    for (int i = 0; i < 600; ++i) told.raise();
    for (int i = 0; i < 10; ++i) {
      AlarmFilter filter;
      if (told.below(2)) filter.from = told.at(told.below(300));
      if (told.below(2)) filter.to = told.at(300 + told.below(300));
      if (told.below(3) == 0) filter.device = "m1";
      if (told.below(3) == 0) filter.bed = "B2";
      if (told.below(3) == 0) filter.rule = ConditionRule::low;
      if (told.below(3) == 0) filter.priority = Priority::high;
      std::vector<std::string> ids;
      std::optional<AlarmPosition> next;
      do {
        const AlarmReview page = review(told.cut(), filter, next, 1 + told.below(40));
        for (const IndexedAlarm& alarm : page.items) ids.push_back(alarm.id);
        ASSERT_TRUE(!page.next || !next || *page.next < *next);
        next = page.next;
      } while (next);
      ASSERT_EQ(ids, told.ids(filter)) << "seed " << seed;
    }
  }
}

TEST(AlarmBurden, CountsAsANaiveCountDoes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Told told{seed};
    for (int i = 0; i < 600; ++i) told.raise();
    const Time from = told.at(told.below(300)), to = told.at(300 + told.below(300));
    for (const BurdenBy by : {BurdenBy::bed, BurdenBy::rule, BurdenBy::hour}) {
      std::map<std::string, std::size_t> naive, naive_high;
      for (const IndexedAlarm& alarm : told.all) {
        if (alarm.raised < from || alarm.raised >= to) continue;
        const std::string key = by == BurdenBy::bed    ? (alarm.bed.empty() ? alarm.device : alarm.bed)
                                : by == BurdenBy::rule ? std::string(name(alarm.rule))
                                                       : to_iso(alarm.raised).substr(0, 13);
        ++naive[key];
        if (alarm.priority == Priority::high) ++naive_high[key];
      }
      const auto rows = burden(told.cut(), from, to, by);
      ASSERT_TRUE(rows);
      std::map<std::string, std::size_t> counted, counted_high;
      for (const BurdenRow& row : *rows) {
        const std::string key = by == BurdenBy::hour ? row.key.substr(0, 13) : row.key;
        counted[key] = row.count();
        if (row.of_priority[0] > 0) counted_high[key] = row.of_priority[0];
      }
      ASSERT_EQ(counted, naive) << "seed " << seed;
      ASSERT_EQ(counted_high, naive_high) << "seed " << seed;
      ASSERT_TRUE(by == BurdenBy::hour ? std::ranges::is_sorted(*rows, {}, &BurdenRow::key)
                                       : std::ranges::is_sorted(*rows, std::greater{}, &BurdenRow::count));
    }
  }
}

TEST(AlarmIndex, HoldsTheSameWheneverItWasSaved) {
  Told often{7}, once{7};
  for (int i = 0; i < 200; ++i) {
    often.raise();
    once.raise();
    often.index.save(often.table);
  }
  once.index.save(once.table);
  EXPECT_EQ(often.table.pairs(), once.table.pairs());
  EXPECT_TRUE(often.index.unsaved().empty());
}

TEST(AlarmIndex, TakesNothingThatIsNoAlarm) {
  AlarmIndex index;
  const view::Place place{{log::Epoch{1}, log::Offset{1}}, time_from_ns(start_ns)};
  for (const char* body :
       {"", "[]", "{}", R"({"id":"a","rule":"odd","priority":"high"})", R"({"id":"a","rule":"low","priority":"odd"})"})
    EXPECT_FALSE(index.apply({.kind = log::kind::alarm_raised, .first = log::Offset{1}, .body = body}, place));
  EXPECT_TRUE(index.unsaved().empty());
}

}  // namespace
}  // namespace salus::monitor
