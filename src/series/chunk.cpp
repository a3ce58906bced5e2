#include "series/chunk.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/digest.hpp"

namespace salus::series {
namespace {

constexpr std::uint8_t version = 1;

// The first byte of a block.
constexpr std::uint8_t time_goes_on = 0;  // as the cursor says: regular since the block before
constexpr std::uint8_t time_regular = 1;  // a new start and period
constexpr std::uint8_t time_coded = 2;    // each difference
constexpr std::uint8_t time_mask = 3;
constexpr std::uint8_t flag_partial = 4;  // fewer than 128 samples: their number follows

bool matches(const TimeCursor& cursor, std::span<const std::int64_t> times) {
  if (!cursor.is_known()) return false;
  for (std::size_t i = 0; i < times.size(); ++i)
    if (cursor.start_ns + cursor.period.offset_ns(cursor.index + static_cast<std::int64_t>(i)) != times[i])
      return false;
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

bool get_times(Reader& reader, std::uint8_t mode, std::int64_t before_ns, TimeCursor& cursor,
               std::span<std::int64_t> out) {
  const auto unsigned_sum = [](std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  };
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

Error damaged(const char* what) {
  return {ErrorCode::damaged, fmt::format("A chunk {}.", what)};
}

// Reads the header and leaves the blocks in `reader`.
Result<ChunkStats> read_header(ByteView chunk, Reader& reader) {
  if (chunk.size() < 8) return fail(damaged("is too short"));
  const ByteView body = chunk.substr(0, chunk.size() - 4);
  if (Reader{chunk.substr(body.size())}.get<std::uint32_t>() != crc32c(body))
    return fail(damaged("has another checksum than it was written with"));
  reader = Reader{body};
  if (reader.get<std::uint8_t>() != version) return fail(damaged("has a version that this program does not read"));
  ChunkStats stats;
  const auto value = [&] { return static_cast<Value>(reader.get_zigzag()); };
  const std::uint64_t count = reader.get_varint();
  stats.first_ns = reader.get<std::int64_t>();
  stats.last_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(stats.first_ns) + reader.get_varint());
  stats.first = value();
  stats.last = value();
  stats.min = value();
  stats.max = value();
  stats.sum = reader.get_zigzag();
  if (reader.failed() || count == 0 || count > ChunkLimits::samples_max)
    return fail(damaged("has a header that is not whole"));
  stats.count = static_cast<std::uint32_t>(count);
  return stats;
}

}  // namespace

void put_cursor(Writer& writer, const TimeCursor& cursor) {
  writer.put(cursor.start_ns);
  writer.put(cursor.period.numerator_ns);
  writer.put(cursor.period.denominator);
  writer.put(cursor.index);
}

TimeCursor get_cursor(Reader& reader) {
  TimeCursor cursor;
  cursor.start_ns = reader.get<std::int64_t>();
  cursor.period.numerator_ns = reader.get<std::int64_t>();
  cursor.period.denominator = reader.get<std::uint32_t>();
  cursor.index = reader.get<std::int64_t>();
  return cursor;
}

void ChunkStats::add(std::int64_t time_ns, Value value) {
  if (count == 0) {
    first_ns = time_ns;
    first = min = max = value;
  }
  ++count;
  last_ns = time_ns;
  last = value;
  min = std::min(min, value);
  max = std::max(max, value);
  sum += value;
}

void ChunkBuilder::append(std::int64_t time_ns, Value value) {
  SALUS_ASSERT(stats_.count == 0 || time_ns > stats_.last_ns);
  SALUS_ASSERT(stats_.count < ChunkLimits::samples_max);
  stats_.add(time_ns, value);
  tail_ns_[tail_count_] = time_ns;
  tail_[tail_count_] = value;
  if (++tail_count_ == block_max) close_block();
}

void ChunkBuilder::append_regular(TimeCursor from, std::span<const Value> values) {
  const Period& period = from.period;
  const std::int64_t start_ns = from.time_ns();
  SALUS_ASSERT(period.is_valid() && from.index < period.denominator &&
               (stats_.count == 0 || start_ns > stats_.last_ns));
  SALUS_ASSERT(stats_.count + values.size() <= ChunkLimits::samples_max);
  // Whole nanoseconds and the fraction, carried along: no division per sample.
  const std::int64_t step = period.numerator_ns / period.denominator;
  const std::int64_t rest = period.numerator_ns % period.denominator;
  std::int64_t time_ns = start_ns, fraction = from.index * rest % period.denominator;
  for (std::size_t at = 0; at < values.size();) {
    if (tail_count_ == 0) declared_ = from.later(static_cast<std::int64_t>(at));
    const std::size_t count = std::min<std::size_t>(values.size() - at, block_max - tail_count_);
    Value low = values[at], high = low;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Value value = values[at + i];
      tail_ns_[tail_count_ + i] = time_ns;
      tail_[tail_count_ + i] = value;
      low = std::min(low, value);
      high = std::max(high, value);
      sum += value;
      time_ns += step;
      fraction += rest;
      const bool carry = fraction >= period.denominator;
      time_ns += carry ? 1 : 0;
      fraction -= carry ? period.denominator : 0;
    }
    if (stats_.count == 0) stats_ = {.first_ns = start_ns, .first = values[at], .min = low, .max = high};
    tail_count_ += static_cast<std::uint32_t>(count);
    stats_.count += static_cast<std::uint32_t>(count);
    stats_.last_ns = tail_ns_[tail_count_ - 1];
    stats_.last = tail_[tail_count_ - 1];
    stats_.min = std::min(stats_.min, low);
    stats_.max = std::max(stats_.max, high);
    stats_.sum += sum;
    at += count;
    if (tail_count_ == block_max) close_block();
  }
}

bool ChunkBuilder::tail_contains(std::int64_t time_ns) const {
  return std::binary_search(tail_ns_.begin(), tail_ns_.begin() + tail_count_, time_ns);
}

void ChunkBuilder::encode_tail(std::string& out, TimeCursor& cursor) const {
  const std::uint8_t head = tail_count_ < block_max ? flag_partial : 0;
  // Before the first block the header's first time and value stand.
  const bool begins = stats_.count == tail_count_;
  put_times({tail_ns_.data(), tail_count_}, declared_, begins ? stats_.first_ns : block_last_ns_, cursor, head, out);
  std::array<std::int64_t, block_max> differences;
  Value before = begins ? stats_.first : block_last_;
  for (std::size_t i = 0; i < tail_count_; ++i) {
    differences[i] = std::int64_t{tail_[i]} - before;
    before = tail_[i];
  }
  put_differences({differences.data(), tail_count_}, out);
}

void ChunkBuilder::close_block() {
  encode_tail(blocks_, cursor_);
  block_last_ns_ = tail_ns_[tail_count_ - 1];
  block_last_ = tail_[tail_count_ - 1];
  tail_count_ = 0;
  declared_ = {};
}

std::string ChunkBuilder::encode() const {
  SALUS_ASSERT(!empty());
  std::string out;
  out.reserve(blocks_.size() + 64 + tail_count_ * 4);
  Writer writer{out};
  writer.put(version);
  writer.put_varint(stats_.count);
  writer.put(stats_.first_ns);
  writer.put_varint(static_cast<std::uint64_t>(stats_.last_ns - stats_.first_ns));
  for (const Value value : {stats_.first, stats_.last, stats_.min, stats_.max}) writer.put_zigzag(value);
  writer.put_zigzag(stats_.sum);
  writer.put_bytes(blocks_);
  TimeCursor cursor = cursor_;
  if (tail_count_ > 0) encode_tail(out, cursor);
  writer.put(crc32c(out));
  return out;
}

void ChunkBuilder::clear() {
  stats_ = {};
  blocks_.clear();
  cursor_ = {};
  declared_ = {};
  tail_count_ = 0;
  block_last_ns_ = 0;
  block_last_ = 0;
}

void ChunkBuilder::save(Writer& writer) const {
  writer.put(stats_.count);
  writer.put(stats_.first_ns);
  writer.put(stats_.last_ns);
  for (const Value value : {stats_.first, stats_.last, stats_.min, stats_.max, block_last_}) writer.put(value);
  writer.put(stats_.sum);
  writer.put(block_last_ns_);
  put_cursor(writer, cursor_);
  put_cursor(writer, declared_);
  writer.put_string(blocks_);
  writer.put_varint(tail_count_);
  for (std::size_t i = 0; i < tail_count_; ++i) writer.put(tail_ns_[i]);
  for (std::size_t i = 0; i < tail_count_; ++i) writer.put(tail_[i]);
}

bool ChunkBuilder::load(Reader& reader) {
  clear();
  stats_.count = reader.get<std::uint32_t>();
  stats_.first_ns = reader.get<std::int64_t>();
  stats_.last_ns = reader.get<std::int64_t>();
  for (Value* value : {&stats_.first, &stats_.last, &stats_.min, &stats_.max, &block_last_})
    *value = reader.get<Value>();
  stats_.sum = reader.get<std::int64_t>();
  block_last_ns_ = reader.get<std::int64_t>();
  cursor_ = get_cursor(reader);
  declared_ = get_cursor(reader);
  blocks_ = reader.get_string();
  const std::uint64_t tail = reader.get_varint();
  if (reader.failed() || tail >= block_max || stats_.count > ChunkLimits::samples_max) return false;
  tail_count_ = static_cast<std::uint32_t>(tail);
  for (std::size_t i = 0; i < tail_count_; ++i) tail_ns_[i] = reader.get<std::int64_t>();
  for (std::size_t i = 0; i < tail_count_; ++i) tail_[i] = reader.get<Value>();
  return !reader.failed();
}

Result<ChunkStats> read_stats(ByteView chunk) {
  Reader reader{{}};
  return read_header(chunk, reader);
}

Result<ChunkStats> decode_chunk(ByteView chunk, std::vector<Sample>& out) {
  Reader reader{{}};
  Result<ChunkStats> stats = read_header(chunk, reader);
  if (!stats) return stats;
  const std::size_t start = out.size();
  const auto refuse = [&] {
    out.resize(start);
    return fail(damaged("has samples that its header does not describe"));
  };
  ChunkStats seen;
  TimeCursor cursor;
  std::array<std::int64_t, block_max> times, differences;
  std::int64_t before_ns = stats->first_ns;
  Value before = stats->first;
  out.reserve(start + stats->count);
  while (!reader.at_end()) {
    const auto head = reader.get<std::uint8_t>();
    const std::size_t count = head & flag_partial ? reader.get<std::uint8_t>() : block_max;
    if (head > (flag_partial | time_coded) || (head & time_mask) == time_mask || count == 0 || count > block_max ||
        seen.count + count > stats->count)
      return refuse();
    const std::span block_times{times.data(), count}, block_values{differences.data(), count};
    if (!get_times(reader, head & time_mask, before_ns, cursor, block_times) || !get_differences(reader, block_values))
      return refuse();
    for (std::size_t i = 0; i < count; ++i) {
      if (seen.count > 0 && block_times[i] <= before_ns) return refuse();
      before = static_cast<Value>(static_cast<std::uint64_t>(before) + static_cast<std::uint64_t>(block_values[i]));
      before_ns = block_times[i];
      seen.add(before_ns, before);
      out.push_back({before_ns, before});
    }
  }
  return seen == *stats ? stats : refuse();
}

}  // namespace salus::series
