#include "series/chunk_builder.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "series/chunk_1.hpp"

namespace salus::series {
namespace {

// In a saved state: with the count. States of older programs never have it.
constexpr std::uint32_t packed_bit = std::uint32_t{1} << 31;
constexpr std::uint8_t form_runs = 1;

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

void ChunkBuilder::append(std::int64_t time_ns, Value value) {
  SALUS_ASSERT(stats_.count == 0 || time_ns > stats_.last_ns);
  SALUS_ASSERT(stats_.count < ChunkLimits::samples_max);
  if (empty()) is_packed_ = false;
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
  if (empty()) is_packed_ = true;
  TimeWalk walk{from};
  for (std::size_t at = 0; at < values.size();) {
    if (tail_count_ == 0) declared_ = from.later(static_cast<std::int64_t>(at));
    const std::size_t count = std::min<std::size_t>(values.size() - at, block_max - tail_count_);
    Value low = values[at], high = low;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i, walk.next()) {
      const Value value = values[at + i];
      tail_ns_[tail_count_ + i] = walk.time_ns();
      tail_[tail_count_ + i] = value;
      low = std::min(low, value);
      high = std::max(high, value);
      sum += value;
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
  const std::uint8_t head = tail_count_ < block_max ? block_1::flag_partial : 0;
  // Before the first block the header's first time and value stand.
  put_times({tail_ns_.data(), tail_count_}, declared_, begins() ? stats_.first_ns : block_last_ns_, cursor, head, out);
  std::array<std::int64_t, block_max> differences;
  Value before = begins() ? stats_.first : block_last_;
  for (std::size_t i = 0; i < tail_count_; ++i) {
    differences[i] = std::int64_t{tail_[i]} - before;
    before = tail_[i];
  }
  put_differences({differences.data(), tail_count_}, out);
}

void ChunkBuilder::pack_tail(Packed& packed, std::string& out) const {
  if (begins()) {
    packed.writer = RunWriter{stats_.first_ns};
    packed.state = {.value = static_cast<std::uint32_t>(stats_.first)};
  }
  const std::span<const std::int64_t> times{tail_ns_.data(), tail_count_};
  Columns tail;
  if (packed.run.count > 0) tail.runs.push_back(packed.run);
  if (matches(declared_, times)) {
    tail.add_run({tail_count_, declared_});
  } else {
    for (const TimeRun& run : runs_of(times, tail.times)) tail.add_run(run);
  }
  // All but the last are closed; one that is not regular does not wait either.
  std::size_t given = 0;
  packed.run = {};
  for (std::size_t i = 0; i < tail.runs.size(); ++i) {
    const TimeRun& run = tail.runs[i];
    const bool regular = run.from.is_known();
    if (regular && i + 1 == tail.runs.size()) {
      packed.run = run;
      break;
    }
    packed.writer.put(run, std::span(tail.times).subspan(given, regular ? 0 : run.count), packed.times);
    given += regular ? 0 : run.count;
  }
  put_packed({tail_.data(), tail_count_}, packed.state, out);
}

void ChunkBuilder::close_block() {
  is_packed_ ? pack_tail(packed_, blocks_) : encode_tail(blocks_, cursor_);
  block_last_ns_ = tail_ns_[tail_count_ - 1];
  block_last_ = tail_[tail_count_ - 1];
  tail_count_ = 0;
  declared_ = {};
}

std::string ChunkBuilder::encode() const {
  SALUS_ASSERT(!empty());
  std::string out;
  out.reserve(blocks_.size() + 96 + packed_.times.size() + tail_count_ * 4);
  Writer writer{out};
  if (is_packed_) {
    Packed end = packed_;
    std::string last_block;
    if (tail_count_ > 0) pack_tail(end, last_block);
    if (end.run.count > 0) end.writer.put(end.run, {}, end.times);
    put_header_2(stats_, ChunkForm::packed, 1, out);
    writer.put(form_runs);
    writer.put_bytes(end.times);
    writer.put_bytes(blocks_);
    writer.put_bytes(last_block);
  } else {
    put_header_1(stats_, out);
    writer.put_bytes(blocks_);
    TimeCursor cursor = cursor_;
    if (tail_count_ > 0) encode_tail(out, cursor);
  }
  writer.put(crc32c(out));
  return out;
}

void ChunkBuilder::clear() {
  stats_ = {};
  is_packed_ = false;
  packed_ = {};
  blocks_.clear();
  cursor_ = {};
  declared_ = {};
  tail_count_ = 0;
  block_last_ns_ = 0;
  block_last_ = 0;
}

void ChunkBuilder::save(Writer& writer) const {
  writer.put(stats_.count | (is_packed_ ? packed_bit : 0));
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
  if (!is_packed_) return;
  writer.put_string(packed_.times);
  writer.put(packed_.writer.before_ns());
  put_cursor(writer, {0, packed_.writer.period(), 0});
  writer.put(packed_.run.count);
  put_cursor(writer, packed_.run.from);
  for (const std::uint32_t part : {packed_.state.value, packed_.state.step, packed_.state.factor}) writer.put(part);
}

bool ChunkBuilder::load(Reader& reader) {
  clear();
  const auto count = reader.get<std::uint32_t>();
  is_packed_ = (count & packed_bit) != 0;
  stats_.count = count & ~packed_bit;
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
  if (!is_packed_) return !reader.failed();
  packed_.times = reader.get_string();
  const auto before_ns = reader.get<std::int64_t>();
  packed_.writer = RunWriter{before_ns, get_cursor(reader).period};
  packed_.run.count = reader.get<std::uint32_t>();
  packed_.run.from = get_cursor(reader);
  for (std::uint32_t* part : {&packed_.state.value, &packed_.state.step, &packed_.state.factor})
    *part = reader.get<std::uint32_t>();
  return !reader.failed() && packed_.state.factor != 0;
}

}  // namespace salus::series
