// The writer's side of one partition, without threads: what LocalLog does, step by step, with the moments between the
// steps laid open so that the power can go there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "log/cursor.hpp"
#include "log/segment_store.hpp"
#include "log/simulated_disk.hpp"
#include "meaning.hpp"

namespace salus::simulate {

// Lifetime: its world's; the disk survives every life of the store. Threads: one.
class Partition {
 public:
  Partition(std::string name, std::uint64_t seed) : name_(std::move(name)), disk_(seed) {}

  // Recovers and compares with what was ordered: everything acknowledged is there, in order, once, and nothing that was
  // never ordered; no damage. Throws Failed otherwise.
  void open();
  // Orders and writes the entry that begins this life. Synced when `sync`: else the world must end this life next.
  void begin_epoch(log::Offset stamp, Time now, bool sync);

  // Gives the entries their place. Written only by the next flush(), never once the disk has refused.
  std::shared_ptr<const log::Group> order(std::vector<Entry> entries, log::Offset stamp, Time now);
  // Writes what waits and makes it durable; false when the disk refuses, and from then on.
  bool flush();
  // Writes the first `groups` that wait and leaves them unsynced: only the end of this life may follow.
  void write_some(std::size_t groups);
  void prepare_spare();

  void stop();        // cleanly
  void kill();        // the process alone: what was written stays, synced or not
  void power_loss();  // unsynced sectors stay, go or tear

  log::SimulatedDisk& disk() { return disk_; }
  bool failed() const { return failed_; }
  bool all_durable() const { return waiting_.empty() && !failed_; }
  log::Position durable() const { return durable_; }
  const History& history() const { return history_; }
  // Messages of the last life that were never acknowledged: what their senders still have.
  const std::vector<Meaning>& unacknowledged() const { return unacknowledged_; }
  std::unique_ptr<log::Cursor> read(log::Offset from) const;
  std::uint64_t entries_stored() const { return log::number(durable_.offset); }

 private:
  void compare_with_history();
  void forget_unwritten();
  void refuse();

  std::string name_;
  log::SimulatedDisk disk_;
  std::unique_ptr<log::SegmentStore> store_;
  History history_;                                         // ordered in the order of their offsets, perhaps lost
  std::vector<std::shared_ptr<const log::Group>> waiting_;  // ordered, not yet written
  std::vector<Meaning> unacknowledged_;
  log::Position durable_{};
  log::Offset acknowledged_{};
  log::Epoch epoch_{};
  log::Offset next_{};
  Sha256 previous_{};
  Time last_time_{};
  bool failed_ = false;
};

}  // namespace salus::simulate
