// What lies above chunks: count, least, greatest and sum of every 10 s of a wave and every quarter of an hour of
// anything, aligned to 1970, so that a year is some hundred reads. A cell counts what came in order; where something
// came late it is marked, and a reader takes the samples themselves.
//
// Arithmetic: a quarter of an hour of a vital at 1 Hz is 90 bytes of chunk and 6 of rollup; 10 s of an ECG at 360 Hz
// 2,000 and 8. A year is 35,000 cells in 365 records.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "series/columns.hpp"

namespace salus::series {

inline constexpr std::array<std::int64_t, 2> cell_ns{10'000'000'000, 900'000'000'000};
inline constexpr std::size_t wave_level = 0;  // kept for waves alone
inline constexpr std::size_t levels = cell_ns.size();
inline constexpr std::int64_t record_cells = 96;
inline constexpr char rollup_tag = 'r';

struct Cell {
  std::int64_t start_ns = 0;
  std::uint64_t count = 0;
  Value min = 0;
  Value max = 0;
  std::int64_t sum = 0;
  bool late = false;  // something came late: the numbers are not all

  void add(const Cell& other);
  bool operator==(const Cell&) const = default;
};

// The last multiple of `width_ns` that is not after the time.
constexpr std::int64_t floor_to(std::int64_t time_ns, std::int64_t width_ns) {
  const std::int64_t rest = time_ns % width_ns;
  return time_ns - rest - (rest < 0 ? width_ns : 0);
}

// Appends the cells of these samples; joins the first to the last of `out` where it is the same.
void add_cells(const Columns& columns, std::int64_t width_ns, std::vector<Cell>& out);

// Ascending, each start once.
void merge_cells(std::vector<Cell>& cells);

// 96 cells as stored under 'r' + channel + level + start of the first. Byte by byte in docs/formats/rollup.md.
std::string rollup_key(ByteView channel, std::size_t level, std::int64_t record_ns);
// Requires: ascending, all within the record.
std::string encode_cells(const std::vector<Cell>& cells, std::int64_t record_ns, std::int64_t width_ns);
// Appends. False when the bytes are damaged.
bool decode_cells(ByteView bytes, std::int64_t record_ns, std::int64_t width_ns, std::vector<Cell>& out);

}  // namespace salus::series
