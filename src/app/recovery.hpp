// What happens after the disk has refused: nothing more is written in this life, alarms go on from memory, and what
// they saw is kept. Once the disk takes a durable write again, the server asks to be started anew: it then recovers
// from the log, as after a crash, and what was seen meanwhile becomes `unrecorded` entries.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/live_feed.hpp"

namespace salus::app {

// DATA/unrecorded.ndjson: written on the way out, appended to `records` on the way in, then removed.
// Errors: unavailable (the file stays).
Result<void> save_unrecorded(const DataDirectory& data, const std::vector<std::string>& lines);
Result<std::size_t> append_unrecorded(const DataDirectory& data, log::Log& records);

// Looks every few seconds on a thread of its own, because a probe of a sick disk may hang.
// Lifetime: shorter than the core's. Threads: any.
class RecoveryWatch {
 public:
  static constexpr seconds interval{5};

  // `room_bytes`: what must be free, so that the new life does not end at once as the last one did.
  RecoveryWatch(const DataDirectory& data, Core& core, std::uint64_t room_bytes);
  ~RecoveryWatch();

  // The disk works again and a new start would record.
  bool should_restart() const { return restart_; }

 private:
  void loop();
  bool disk_works() const;

  DataDirectory data_;
  Core& core_;
  const std::uint64_t room_bytes_;
  std::atomic<bool> restart_{false};
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace salus::app
