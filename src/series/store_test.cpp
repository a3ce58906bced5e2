#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/digest.hpp"
#include "series/query.hpp"
#include "view/memory_table.hpp"

namespace salus::series {
namespace {

constexpr std::int64_t s = 1'000'000'000;
constexpr std::int64_t start_2026 = 1'767'225'600 * s;

// The store beside the simplest thing that could be right.
class StoreModel : public testing::Test {
 protected:
  void compare(const Store& store, const ChannelKey& key, const std::map<std::int64_t, Value>& naive) {
    const ChannelCopy copy = store.copy(store.find(key).value());
    std::vector<Sample> expected;
    for (const auto& [time, value] : naive) expected.push_back({time, value});
    std::vector<Sample> got;
    std::optional<std::int64_t> from = start_2026 - 10'000 * s;
    for (int pages = 0; from && pages < 1'000; ++pages) {
      const Result<Page> page = range(table_, copy, {*from, start_2026 + 1'000'000 * s}, 777);
      ASSERT_TRUE(page) << page.error().message;
      got.insert(got.end(), page->samples.begin(), page->samples.end());
      from = page->next_ns;
    }
    ASSERT_EQ(got.size(), expected.size());
    ASSERT_EQ(got, expected);
    for (const std::int64_t step : {7 * s, 600 * s, 90'000 * s}) {
      const Interval interval{start_2026 + 13 * s, start_2026 + 20'000 * s};
      const auto steps = aggregate(table_, copy, interval, step);
      ASSERT_TRUE(steps);
      std::map<std::int64_t, ChunkStats> simple;
      for (const auto& [time, value] : naive)
        if (time >= interval.from_ns && time < interval.to_ns)
          simple[(time - interval.from_ns) / step].add(time, value);
      ASSERT_EQ(steps->size(), simple.size());
      for (const Step& one : *steps) ASSERT_EQ(one.stats, simple[(one.start_ns - interval.from_ns) / step]);
    }
    for (const std::size_t columns : {1U, 3U, 20U, 1'000U}) {
      const auto drawn = picture(table_, copy, {start_2026 + 13 * s, start_2026 + 20'000 * s}, columns);
      ASSERT_TRUE(drawn);
      ASSERT_LE(drawn->columns.size(), columns + 1);
      for (const Picture::Column& column : drawn->columns) {
        const std::int64_t begin = drawn->start_ns + column.index * drawn->step_ns;
        ChunkStats simple;
        // A picture of samples ends with the interval, one of rollups with a cell.
        const std::int64_t end =
            drawn->start_ns == start_2026 + 13 * s
                ? std::min(begin + drawn->step_ns, start_2026 + 20'000 * s)
                : std::min(begin + drawn->step_ns, floor_to(start_2026 + 20'000 * s - 1, cell_ns[1]) + cell_ns[1]);
        for (auto at = naive.lower_bound(begin); at != naive.end() && at->first < end; ++at)
          simple.add(at->first, at->second);
        ASSERT_EQ(column, (Picture::Column{column.index, simple.count, simple.min, simple.max})) << columns;
      }
    }
  }
  view::MemoryTable table_;
};

TEST_F(StoreModel, AgreesWithANaiveMapAndSurvivesRestarts) {
  const ChannelKey key{"m1", 147842, 0};
  for (unsigned seed = 1; seed <= 6; ++seed) {
    std::mt19937 random{seed};
    view::MemoryTable straight_table;
    table_ = {};
    const StoreLimits limits{.samples_max = 300, .late_max = 20};
    auto store = std::make_unique<Store>(limits);
    Store straight{limits};
    std::map<std::int64_t, Value> naive;
    std::int64_t time = start_2026;
    for (int i = 0; i < 6'000; ++i) {
      time += random() % 40 == 0 ? 400 * s : s;
      // Late ones at instants of their own, so that the first to come is known without decoding.
      const bool late = random() % 10 == 0;
      const std::int64_t at = late ? time - static_cast<std::int64_t>(random() % 5'000) * s - 1 - i : time;
      const auto value = static_cast<Value>(random() % 9);
      const Time now = time_from_ns(time);
      for (Store* one : {store.get(), &straight}) one->append(one->open(key).value(), at, value, now);
      naive.emplace(at, value);
      for (Store* one : {store.get(), &straight}) one->advance(now);
      if (random() % 500 == 0) {
        store->save(table_);
        store = std::make_unique<Store>(limits);
        ASSERT_TRUE(store->load(table_));
      }
    }
    compare(*store, key, naive);
    const ChannelCopy before = store->copy(store->find(key).value());
    store->save(table_);
    straight.save(straight_table);
    EXPECT_EQ(table_.pairs(), straight_table.pairs());
    compare(*store, key, naive);
    // A copy from before the save, read over a snapshot from after it, shows nothing twice.
    const auto page = range(table_, before, {start_2026 - 10'000 * s, start_2026 + 1'000'000 * s}, 100'000);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->samples.size(), naive.size());
  }
}

TEST_F(StoreModel, KeepsWavesSampleForSample) {
  const ChannelKey key{"m1", 131330, 0};
  Store store{{.wave_samples_max = 1'000}};
  const Channel channel = store.open(key).value();
  std::map<std::int64_t, Value> naive;
  std::mt19937 random{5};
  const Period period{25'000'000, 9};
  std::int64_t index = 0;
  for (int frame = 0; frame < 200; ++frame) {
    if (frame % 50 == 49) index += 1'000;  // a frame or so was lost
    std::vector<Value> values(1 + random() % 300);
    for (Value& value : values) value = static_cast<Value>(random() % 2'000);
    const std::int64_t begin = start_2026 + index * 25'000'000 / 9;
    const std::int64_t origin = begin;
    store.append_wave(channel, begin, period, values, time_from_ns(begin));
    // A frame that comes twice changes nothing (repeats of later ones are told by the frame's number before they get
    // here).
    if (frame == 0) {
      const Store::Wave again = store.append_wave(channel, origin, period, values, time_from_ns(begin));
      EXPECT_EQ(again.in_order, 0U);
    }
    for (std::size_t i = 0; i < values.size(); ++i)
      naive.emplace(start_2026 + (index + static_cast<std::int64_t>(i)) * 25'000'000 / 9, values[i]);
    index += static_cast<std::int64_t>(values.size());
  }
  const auto page = range(table_, store.copy(channel), {start_2026, start_2026 + 10'000 * s}, 100'000);
  ASSERT_TRUE(page);
  // Times may be a nanosecond from the frame's own where a gap began a new run.
  std::vector<Value> expected, got;
  for (const auto& [time, value] : naive) expected.push_back(value);
  for (const Sample& sample : page->samples) got.push_back(sample.value);
  EXPECT_EQ(got, expected);
}

// Of late samples at one instant the first that came, though the other's chunk begins earlier.
TEST(Store, ShowsTheLateSampleThatCameFirst) {
  Store store{{.late_max = 2}};
  view::MemoryTable table;
  const Channel channel = store.open({"m1", 1, 0}).value();
  const auto append = [&](std::int64_t at_s, Value value) {
    return store.append(channel, start_2026 + at_s * s, value, time_from_ns(start_2026));
  };
  append(1'000, 1);
  for (const auto& [at_s, value] : {std::pair{50, 2}, {60, 3}, {5, 4}, {50, 5}})
    EXPECT_EQ(append(at_s, value), Appended::late);
  store.cut(channel);
  for (int saved = 0; saved < 2; ++saved) {
    const auto page = range(table, store.copy(channel), {start_2026, start_2026 + 100 * s}, 10);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->samples,
              (std::vector<Sample>{{start_2026 + 5 * s, 4}, {start_2026 + 50 * s, 2}, {start_2026 + 60 * s, 3}}));
    store.save(table);
  }
}

TEST(Store, ClosesWhatIsStaleAndWhatIsLong) {
  Store store;
  view::MemoryTable table;
  const Channel channel = store.open({"m1", 1, 0}).value();
  store.append(channel, start_2026, 1, time_from_ns(start_2026));
  EXPECT_EQ(store.append(channel, start_2026, 2, time_from_ns(start_2026)), Appended::repeated);
  EXPECT_EQ(store.append(channel, start_2026 - s, 2, time_from_ns(start_2026)), Appended::late);
  store.advance(time_from_ns(start_2026 + 16 * 60 * s));
  EXPECT_EQ(store.copy(channel).waiting.size(), 2U);
  store.append(channel, start_2026 + 10'000 * s, 1, time_from_ns(start_2026));
  store.append(channel, start_2026 + 13'600 * s, 1, time_from_ns(start_2026));
  EXPECT_EQ(store.copy(channel).waiting.size(), 3U);
  EXPECT_EQ(store.summary(channel).latest->time_ns, start_2026 + 13'600 * s);
  EXPECT_EQ(store.channels_of("m1").size(), 1U);
  EXPECT_FALSE(range(table, store.copy(channel), {5, 5}, 10));
  EXPECT_EQ(aggregate(table, store.copy(channel), {0, start_2026}, 1).error().code, ErrorCode::too_large);
}

// Channels that begin together: their chunks end apart, so that no second carries the work of an hour.
TEST(Store, ClosesChannelsApart) {
  Store store;
  std::map<int, int> closings;  // by minute
  constexpr int channels = 200, minutes = 240;
  for (int i = 0; i < channels; ++i) store.open({"m" + std::to_string(i), 1, 0});
  for (int minute = 0; minute < minutes; ++minute)
    for (int i = 0; i < channels; ++i) {
      const Channel channel{static_cast<std::uint32_t>(i)};
      const std::size_t before = store.copy(channel).waiting.size();
      const std::int64_t time_ns = start_2026 + minute * 60 * s;
      store.append(channel, time_ns, 1, time_from_ns(time_ns));
      closings[minute] += static_cast<int>(store.copy(channel).waiting.size() - before);
    }
  int most = 0, all = 0;
  for (const auto& [minute, count] : closings) {
    most = std::max(most, count);
    all += count;
  }
  EXPECT_LT(most, channels / 8);
  EXPECT_GE(all, channels * 3);  // an hour each but for the first
}

// What is in the table does not depend on who coded it, or when.
TEST(Store, IsTheSameWithAWorker) {
  const auto bytes_of = [](view::Worker* worker, int save_every) {
    Store store{{.samples_max = 500}, worker};
    view::MemoryTable table;
    std::mt19937 random{7};
    for (int i = 0; i < 20'000; ++i) {
      const Channel channel = store.open({"m" + std::to_string(random() % 5), 1, 0}).value();
      const std::int64_t time_ns = start_2026 + (i - (random() % 50 == 0 ? 100 : 0)) * s;
      store.append(channel, time_ns, static_cast<Value>(700 + random() % 8), time_from_ns(start_2026 + i * s));
      if (i % save_every == save_every - 1) store.save(table);
    }
    store.save(table);
    std::string bytes;
    for (const auto& [key, value] : table.pairs()) bytes += key + value;
    return sha256(bytes);
  };
  view::Worker worker{"test"}, dropping{"test", 1};
  const Sha256 alone = bytes_of(nullptr, 20'000);
  EXPECT_EQ(bytes_of(&worker, 20'000), alone);
  EXPECT_EQ(bytes_of(&worker, 777), alone);
  EXPECT_EQ(bytes_of(&dropping, 777), alone);
}

}  // namespace
}  // namespace salus::series
