#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <random>

#include "base/digest.hpp"
#include "series/chunk_builder.hpp"
#include "series/closing.hpp"
#include "series/samples_binary.hpp"

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

std::string kept(const ChunkBuilder& builder) {
  Closing closing{builder.encode(), levels};
  closing.finish();
  return *closing.kept();
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
    ASSERT_EQ(read(kept(builder)), expected);
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
                                   static_cast<std::uint32_t>((random() & 0xFFFFFFFF) >> shift) *
                                       static_cast<std::uint32_t>(scale));
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
