// A chunk: up to an hour of one channel, as stored. Byte by byte in docs/formats/chunk.md.
//
// Arithmetic, measured on real recordings (bench/series.cpp): a vital sign at 1 Hz costs about 0.15 bytes a sample, an
// ECG at 360 Hz about 0.55, time included: a regular block of 128 samples spends one byte on time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "series/integers.hpp"
#include "series/sample.hpp"

namespace salus::series {

struct ChunkLimits {
  static constexpr std::uint32_t samples_max = 16'384;  // in any chunk that is read
};

// What the header tells without decoding.
struct ChunkStats {
  std::uint32_t count = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  Value first = 0;
  Value last = 0;
  Value min = 0;
  Value max = 0;
  std::int64_t sum = 0;

  void add(std::int64_t time_ns, Value value);
  bool operator==(const ChunkStats&) const = default;
};

// An open chunk. Whole blocks are encoded as they fill, so that it stays small (about 2 KiB) and closing it is cheap.
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

  // The chunk as it stands. Requires: not empty().
  std::string encode() const;
  void clear();

  // The state itself: a builder that was saved and loaded goes on to the same bytes.
  void save(Writer& writer) const;
  bool load(Reader& reader);

 private:
  void encode_tail(std::string& out, TimeCursor& cursor) const;
  void close_block();

  ChunkStats stats_;
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

// Errors of both: damaged. read_stats() checks the checksum; decode_chunk() also that header and samples agree.
Result<ChunkStats> read_stats(ByteView chunk);
// Appends the samples to `out`, ascending.
Result<ChunkStats> decode_chunk(ByteView chunk, std::vector<Sample>& out);

}  // namespace salus::series
