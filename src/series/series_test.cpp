#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <random>

#include "base/digest.hpp"
#include "series/query.hpp"
#include "series/samples_binary.hpp"
#include "view/memory_table.hpp"

namespace salus::series {
namespace {

constexpr std::int64_t s = 1'000'000'000;
constexpr std::int64_t start_2026 = 1'767'225'600 * s;

std::vector<Sample> read(std::string_view chunk) {
  std::vector<Sample> samples;
  EXPECT_TRUE(decode_chunk(chunk, samples));
  return samples;
}

TEST(Integers, SurviveWhateverTheyAre) {
  std::mt19937_64 random{3};
  for (int round = 0; round < 4'000; ++round) {
    std::vector<std::int64_t> values(random() % (block_max + 1));
    const unsigned shift = random() % 64;
    const auto factor = static_cast<std::int64_t>(random() % 3 == 0 ? 1 + random() % 1'000 : 1);
    for (std::int64_t& value : values)
      value = random() % 4 < round % 4U
                  ? 0
                  : static_cast<std::int64_t>(static_cast<std::uint64_t>(static_cast<std::int64_t>(random()) >> shift) *
                                              static_cast<std::uint64_t>(factor));
    std::string bytes;
    put_differences(values, bytes);
    std::vector<std::int64_t> back(values.size());
    Reader reader{bytes};
    ASSERT_TRUE(get_differences(reader, back));
    ASSERT_TRUE(reader.at_end());
    ASSERT_EQ(back, values) << round;
  }
}

TEST(Chunk, ReadsWhatItWrites) {
  std::mt19937 random{4};
  for (int round = 0; round < 200; ++round) {
    ChunkBuilder builder;
    std::vector<Sample> expected;
    std::int64_t time = start_2026;
    const unsigned jitter = round % 3 == 0 ? 1 : 1 + random() % 10'000'000;
    Value value = 0;
    for (unsigned i = 0, n = 1 + random() % 1'000; i < n; ++i) {
      value += static_cast<Value>(random() % 5) - 2;
      if (random() % 100 == 0) value = static_cast<Value>(random());
      builder.append(time, value);
      expected.push_back({time, value});
      time += random() % 50 == 0 ? 60 * s : s + random() % jitter;
      if (random() % 97 == 0) {  // saved and loaded anywhere
        std::string saved;
        Writer writer{saved};
        builder.save(writer);
        Reader reader{saved};
        ASSERT_TRUE(builder.load(reader) && reader.at_end());
      }
    }
    ASSERT_EQ(read(builder.encode()), expected);
    Columns columns;
    ASSERT_EQ(read(builder.close(columns)), expected);
    ASSERT_EQ(columns.values.size(), expected.size());
    EXPECT_EQ(read_stats(builder.encode()).value(), builder.stats());
  }
}

TEST(Chunk, SpendsNothingOnRegularTime) {
  ChunkBuilder vital, wave;
  for (int i = 0; i < 3'600; ++i) vital.append(start_2026 + i * s, 720);
  EXPECT_LT(vital.encode().size(), 120U);  // 29 blocks of two bytes, and the header
  // 360 Hz in frames of 100, whose starts are not whole nanoseconds apart.
  TimeCursor cursor{start_2026, {25'000'000, 9}, 0};
  const std::vector<Value> flat(100, 5);
  for (int frame = 0; frame < 81; ++frame, cursor = cursor.later(100)) wave.append_regular(cursor, flat);
  EXPECT_LT(wave.encode().size(), 200U);
  const std::vector<Sample> samples = read(wave.encode());
  for (std::size_t i = 0; i < samples.size(); ++i)
    ASSERT_EQ(samples[i].time_ns, start_2026 + static_cast<std::int64_t>(i) * 25'000'000 / 9);
}

TEST(Chunk, TellsAnyChangedByte) {
  ChunkBuilder builder;
  for (int i = 0; i < 300; ++i) builder.append(start_2026 + i * s, i % 7);
  const std::string chunk = builder.encode();
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    std::string wrong = chunk;
    wrong[i] ^= 1;
    EXPECT_EQ(decode_chunk(wrong, samples).error().code, ErrorCode::damaged);
    EXPECT_TRUE(samples.empty());
    EXPECT_FALSE(decode_chunk(chunk.substr(0, i), samples));
  }
}

// Version 1 as released: these bytes stay readable for ever.
TEST(Chunk, OpensTheGoldenFile) {
  ChunkBuilder builder;
  for (int i = 0; i < 200; ++i) builder.append(start_2026 + i * s + (i == 150 ? 1 : 0), 720 + (i / 40) * 10);
  std::ifstream file{SALUS_SOURCE_DIR "/src/series/golden/chunk-1.hex"};
  std::string golden;
  file >> golden;
  ASSERT_FALSE(golden.empty());
  EXPECT_EQ(read(from_hex(golden).value()), read(builder.encode()));
  EXPECT_EQ(to_hex(builder.encode()), golden);
}

constexpr std::array forms{std::pair{ChunkForm::packed, "packed"}, std::pair{ChunkForm::vitals, "vitals"},
                           std::pair{ChunkForm::predicted, "predicted"}};

// Version 2 as released, in each of its forms.
TEST(Chunk, OpensTheGoldenFilesOfVersionTwo) {
  Columns columns;
  std::vector<std::int64_t> times;
  for (int i = 0; i < 200; ++i) {
    times.push_back(start_2026 + i * s + (i == 150 ? 1 : 0));
    columns.values.push_back(720 + (i / 40) * 10);
  }
  columns.runs = runs_of(times, columns.times);
  for (const auto& [form, name] : forms) {
    std::ifstream file{fmt::format("{}/src/series/golden/chunk-2-{}.hex", SALUS_SOURCE_DIR, name)};
    std::string golden;
    file >> golden;
    EXPECT_EQ(to_hex(encode_chunk(columns, form)), golden) << name;
    const std::vector<Sample> samples = read(from_hex(golden).value());
    ASSERT_EQ(samples.size(), times.size()) << name;
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(samples[i], (Sample{times[i], columns.values[i]}));
  }
}

TEST(Chunk, KeepsAnythingInEveryForm) {
  std::mt19937_64 random{6};
  for (int round = 0; round < 300; ++round) {
    Columns columns;
    std::vector<std::int64_t> times;
    std::int64_t time = start_2026;
    const auto scale = static_cast<Value>(random() % 2 == 0 ? 1 : 1 + random() % 1'000);
    const unsigned shift = random() % 33, calm = 1 + random() % 20;
    Value value = 0;
    for (std::size_t i = 0, n = 1 + random() % 2'000; i < n; ++i) {
      if (random() % calm == 0)
        value = static_cast<Value>(static_cast<std::uint32_t>(value) +
                                   (static_cast<std::uint32_t>(random()) >> shift) * static_cast<std::uint32_t>(scale));
      times.push_back(time);
      columns.values.push_back(value);
      time += random() % 100 == 0 ? 1 + random() % (60 * s) : round % 2 == 0 ? s : s + random() % 5;
    }
    columns.runs = runs_of(times, columns.times);
    for (const auto& [form, name] : forms) {
      const std::string chunk = encode_chunk(columns, form);
      EXPECT_EQ(form_of(chunk), form);
      const std::vector<Sample> samples = read(chunk);
      ASSERT_EQ(samples.size(), times.size()) << name << round;
      for (std::size_t i = 0; i < times.size(); ++i)
        ASSERT_EQ(samples[i], (Sample{times[i], columns.values[i]})) << name << round;
      std::string wrong = chunk;
      wrong[random() % wrong.size()] ^= static_cast<char>(1 + random() % 255);
      std::vector<Sample> none;
      EXPECT_FALSE(decode_chunk(wrong, none));
    }
  }
}

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

TEST(SamplesBinary, IsAsItsPageSays) {
  const Page page{{{start_2026, 720}, {start_2026 + s, 730}}, std::nullopt};
  EXPECT_EQ(to_hex(samples_binary(page, 1, "/min")),
            "5352010101042f6d696e"
            "0000000000000080"
            "020a"
            "0000faed51728618"
            "900102"
            "80a8d6b907");
  const SamplesRead read = read_samples_binary(samples_binary(page, 1, "/min")).value();
  EXPECT_EQ(read.page.samples, page.samples);
  EXPECT_EQ(read.unit, "/min");
  std::string bytes = samples_binary(page, 1, "/min");
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(read_samples_binary(std::string_view(bytes).substr(0, length)));
}

}  // namespace
}  // namespace salus::series
