#include "series/rollup.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "series/keys.hpp"

namespace salus::series {
namespace {

constexpr std::uint8_t version = 1;

}  // namespace

void Cell::add(const Cell& other) {
  late |= other.late;
  if (other.count == 0) return;
  min = count == 0 ? other.min : std::min(min, other.min);
  max = count == 0 ? other.max : std::max(max, other.max);
  count += other.count;
  sum += other.sum;
}

void add_cells(const Columns& columns, std::int64_t width_ns, std::vector<Cell>& out) {
  // Not before it began: the first sample opens a cell unless it lies in the last one.
  std::int64_t end_ns = out.empty() ? std::numeric_limits<std::int64_t>::min() : out.back().start_ns + width_ns;
  std::int64_t start_ns = out.empty() ? 0 : out.back().start_ns;
  columns.visit([&](std::int64_t time_ns, Value value) {
    if (time_ns >= end_ns || time_ns < start_ns) {
      start_ns = floor_to(time_ns, width_ns);
      end_ns = start_ns + width_ns;
      out.push_back({.start_ns = start_ns, .min = value, .max = value});
    }
    Cell& cell = out.back();
    if (cell.count == 0) cell.min = cell.max = value;
    ++cell.count;
    cell.min = std::min(cell.min, value);
    cell.max = std::max(cell.max, value);
    cell.sum += value;
  });
}

void merge_cells(std::vector<Cell>& cells) {
  std::ranges::sort(cells, {}, &Cell::start_ns);  // adding commutes: the order of equals does not show
  std::size_t kept = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (kept > 0 && cells[kept - 1].start_ns == cells[i].start_ns) {
      cells[kept - 1].add(cells[i]);
    } else {
      cells[kept++] = cells[i];
    }
  }
  cells.resize(kept);
}

std::string rollup_key(ByteView channel, std::size_t level, std::int64_t record_ns) {
  std::string key{rollup_tag};
  key.append(channel);
  key.push_back(static_cast<char>(level));
  put_time(key, record_ns);
  return key;
}

std::string encode_cells(const std::vector<Cell>& cells, std::int64_t record_ns, std::int64_t width_ns) {
  std::string out;
  Writer writer{out};
  writer.put(version);
  std::int64_t index = 0, count = 0, low = 0;
  for (const Cell& cell : cells) {
    const std::int64_t at = (cell.start_ns - record_ns) / width_ns;
    const auto own = static_cast<std::int64_t>(cell.count);
    writer.put_varint(static_cast<std::uint64_t>(at - index) << 1 | (cell.late ? 1 : 0));
    writer.put_zigzag(own - count);
    index = at;
    count = own;
    if (own == 0) continue;
    writer.put_zigzag(std::int64_t{cell.min} - low);
    writer.put_varint(static_cast<std::uint64_t>(std::int64_t{cell.max} - cell.min));
    writer.put_varint(static_cast<std::uint64_t>(cell.sum - own * cell.min));
    low = cell.min;
  }
  writer.put(crc32c(out));
  return out;
}

bool decode_cells(ByteView bytes, std::int64_t record_ns, std::int64_t width_ns, std::vector<Cell>& out) {
  if (bytes.size() < 5) return false;
  const ByteView body = bytes.substr(0, bytes.size() - 4);
  if (Reader{bytes.substr(body.size())}.get<std::uint32_t>() != crc32c(body)) return false;
  Reader reader{body};
  if (reader.get<std::uint8_t>() != version) return false;
  std::int64_t index = 0, count = 0, low = 0;
  bool first = true;
  while (!reader.at_end()) {
    const std::uint64_t head = reader.get_varint();
    if (head >> 1 >= static_cast<std::uint64_t>(record_cells) || (!first && head >> 1 == 0)) return false;
    index += static_cast<std::int64_t>(head >> 1);
    count =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(count) + static_cast<std::uint64_t>(reader.get_zigzag()));
    if (index >= record_cells || count < 0 || count > std::int64_t{1} << 40) return false;
    Cell cell{.start_ns = record_ns + index * width_ns, .count = static_cast<std::uint64_t>(count)};
    cell.late = (head & 1) != 0;
    if (count > 0) {
      low = static_cast<Value>(static_cast<std::uint64_t>(low) + static_cast<std::uint64_t>(reader.get_zigzag()));
      cell.min = static_cast<Value>(low);
      cell.max = static_cast<Value>(static_cast<std::uint64_t>(low) + reader.get_varint());
      cell.sum = static_cast<std::int64_t>(reader.get_varint() + static_cast<std::uint64_t>(count * low));
    }
    if (reader.failed()) return false;
    out.push_back(cell);
    first = false;
  }
  return true;
}

}  // namespace salus::series
