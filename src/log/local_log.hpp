// The log on local files.
//
// Two threads share the work. The orderer gathers what was appended, gives it offsets and a chain link, and shows the
// group to the follower at once. The disk thread writes every group that waits and makes them durable with one
// fdatasync. While the disk is busy the orderer lets a group gather, so groups grow with load; but never longer than
// `gather_max`, so that a slow or hanging disk delays acknowledgements and never alarms.
//
//   append ──> gathering ──(orderer)──> ordered ──> flights ──(disk thread)──> durable ──> done
//
// A third, the watcher, declares the disk failed when one sync takes longer than `stall_max`; a fourth makes the next
// segment's file ahead of need.
//
// Bounds: `queue_bytes_max` gathering (append answers unavailable); `flight_bytes_max` ordered but not durable (the
// orderer lets the queue fill).
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "log/bodies.hpp"
#include "log/log.hpp"
#include "log/segment_store.hpp"

namespace salus::log {

struct LocalLogOptions {
  StoreOptions store;
  std::size_t run_bytes_max = 8 << 20;
  std::size_t group_bytes_max = 4 << 20;
  std::size_t queue_bytes_max = 64 << 20;
  std::size_t flight_bytes_max = 64 << 20;
  milliseconds gather_max{2};
  milliseconds stall_max{10'000};  // a sync that takes longer counts as failed
  std::string version;             // of the program, for the epoch entry
  std::function<Offset()> stamp;   // the durable offset of `records`; absent: 0
};

struct LogStatus {
  Position end{};
  std::uint64_t groups = 0;  // made durable since opening
  std::uint64_t syncs = 0;
  std::uint64_t bytes = 0;       // stored, all segments
  std::uint64_t torn_bytes = 0;  // cut off when opening
  std::int64_t sync_ns_last = 0;
  bool recording = true;
  std::string reason;  // why not recording
};

class LocalLog final : public Log {
 public:
  // Recovers the partition and appends the `epoch` entry that begins this writer's life. With damage, the log opens
  // readable up to it and failed. Errors: unavailable (the disk itself refuses).
  static Result<std::unique_ptr<LocalLog>> open(Disk& disk, const Clock& clock, LocalLogOptions options);

  // Stops after everything appended so far is durable or refused.
  ~LocalLog() override;

  void append(Draft draft, AppendDone done) override;
  std::unique_ptr<Cursor> read(Offset from) const override;
  Position durable_end() const override;
  void follow(Follower* follower) override;
  bool has_failed() const override { return failed_.load(std::memory_order_acquire); }

  // Of what is durable. Lives as long as the log.
  const Bodies& bodies() const { return bodies_; }

  LogStatus status() const;
  // Opened on bytes that are not what was written: only a backup helps, not another start.
  bool is_damaged() const { return store_->damage().has_value(); }

 private:
  struct Waiting {
    Draft draft;
    AppendDone done;
  };
  struct Ack {
    AppendDone done;
    Offset first{};
  };
  struct Flight {
    std::shared_ptr<const Group> group;
    std::vector<Ack> acks;
  };

  LocalLog(std::unique_ptr<SegmentStore> store, const Clock& clock, LocalLogOptions options);
  Result<void> begin_epoch();
  std::thread start_thread(std::string_view job, void (LocalLog::*loop)());
  void order_loop();
  void order(std::vector<Waiting> gathered);
  void disk_loop();
  void watch_loop();
  void spare_loop();
  std::optional<std::vector<Ack>> make_durable(const std::vector<Flight>& batch);
  Result<void> write_all(const std::vector<Flight>& batch);
  void declare_failed(const Error& why);
  void refuse(const std::vector<Ack>& acks);
  void tell(const std::function<void(Follower&)>& what);
  bool is_stopping() const;
  void stop();

  std::unique_ptr<SegmentStore> store_;
  const Clock& clock_;
  LocalLogOptions options_;
  SegmentBodies bodies_;
  std::shared_mutex following_;  // held by those that tell
  Follower* follower_ = nullptr;

  mutable std::mutex mutex_;
  std::condition_variable gathering_, flying_, landed_, watching_;
  std::vector<Waiting> gathering_queue_;
  std::size_t gathering_bytes_ = 0;
  std::deque<Flight> flights_;
  std::size_t flight_bytes_ = 0;
  std::vector<Ack> in_hand_;  // of the batch that the disk thread writes
  bool disk_busy_ = false;
  std::chrono::steady_clock::time_point disk_busy_since_{};
  bool stopping_ = false;
  bool ordered_all_ = false;
  Error failure_;
  LogStatus counters_;

  // The orderer's own.
  Epoch epoch_{};
  Offset next_{};
  Sha256 previous_{};
  Time last_time_{};

  std::atomic<std::uint64_t> durable_end_{0};
  std::atomic<std::uint32_t> durable_epoch_{0};
  std::atomic<bool> failed_{false};
  std::thread orderer_, disk_thread_, watcher_, sparer_;
};

}  // namespace salus::log
