// A chunk: up to an hour of one channel, as stored. Byte by byte in docs/formats/chunk.md. It says in which of four
// forms it is:
//   version 1      what is open, and what older programs wrote
//   packed         a wave that was just closed: read at memory speed
//   vitals         numbers that hardly ever change: near their entropy
//   predicted      a wave that is an hour old: near its entropy
//
// Arithmetic, measured on real recordings (bench/series.cpp), time and header included: a vital sign at 1 Hz costs 0.10
// bytes a sample, an ECG at 360 Hz 0.57 packed and 0.47 predicted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "series/columns.hpp"
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

enum class ChunkForm : std::uint8_t { packed = 0, vitals = 1, predicted = 2, version_1 = 255 };

// What the samples are, as a header tells it. Requires: not empty.
ChunkStats stats_of(const Columns& columns);

// A chunk of these samples. Requires: 1 to samples_max, times strictly ascending, `form` not version_1.
std::string encode_chunk(const Columns& columns, ChunkForm form);

// Errors of all: damaged. They check the checksum, and the decoding ones also that header and samples agree.
Result<ChunkStats> read_stats(ByteView chunk);
// Replaces what `out` held.
Result<ChunkStats> decode_columns(ByteView chunk, Columns& out);
// Appends the samples to `out`, ascending.
Result<ChunkStats> decode_chunk(ByteView chunk, std::vector<Sample>& out);
// Nothing when it is no chunk that this program reads.
ChunkForm form_of(ByteView chunk);

}  // namespace salus::series
