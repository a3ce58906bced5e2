#include "series/chunk_1.hpp"

#include <algorithm>
#include <array>

#include "series/integers.hpp"

namespace salus::series {
namespace {

using namespace block_1;

std::int64_t unsigned_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

bool get_times(Reader& reader, std::uint8_t mode, std::int64_t before_ns, TimeCursor& cursor,
               std::span<std::int64_t> out) {
  if (mode == time_coded) {
    out[0] = unsigned_sum(before_ns, reader.get_zigzag());
    std::array<std::int64_t, block_max> differences;
    if (!get_differences(reader, {differences.data(), out.size() - 1})) return false;
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = unsigned_sum(out[i - 1], differences[i - 1]);
    cursor = {};
    return true;
  }
  if (mode == time_regular) {
    const std::int64_t first_ns = unsigned_sum(before_ns, reader.get_zigzag());
    const std::uint64_t numerator = reader.get_varint(), denominator = reader.get_varint(), phase = reader.get_varint();
    if (numerator > static_cast<std::uint64_t>(Period::numerator_max) || denominator > Period::denominator_max ||
        phase >= denominator)
      return false;
    cursor.period = {static_cast<std::int64_t>(numerator), static_cast<std::uint32_t>(denominator)};
    cursor.index = static_cast<std::int64_t>(phase);
    cursor.start_ns = unsigned_sum(first_ns, -cursor.period.offset_ns(cursor.index));
  }
  if (!cursor.period.is_valid() || cursor.index > Period::denominator_max + std::int64_t{ChunkLimits::samples_max})
    return false;
  for (std::int64_t& time : out) time = unsigned_sum(cursor.start_ns, cursor.period.offset_ns(cursor.index++));
  return true;
}

}  // namespace

bool matches(const TimeCursor& cursor, std::span<const std::int64_t> times) {
  if (!cursor.is_known()) return false;
  TimeWalk walk{cursor};
  for (const std::int64_t time : times) {
    if (walk.time_ns() != time) return false;
    walk.next();
  }
  return true;
}

void put_times(std::span<const std::int64_t> times, const TimeCursor& declared, std::int64_t before_ns,
               TimeCursor& cursor, std::uint8_t head, std::string& out) {
  Writer writer{out};
  const auto count = static_cast<std::int64_t>(times.size());
  const auto put_head = [&](std::uint8_t mode) {
    writer.put(static_cast<std::uint8_t>(head | mode));
    if (head & flag_partial) writer.put(static_cast<std::uint8_t>(count));
  };
  if (matches(cursor, times)) {
    cursor.index += count;
    return put_head(time_goes_on);
  }
  TimeCursor fresh = declared;
  if (!matches(fresh, times)) {
    const std::int64_t step = count > 1 ? times[1] - times[0] : 1;
    fresh = {times[0], {std::min(step, Period::numerator_max), 1}, 0};
  }
  if (matches(fresh, times)) {
    put_head(time_regular);
    writer.put_zigzag(times[0] - before_ns);
    writer.put_varint(static_cast<std::uint64_t>(fresh.period.numerator_ns));
    writer.put_varint(fresh.period.denominator);
    writer.put_varint(static_cast<std::uint64_t>(fresh.index));
    cursor = fresh;
    cursor.index += count;
    return;
  }
  put_head(time_coded);
  writer.put_zigzag(times[0] - before_ns);
  std::array<std::int64_t, block_max> differences;
  for (std::size_t i = 1; i < times.size(); ++i) differences[i - 1] = times[i] - times[i - 1];
  put_differences({differences.data(), times.size() - 1}, out);
  cursor = {};
}

void put_header_1(const ChunkStats& stats, std::string& out) {
  Writer writer{out};
  writer.put(version_1);
  writer.put_varint(stats.count);
  writer.put(stats.first_ns);
  writer.put_varint(static_cast<std::uint64_t>(stats.last_ns - stats.first_ns));
  for (const Value value : {stats.first, stats.last, stats.min, stats.max}) writer.put_zigzag(value);
  writer.put_zigzag(stats.sum);
}

bool get_header_1(Reader& reader, ChunkStats& stats) {
  const auto value = [&] { return static_cast<Value>(reader.get_zigzag()); };
  const std::uint64_t count = reader.get_varint();
  stats.first_ns = reader.get<std::int64_t>();
  stats.last_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(stats.first_ns) + reader.get_varint());
  stats.first = value();
  stats.last = value();
  stats.min = value();
  stats.max = value();
  stats.sum = reader.get_zigzag();
  stats.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, ChunkLimits::samples_max));
  return !reader.failed() && count > 0 && count <= ChunkLimits::samples_max;
}

bool get_blocks_1(Reader& reader, const ChunkStats& stats, Columns& out) {
  TimeCursor cursor;
  std::array<std::int64_t, block_max> times, differences;
  std::int64_t before_ns = stats.first_ns;
  Value before = stats.first;
  out.values.reserve(stats.count);
  out.times.reserve(stats.count);
  while (!reader.at_end()) {
    const auto head = reader.get<std::uint8_t>();
    const std::size_t count = head & flag_partial ? reader.get<std::uint8_t>() : block_max;
    if (head > (flag_partial | time_coded) || (head & time_mask) == time_mask || count == 0 || count > block_max ||
        out.values.size() + count > stats.count)
      return false;
    const std::span block_times{times.data(), count}, block_values{differences.data(), count};
    if (!get_times(reader, head & time_mask, before_ns, cursor, block_times) || !get_differences(reader, block_values))
      return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!out.values.empty() && block_times[i] <= before_ns) return false;
      before = static_cast<Value>(static_cast<std::uint64_t>(before) + static_cast<std::uint64_t>(block_values[i]));
      before_ns = block_times[i];
      out.values.push_back(before);
      out.times.push_back(before_ns);
    }
  }
  out.runs.push_back({static_cast<std::uint32_t>(out.values.size()), {}});
  return true;
}

}  // namespace salus::series
