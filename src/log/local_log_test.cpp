#include "log/local_log.hpp"

#include <gtest/gtest.h>

#include <future>

#include "log/kinds.hpp"
#include "log/simulated_disk.hpp"

namespace salus::log {
namespace {

LocalLogOptions options() {
  LocalLogOptions options;
  options.store = {.partition = "test", .segment_bytes = 1 << 20};
  options.version = "test";
  return options;
}

Result<Position> append(Log& log, std::string body) {
  std::promise<Result<Position>> promise;
  log.append({kind::tick, 1, std::move(body), 0}, [&](Result<Position> done) { promise.set_value(std::move(done)); });
  return promise.get_future().get();
}

// Counts what a view would see. Written on the log's threads, read after the log is gone or an append has returned.
class Recorder final : public Follower {
 public:
  void ordered(std::shared_ptr<const Group> group) override { ordered_entries += group->entry_count(); }
  void durable(Position end) override { durable_end = number(end.offset); }
  void failed(const Error&) override { ++failures; }
  std::atomic<std::uint64_t> ordered_entries{0}, durable_end{0};
  std::atomic<int> failures{0};
};

TEST(LocalLog, GroupsWhatManyThreadsAppend) {
  SimulatedDisk disk{1};
  SystemClock clock;
  Recorder recorder;
  std::set<std::uint64_t> offsets;
  {
    auto log = LocalLog::open(disk, clock, options());
    ASSERT_TRUE(log);
    (*log)->follow(&recorder);
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          const auto position = append(**log, std::to_string(i));
          ASSERT_TRUE(position);
          const std::lock_guard lock{mutex};
          offsets.insert(number(position->offset));
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(offsets.size(), 2000U);
    EXPECT_EQ((*log)->status().end.offset, Offset{2001});  // and the epoch entry
    std::uint64_t read = 0;
    auto cursor = (*log)->read(Offset{});
    for (auto group = cursor->next(); group && *group; group = cursor->next()) read += (*group)->entry_count();
    EXPECT_EQ(read, 2001U);
  }
  EXPECT_EQ(recorder.ordered_entries, 2000U);
  EXPECT_EQ(recorder.durable_end, 2001U);
  auto again = LocalLog::open(disk, clock, options());
  EXPECT_EQ((*again)->durable_end().epoch, Epoch{2});
  EXPECT_EQ((*again)->durable_end().offset, Offset{2002});
}

TEST(LocalLog, CursorsFollowWhatIsWrittenBehindThem) {
  SimulatedDisk disk{1};
  SystemClock clock;
  auto log = LocalLog::open(disk, clock, options());
  const auto cursor = (*log)->read(Offset{});
  for (int i = 0; i < 3; ++i) {
    const auto group = cursor->next();
    ASSERT_TRUE(group && *group) << i;
    EXPECT_EQ(*cursor->next(), nullptr);
    ASSERT_TRUE(append(**log, "entry"));
  }
}

TEST(LocalLog, AcknowledgesNothingAfterAFailedSyncAndStillOrders) {
  SimulatedDisk disk{1};
  SystemClock clock;
  Recorder recorder;
  {
    auto log = LocalLog::open(disk, clock, options());
    (*log)->follow(&recorder);
    ASSERT_TRUE(append(**log, "before"));
    disk.fail_syncs(true);
    EXPECT_EQ(append(**log, "during").error().code, ErrorCode::not_durable);
    disk.fail_syncs(false);
    EXPECT_EQ(append(**log, "after").error().code, ErrorCode::not_durable);
    EXPECT_TRUE((*log)->has_failed());
  }
  EXPECT_EQ(recorder.failures, 1);
  EXPECT_EQ(recorder.ordered_entries, 3U);
  EXPECT_EQ(recorder.durable_end, 2U);
}

// A disk whose syncs return only when let go.
class HangingDisk final : public Disk {
 public:
  Result<std::vector<std::string>> list() const override { return below_.list(); }
  Result<std::unique_ptr<File>> open(const std::string& name) override { return wrapped(below_.open(name)); }
  Result<std::unique_ptr<File>> create(const std::string& name, std::uint64_t bytes, const Pace& pace) override {
    return wrapped(below_.create(name, bytes, pace));
  }
  Result<void> rename(const std::string& from, const std::string& to) override { return below_.rename(from, to); }
  Result<void> remove(const std::string& name) override { return below_.remove(name); }
  Result<std::uint64_t> free_bytes() const override { return below_.free_bytes(); }
  void hang(bool on) {
    hangs_ = on;
    hangs_.notify_all();
  }

 private:
  struct Hanging final : File {
    Hanging(std::unique_ptr<File> file, std::atomic<bool>& hanging) : below(std::move(file)), hangs(hanging) {}
    Result<std::string> read(std::uint64_t at, std::size_t count) const override { return below->read(at, count); }
    Result<void> write(std::uint64_t at, ByteView bytes) override { return below->write(at, bytes); }
    Result<void> sync() override {
      hangs.wait(true);
      return below->sync();
    }
    std::uint64_t size() const override { return below->size(); }
    std::unique_ptr<File> below;
    std::atomic<bool>& hangs;
  };
  Result<std::unique_ptr<File>> wrapped(Result<std::unique_ptr<File>> file) {
    if (file) *file = std::make_unique<Hanging>(std::move(*file), hangs_);
    return file;
  }
  SimulatedDisk below_{1};
  std::atomic<bool> hangs_{false};
};

// Who waits for a disk that hangs is told when the patience is over, not when the disk comes back.
TEST(LocalLog, RefusesWhatAHangingDiskHasInHand) {
  HangingDisk disk;
  SystemClock clock;
  LocalLogOptions impatient = options();
  impatient.stall_max = milliseconds{50};
  auto log = LocalLog::open(disk, clock, impatient);
  ASSERT_TRUE(append(**log, "before"));
  disk.hang(true);
  EXPECT_EQ(append(**log, "in hand").error().code, ErrorCode::not_durable);
  EXPECT_EQ(append(**log, "after").error().code, ErrorCode::not_durable);
  disk.hang(false);
}

TEST(LocalLog, OpensReadableAndFailedOnDamage) {
  SimulatedDisk disk{1};
  SystemClock clock;
  {
    auto log = LocalLog::open(disk, clock, options());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(append(**log, "entry"));
  }
  const std::string name = segment_file_name(1);
  disk.flip_bit(name, disk.content(name).rfind("entry"), 3);
  auto log = LocalLog::open(disk, clock, options());
  ASSERT_TRUE(log);
  EXPECT_TRUE((*log)->has_failed());
  EXPECT_EQ(append(**log, "more").error().code, ErrorCode::not_durable);
}

TEST(LocalLog, RefusesWhatIsTooLarge) {
  SimulatedDisk disk{1};
  SystemClock clock;
  auto log = LocalLog::open(disk, clock, options());
  EXPECT_EQ(append(**log, std::string(9 << 20, 'x')).error().code, ErrorCode::too_large);
  EXPECT_TRUE(append(**log, std::string(2 << 20, 'x')));  // larger than a segment: gets one of its own
}

}  // namespace
}  // namespace salus::log
