// Bodies of runs by their offset, without walking the log: for views that keep the place of what the log holds instead
// of a copy.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "log/segment_store.hpp"

namespace salus::log {

class Bodies {
 public:
  virtual ~Bodies() = default;
  // Bytes [at, at + count) of the body of the run that begins at `run`. Threads: any. A piece is not compared with the
  // digest of the whole: who keeps pieces keeps a checksum of each.
  // Errors: not_found (no run begins there, or not yet durable; or it is shorter), damaged, unavailable.
  virtual Result<std::string> read(Offset run, std::size_t at, std::size_t count) const = 0;
  // The whole stored body.
  virtual Result<std::string> read(Offset run) const = 0;
  // Headers of durable groups with their tables of runs, from the one that holds `entry` on, at most `groups_max`:
  // links of the chain (proof.hpp). Fewer where the log ends. Errors: as of read.
  virtual Result<std::vector<std::string>> headers(Offset entry, std::size_t groups_max) const = 0;
};

// Over segment files. Where the groups of a segment lie is noted when it is first asked for, one note for about every
// 16 KiB, for as many segments as `segments_max`; the others are looked through again when their turn comes.
class SegmentBodies final : public Bodies {
 public:
  // `store` outlives this. Groups at or behind `end()` may not be durable and are not looked at.
  SegmentBodies(const SegmentStore& store, std::function<Offset()> end, std::size_t segments_max = 1024)
      : store_(store), end_(std::move(end)), segments_max_(segments_max) {}

  Result<std::string> read(Offset run, std::size_t at, std::size_t count) const override;
  Result<std::string> read(Offset run) const override;
  Result<std::vector<std::string>> headers(Offset entry, std::size_t groups_max) const override;

 private:
  struct Note {
    Offset first{};
    std::uint64_t position = 0;
  };
  struct Segment {
    std::unique_ptr<File> file;
    std::uint64_t asked = 0;  // when, on the count of questions
    std::mutex mutex;
    std::vector<Note> notes;  // ascending, the segment's first group at their head
  };

  class Window;
  struct Body {
    std::uint64_t position = 0;  // in the segment
    std::size_t size = 0;
  };

  Result<std::shared_ptr<Segment>> segment_of(Offset run) const;
  // The group of a segment that begins last of those at or before `entry`.
  static Result<Note> group_of(Segment& segment, Window& window, Offset entry);
  static Result<Body> body_of(Segment& segment, Window& window, Offset run);

  const SegmentStore& store_;
  const std::function<Offset()> end_;
  const std::size_t segments_max_;
  mutable std::mutex mutex_;
  mutable std::map<std::uint64_t, std::shared_ptr<Segment>> segments_;
  mutable std::uint64_t questions_ = 0;
};

}  // namespace salus::log
