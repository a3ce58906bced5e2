// The one ordered log of a partition. A fact is an entry here before it is anything else.
#pragma once

#include <functional>
#include <memory>

#include "base/error.hpp"
#include "log/run.hpp"

namespace salus::log {

// Called once, on the log's own thread: the offset of the run's first entry once it is durable, or why it is not.
// Must be short and must not block; a session posts to its own executor from here.
using AppendDone = std::function<void(Result<Position>)>;

// Follows a partition while it is written. Called on the log's own thread, in order; must not block.
class Follower {
 public:
  virtual ~Follower() = default;
  // `group` has its order and is not yet durable: what is derived from it is provisional until durable(end) says so.
  virtual void ordered(std::shared_ptr<const Group> group) = 0;
  // Everything before `end` is durable.
  virtual void durable(Position end) = 0;
  // The disk refused: nothing later becomes durable in this epoch. Groups ordered after this are never stored;
  // they are still passed to ordered(), so that alarms go on.
  virtual void failed(const Error& why) = 0;
};

// Reads durable groups from an offset on, in order. Threads: one at a time.
class Cursor {
 public:
  virtual ~Cursor() = default;
  // The next group; nullptr at the durable end (call again later). Errors: damaged, with segment and position.
  virtual Result<std::shared_ptr<const Group>> next() = 0;
};

// Lifetime: built in main(), outlives every gate and view. Threads: any; appends from all threads share one fdatasync.
class Log {
 public:
  virtual ~Log() = default;

  // Makes `draft` durable and gives it the next offsets: all of it or none. Never blocks.
  // Errors (through `done`): too_large    over run_bytes_max; nothing was written.
  //                          unavailable  the queue is full or the log is closing; nothing was written, retry later.
  //                          not_durable  the disk refused; the sender must keep its data.
  virtual void append(Draft draft, AppendDone done) = 0;

  // From the first group that holds `from` or anything later. A cursor may outlive appends, not the log.
  virtual std::unique_ptr<Cursor> read(Offset from) const = 0;

  // One past the last durable entry, with the current epoch.
  virtual Position durable_end() const = 0;

  // One follower; set before the first append. Who followed before is not called any more once this returns.
  virtual void follow(Follower* follower) = 0;

  // Whether the disk has refused since opening.
  virtual bool has_failed() const = 0;
};

}  // namespace salus::log
