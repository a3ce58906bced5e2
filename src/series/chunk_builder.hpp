// An open chunk. Whole blocks are encoded as they fill, so that it stays small (about 2 KiB) and encoding it is cheap.
// What becomes of it is closing.hpp's.
#pragma once

#include <array>
#include <span>
#include <string>

#include "series/chunk.hpp"
#include "series/integers.hpp"
#include "series/packed.hpp"
#include "series/times.hpp"

namespace salus::series {

// Its first sample says what it is: one of a wave's makes it packed.
// Threads: one at a time.
class ChunkBuilder {
 public:
  bool empty() const { return stats_.count == 0; }
  const ChunkStats& stats() const { return stats_; }

  // Requires: empty() or time_ns > stats().last_ns; stats().count < ChunkLimits::samples_max.
  void append(std::int64_t time_ns, Value value);
  // `values` from where `from` stands: as append() of each, but for the cost. Requires: from.index < its denominator.
  void append_regular(TimeCursor from, std::span<const Value> values);

  // Whether a sample at this time is among the newest, not yet encoded ones.
  bool tail_contains(std::int64_t time_ns) const;

  // The chunk as it stands, packed or of version 1. Requires: not empty().
  std::string encode() const;
  void clear();

  // The state itself: a builder that was saved and loaded goes on to the same bytes.
  void save(Writer& writer) const;
  bool load(Reader& reader);

 private:
  // A packed chunk's parts behind its header.
  struct Packed {
    std::string times;  // runs that are closed
    RunWriter writer{0};
    TimeRun run;  // the last one, still growing
    PackState state;
  };
  bool begins() const { return stats_.count == tail_count_; }
  void encode_tail(std::string& out, TimeCursor& cursor) const;
  void pack_tail(Packed& packed, std::string& out) const;
  void close_block();

  ChunkStats stats_;
  bool is_packed_ = false;
  Packed packed_;
  std::string blocks_;
  TimeCursor cursor_;               // after `blocks_`
  std::int64_t block_last_ns_ = 0;  // the last sample in `blocks_`
  Value block_last_ = 0;
  TimeCursor declared_;  // of the regular run that the tail begins with, if it does
  std::uint32_t tail_count_ = 0;
  std::array<std::int64_t, block_max> tail_ns_;
  std::array<Value, block_max> tail_;
};

void put_cursor(Writer& writer, const TimeCursor& cursor);
TimeCursor get_cursor(Reader& reader);

}  // namespace salus::series
