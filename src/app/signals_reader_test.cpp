// Cells of channels against the plainest model: all samples, grouped by hand.
#include "app/signals_reader.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "monitor/telemetry.hpp"
#include "view/memory_table.hpp"
#include "view/prefixed_table.hpp"

namespace salus::app {
namespace {

using fhir::SignalCell, fhir::SignalPlace, fhir::SignalStretch;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'772'352'000 * kSecond;

struct Series {
  SignalStretch stretch;
  std::shared_ptr<const SignalChannel> channel;
  std::map<std::int64_t, std::int32_t> samples;
  std::int64_t cell_ns = 60 * kSecond;
};

// A channel with gaps of seconds to days and some of it late, partly saved.
Series make(std::mt19937& random, const std::string& device, series::Store& store, view::MemoryTable& memory) {
  Series made;
  made.stretch.device = device;
  made.stretch.mdc = 147842;
  const auto channel = store.open({device, 147842, 0});
  std::int64_t now_ns = kStart;
  const int count = 1 + static_cast<int>(random() % 300);
  for (int i = 0; i < count; ++i) {
    const std::int64_t gaps[] = {kSecond, kSecond, 7 * kSecond, 61 * kSecond, 3'600 * kSecond, 86'400 * kSecond};
    now_ns += gaps[random() % 6];
    const std::int64_t at_ns =
        random() % 10 == 0 ? now_ns - static_cast<std::int64_t>(random() % 600) * kSecond : now_ns;
    const auto value = static_cast<std::int32_t>(random() % 1'000);
    if (store.append(*channel, at_ns, value, time_from_ns(now_ns)) != series::Appended::repeated)
      made.samples.emplace(at_ns, value);
    if (random() % 50 == 0) {
      view::PrefixedTable below{memory, std::string(monitor::Telemetry::series_prefix)};
      store.save(below);
    }
  }
  return made;
}

std::vector<SignalCell> model(const std::vector<Series>& all, const fhir::SignalAsk& ask) {
  std::vector<SignalCell> cells;
  for (const Series& one : all) {
    const auto stretch = std::make_shared<const SignalStretch>(one.stretch);
    for (const auto& [time_ns, value] : one.samples) {
      if (time_ns < one.stretch.from_ns || time_ns >= one.stretch.to_ns) continue;
      const std::int64_t start_ns = series::floor_to(time_ns, one.cell_ns);
      if (start_ns + one.cell_ns <= ask.from_ns || start_ns >= ask.to_ns) continue;
      if (cells.empty() || cells.back().stretch != stretch || cells.back().start_ns != start_ns)
        cells.push_back({.stretch = stretch, .start_ns = start_ns, .cell_ns = one.cell_ns, .samples = {}});
      cells.back().samples.push_back({time_ns, value});
    }
  }
  std::ranges::sort(cells, [&](const SignalCell& a, const SignalCell& b) {
    return ask.descending ? place_of(b) < place_of(a) : place_of(a) < place_of(b);
  });
  return cells;
}

std::string text(const SignalCell& cell) {
  std::string out = fmt::format("{} {}:", cell.stretch->device, cell.start_ns);
  for (const fhir::SignalSample& sample : cell.samples) out += fmt::format(" {}={}", sample.time_ns, sample.value);
  return out;
}

TEST(ChannelReader, ReadsWhatAModelReads) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random{seed};
    series::Store store;
    auto memory = std::make_shared<view::MemoryTable>();
    std::vector<Series> all;
    for (const char* device : {"a", "b", "c"}) {
      all.push_back(make(random, device, store, *memory));
      Series& one = all.back();
      if (random() % 2 == 0) one.stretch.from_ns = kStart + static_cast<std::int64_t>(random() % 100'000) * kSecond / 3;
      if (random() % 2 == 0)
        one.stretch.to_ns =
            std::max(one.stretch.from_ns, kStart) + static_cast<std::int64_t>(random() % 1'000'000) * kSecond / 7;
      if (random() % 3 == 0) one.cell_ns = 10 * kSecond;
    }
    for (Series& one : all) {
      const auto channel = store.find({one.stretch.device, 147842, 0});
      one.channel =
          std::make_shared<const SignalChannel>(SignalChannel{store.summary(*channel), store.copy(*channel), memory});
    }
    for (const bool descending : {false, true}) {
      fhir::SignalAsk ask{.cell_ns = 60 * kSecond, .descending = descending};
      if (random() % 2 == 0) ask.from_ns = kStart + static_cast<std::int64_t>(random() % 500'000) * kSecond;
      if (random() % 2 == 0)
        ask.to_ns = std::max(ask.from_ns, kStart) + static_cast<std::int64_t>(1 + random() % 500'000) * kSecond;
      const std::vector<SignalCell> wanted = model(all, ask);
      // In pieces: each goes on behind the last cell of the one before.
      std::size_t at = 0;
      for (bool ended = false; !ended;) {
        ChannelReader reader{ask};
        for (const Series& one : all) reader.add(one.stretch, one.channel, one.cell_ns);
        for (std::size_t part = 1 + random() % 40; part > 0; --part) {
          const auto cell = reader.next();
          ASSERT_TRUE(cell) << cell.error().message;
          ended = !*cell;
          if (ended) break;
          ASSERT_LT(at, wanted.size()) << "seed " << seed << ": " << text(**cell);
          ASSERT_EQ(text(**cell), text(wanted[at])) << "seed " << seed << (descending ? " descending" : "");
          ask.after = place_of(**cell);
          ++at;
        }
      }
      EXPECT_EQ(at, wanted.size()) << "seed " << seed;
    }
    // Statistics of exactly the interval.
    fhir::SignalAsk ask{.from_ns = kStart + 100 * kSecond + 1, .to_ns = kStart + 90'000 * kSecond};
    ChannelReader reader{ask};
    for (const Series& one : all) reader.add(one.stretch, one.channel, one.cell_ns);
    for (const auto& stretch : reader.stretches()) {
      const Series& one =
          *std::ranges::find(all, stretch->device, [](const Series& series) { return series.stretch.device; });
      std::uint64_t count = 0;
      std::int64_t sum = 0;
      for (const auto& [time_ns, value] : one.samples)
        if (time_ns >= std::max(ask.from_ns, stretch->from_ns) && time_ns < std::min(ask.to_ns, stretch->to_ns))
          ++count, sum += value;
      const auto found = reader.statistics(*stretch, true, 10'000);
      ASSERT_TRUE(found);
      EXPECT_EQ(found->count, count) << "seed " << seed;
      EXPECT_EQ(found->sum, sum);
      std::uint64_t counted = 0;
      for (const auto& [value, times] : found->values) counted += times;
      EXPECT_EQ(counted, count);
    }
  }
}

}  // namespace
}  // namespace salus::app
