// The files of one partition: finds the durable end when opened, then writes groups and makes them durable.
//
// Lifetime: owned by a LocalLog or a simulation; the disk outlives it.
// Threads:  write, sync and roll on one thread; segments(), segment_of() and open_segment() from any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "log/head.hpp"
#include "log/segment.hpp"

namespace salus::log {

struct StoreOptions {
  std::string partition;
  std::uint64_t segment_bytes = 64 << 20;
  std::uint64_t first_segment_bytes = 1 << 20;  // each is four times the one before it, up to segment_bytes
  std::uint64_t reserve_bytes = 0;              // free space that this partition leaves to the others
};

struct SegmentInfo {
  std::uint64_t number = 0;
  Offset first{};
  Sha256 previous{};
};

class SegmentStore {
 public:
  // Reads from the head on, cuts a torn tail, and stands at the durable end. Damage does not fail it: the store is then
  // readable up to the damage and refuses writes (damage()). Errors: unavailable (the disk itself refuses).
  static Result<std::unique_ptr<SegmentStore>> open(Disk& disk, StoreOptions options);

  // The same, but changes no byte: for looking at a log, also one that a server is writing.
  static Result<std::unique_ptr<SegmentStore>> open_to_read(Disk& disk, StoreOptions options);

  const std::optional<Error>& damage() const { return damage_; }
  std::uint64_t torn_bytes() const { return torn_bytes_; }  // cut off when opening
  const Head& head() const { return head_; }                // the durable end

  // Writes `group` behind the last one. Durable only after sync(). After an error the store must be opened anew.
  Result<void> write(const Group& group);
  Result<void> sync();
  // After the last sync: says that nothing was in flight, so that verification takes no byte behind the end for a
  // crash's.
  Result<void> close();

  // Makes the next segment's file ahead of need, so that rolling over costs two small syncs. Keeps pace with the
  // segment that is being filled, so that the disk never has more than a slice of zeros before a group's sync. Returns
  // when the spare is whole, or early when `give_up` says so. Any thread, one at a time.
  Result<void> prepare_spare(const std::function<bool()>& give_up);
  bool wants_spare() const;

  std::vector<SegmentInfo> segments() const;
  // The one that holds `offset`, or would; nothing when the log that is kept begins later.
  std::optional<SegmentInfo> segment_of(Offset offset) const;
  Result<std::unique_ptr<File>> open_segment(std::uint64_t number) const;
  std::uint64_t bytes_stored() const;

 private:
  SegmentStore(Disk& disk, StoreOptions options) : disk_(disk), options_(std::move(options)) {}
  Result<void> recover();
  Result<void> recover_segments(const std::vector<std::string>& names);
  Result<bool> check_last_group();
  Result<void> scan_forward();
  Result<void> settle(const Head& known);
  Result<void> write_both_heads(const Head& head);
  Result<std::optional<Error>> proof_of_damage(std::size_t index, std::uint64_t position);
  Result<void> cut(std::size_t index, std::uint64_t position);
  Result<void> roll(std::uint64_t group_bytes);
  std::uint64_t next_number() const;
  std::uint64_t usual_bytes(std::uint64_t number) const;
  Result<std::unique_ptr<File>> take_spare(std::uint64_t bytes);
  void damaged(std::uint64_t segment, std::uint64_t position, std::string_view what);

  Disk& disk_;
  StoreOptions options_;
  std::unique_ptr<HeadFile> head_file_;
  Head head_;                   // durable
  Head written_;                // written, not yet synced
  std::unique_ptr<File> file_;  // the segment that is written now
  mutable std::mutex mutex_;    // guards segments_
  std::vector<SegmentInfo> segments_;
  mutable std::mutex spare_mutex_;  // held while a spare is made: who needs it would have to wait for it anyway
  bool have_spare_ = false;
  std::atomic<double> filled_ = 0;  // of the segment that is written now: 0 to 1
  std::optional<Error> damage_;
  std::uint64_t torn_bytes_ = 0;
  bool read_only_ = false;
};

}  // namespace salus::log
