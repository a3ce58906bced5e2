#include "log/bodies.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "log/kinds.hpp"
#include "log/local_log.hpp"
#include "log/simulated_disk.hpp"

namespace salus::log {
namespace {

class BodiesTest : public ::testing::Test {
 protected:
  std::unique_ptr<LocalLog> open() {
    LocalLogOptions options;
    options.store = {.partition = "test", .segment_bytes = 256 << 10, .first_segment_bytes = 32 << 10};
    options.gather_max = milliseconds{0};
    auto log = LocalLog::open(disk_, clock_, options);
    EXPECT_TRUE(log) << log.error().message;
    return std::move(*log);
  }

  // Appends `count` runs of 0 to 3,000 bytes and of 1 to 5 entries and waits until they are durable.
  void write(LocalLog& log, int count) {
    std::atomic<int> waiting{count};
    std::mutex mutex;
    for (int i = 0; i < count; ++i) {
      std::string body(random_() % 3000, '\0');
      for (char& c : body) c = static_cast<char>(random_());
      const Draft draft{kind::tick, static_cast<std::uint32_t>(1 + random_() % 5), body, 0};
      log.append(draft, [&, body](Result<Position> position) {
        const std::lock_guard lock{mutex};
        if (position) bodies_[position->offset] = body;
        --waiting;
      });
      if (i % 50 == 0) std::this_thread::sleep_for(milliseconds{1});
    }
    while (waiting > 0) std::this_thread::sleep_for(milliseconds{1});
  }

  void expect_all(const Bodies& bodies) {
    for (int i = 0; i < 2000; ++i) {
      const auto& [offset, body] = *std::next(bodies_.begin(), static_cast<long>(random_() % bodies_.size()));
      const std::size_t at = random_() % (body.size() + 1), count = random_() % (body.size() - at + 1);
      const auto read = bodies.read(offset, at, count);
      ASSERT_TRUE(read) << read.error().message;
      ASSERT_EQ(*read, body.substr(at, count)) << number(offset);
    }
  }

  SimulatedDisk disk_{1};
  ManualClock clock_{parse_iso("2026-03-01T08:00:00Z").value()};
  std::mt19937_64 random_{7};
  std::map<Offset, std::string> bodies_;
};

TEST_F(BodiesTest, GivesEveryPieceOfEveryRunWhileTheLogGrowsAndAfterARestart) {
  {
    const auto log = open();
    write(*log, 300);
    expect_all(log->bodies());
    write(*log, 1500);
    expect_all(log->bodies());
  }
  const auto log = open();
  expect_all(log->bodies());
}

TEST_F(BodiesTest, NeedsNoMoreSegmentsInMemoryThanItMayKeep) {
  {
    write(*open(), 1500);
  }
  const auto store = SegmentStore::open_to_read(disk_, {.partition = "test"}).value();
  ASSERT_GT(store->segments().size(), 4U);
  expect_all(SegmentBodies{*store, [&] { return store->head().end; }, 2});
}

TEST_F(BodiesTest, SaysWhatIsNotThere) {
  const auto log = open();
  write(*log, 20);
  const auto& [offset, body] = *std::ranges::find_if(bodies_, [](const auto& run) { return run.second.size() > 100; });
  const auto code = [&](Offset run, std::size_t at, std::size_t count) {
    const auto read = log->bodies().read(run, at, count);
    return read ? "" : name(read.error().code);
  };
  EXPECT_EQ(code(offset, 1, body.size()), "not_found");
  EXPECT_EQ(code(offset, ~std::size_t{0}, 2), "not_found");
  EXPECT_EQ(code(log->durable_end().offset, 0, 0), "not_found");
  for (std::uint64_t i = 0; i < number(log->durable_end().offset); ++i)
    if (i > 0 && !bodies_.contains(Offset{i})) EXPECT_EQ(code(Offset{i}, 0, 0), "not_found") << "within a run";
}

}  // namespace
}  // namespace salus::log
