#include "series/chunk.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "series/chunk_1.hpp"
#include "series/packed.hpp"
#include "series/predicted.hpp"
#include "series/times.hpp"
#include "series/vitals.hpp"

namespace salus::series {
namespace {

// The second byte of version 2: bits 0–3 the form, bits 4 and 5 the unit of the header's times.
constexpr std::uint8_t form_mask = 15;
constexpr std::uint8_t unit_mask = 3;
constexpr unsigned unit_shift = 4;
constexpr std::array<std::int64_t, 4> units{1, 1'000, 1'000'000, 1'000'000'000};
constexpr std::uint64_t factor_max = std::uint64_t{1} << 33;

Error damaged(const char* what) {
  return {ErrorCode::damaged, fmt::format("A chunk {}.", what)};
}

struct Header {
  ChunkStats stats;
  ChunkForm form = ChunkForm::version_1;
  std::int64_t factor = 1;
};

// The largest factor of all differences; 1 where there are none.
std::uint64_t common_factor(std::span<const Value> values) {
  std::uint64_t factor = 0;
  for (std::size_t i = 1; i < values.size() && factor != 1; ++i) {
    const std::int64_t step = std::int64_t{values[i]} - values[i - 1];
    const auto size = static_cast<std::uint64_t>(step < 0 ? -step : step);
    if (size != 0 && (factor == 0 || size % factor != 0)) factor = std::gcd(factor, size);
  }
  return factor == 0 ? 1 : factor;
}

bool get_header_2(Reader& reader, Header& header) {
  const auto head = reader.get<std::uint8_t>();
  header.form = static_cast<ChunkForm>(head & form_mask);
  const std::int64_t unit = units[head >> unit_shift & unit_mask];
  const std::uint64_t count = reader.get_varint();
  const std::int64_t first = reader.get_zigzag();
  const std::uint64_t width = reader.get_varint();
  const std::uint64_t factor = reader.get_varint();
  ChunkStats& stats = header.stats;
  const std::int64_t first_value = reader.get_zigzag(), last = reader.get_zigzag();
  const std::uint64_t below = reader.get_varint(), above = reader.get_varint();
  const std::int64_t sum = reader.get_zigzag();
  constexpr std::int64_t time_max = std::numeric_limits<std::int64_t>::max();
  if (reader.failed() || head >> 6 != 0 || header.form > ChunkForm::predicted || count == 0 ||
      count > ChunkLimits::samples_max || factor == 0 || factor > factor_max || first > time_max / unit ||
      first < -(time_max / unit) || width > static_cast<std::uint64_t>(time_max / unit))
    return false;
  // Nonsense wraps around; the samples then tell.
  const auto from_first = [&](std::uint64_t steps) {
    return static_cast<Value>(static_cast<std::uint64_t>(first_value) + steps * factor);
  };
  header.factor = static_cast<std::int64_t>(factor);
  stats.count = static_cast<std::uint32_t>(count);
  stats.first_ns = first * unit;
  stats.last_ns =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(stats.first_ns) + width * static_cast<std::uint64_t>(unit));
  stats.first = static_cast<Value>(first_value);
  stats.last = from_first(static_cast<std::uint64_t>(last));
  stats.min = from_first(0 - below);
  stats.max = from_first(above);
  stats.sum = static_cast<std::int64_t>(count * static_cast<std::uint64_t>(first_value) +
                                        static_cast<std::uint64_t>(sum) * factor);
  return true;
}

// Reads the header and leaves what follows in `reader`.
Result<Header> read_header(ByteView chunk, Reader& reader) {
  if (chunk.size() < 8) return fail(damaged("is too short"));
  const ByteView body = chunk.substr(0, chunk.size() - 4);
  if (Reader{chunk.substr(body.size())}.get<std::uint32_t>() != crc32c(body))
    return fail(damaged("has another checksum than it was written with"));
  reader = Reader{body};
  const auto version = reader.get<std::uint8_t>();
  if (version != version_1 && version != version_2)
    return fail(damaged("has a version that this program does not read"));
  Header header;
  if (!(version == version_1 ? get_header_1(reader, header.stats) : get_header_2(reader, header)))
    return fail(damaged("has a header that is not whole"));
  return header;
}

bool get_packed_values(Reader& reader, const ChunkStats& stats, std::vector<Value>& values) {
  PackState state{.value = static_cast<std::uint32_t>(stats.first)};
  values.resize(stats.count);
  for (std::size_t at = 0; at < values.size(); at += block_max)
    if (!get_packed(reader, state, std::span(values).subspan(at, std::min(block_max, values.size() - at))))
      return false;
  return reader.at_end();
}

bool get_coded_values(Reader& reader, const Header& header, std::vector<Value>& values) {
  std::vector<std::int64_t> steps(header.stats.count - 1);
  if (steps.empty()) {
    if (!reader.at_end()) return false;
  } else if (header.form == ChunkForm::vitals) {
    get_vitals(reader.rest(), steps);
  } else if (!get_predicted(reader.rest(), steps)) {
    return false;
  }
  auto value = static_cast<std::uint64_t>(std::int64_t{header.stats.first});
  values.reserve(header.stats.count);
  values.push_back(header.stats.first);
  for (const std::int64_t step : steps) {
    value += static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(header.factor);
    values.push_back(static_cast<Value>(value));
  }
  return true;
}

// Least, greatest and sum, in one go that a compiler can widen.
void add_values(std::span<const Value> values, ChunkStats& stats) {
  Value low = values[0], high = values[0];
  std::int64_t sum = 0;
  for (const Value value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
  }
  stats.first = values.front();
  stats.last = values.back();
  stats.min = low;
  stats.max = high;
  stats.sum = sum;
}

}  // namespace

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

ChunkStats stats_of(const Columns& columns) {
  SALUS_ASSERT(!columns.values.empty() && !columns.runs.empty());
  ChunkStats stats;
  stats.count = static_cast<std::uint32_t>(columns.values.size());
  add_values(columns.values, stats);
  const TimeRun &first = columns.runs.front(), &last = columns.runs.back();
  stats.first_ns = first.from.is_known() ? first.from.time_ns() : columns.times.front();
  stats.last_ns = last.from.is_known() ? last.from.time_of(last.from.index + last.count - 1) : columns.times.back();
  return stats;
}

void put_header_2(const ChunkStats& stats, ChunkForm form, std::uint64_t factor, std::string& out) {
  Writer writer{out};
  const std::int64_t width = stats.last_ns - stats.first_ns;
  std::size_t unit = units.size() - 1;
  while (stats.first_ns % units[unit] != 0 || width % units[unit] != 0) --unit;
  const auto by_factor = [factor](std::int64_t value) { return value / static_cast<std::int64_t>(factor); };
  writer.put(version_2);
  writer.put(static_cast<std::uint8_t>(static_cast<unsigned>(form) | unit << unit_shift));
  writer.put_varint(stats.count);
  writer.put_zigzag(stats.first_ns / units[unit]);
  writer.put_varint(static_cast<std::uint64_t>(width / units[unit]));
  writer.put_varint(factor);
  writer.put_zigzag(stats.first);
  writer.put_zigzag(by_factor(std::int64_t{stats.last} - stats.first));
  writer.put_varint(static_cast<std::uint64_t>(by_factor(std::int64_t{stats.first} - stats.min)));
  writer.put_varint(static_cast<std::uint64_t>(by_factor(std::int64_t{stats.max} - stats.first)));
  writer.put_zigzag(by_factor(stats.sum - std::int64_t{stats.count} * stats.first));
}

std::string encode_chunk(const Columns& columns, ChunkForm form) {
  SALUS_ASSERT(form != ChunkForm::version_1 && columns.values.size() <= ChunkLimits::samples_max);
  const ChunkStats stats = stats_of(columns);
  const std::vector<Value>& values = columns.values;
  const std::uint64_t factor = form == ChunkForm::packed ? 1 : common_factor(values);
  std::string out;
  out.reserve(64 + values.size() * 3 / 4);
  put_header_2(stats, form, factor, out);
  put_runs(columns, stats.first_ns, out);
  if (form == ChunkForm::packed) {
    PackState state{.value = static_cast<std::uint32_t>(stats.first)};
    for (std::size_t at = 0; at < values.size(); at += block_max)
      put_packed(std::span(values).subspan(at, std::min(block_max, values.size() - at)), state, out);
  } else if (values.size() > 1) {
    std::vector<std::int64_t> steps(values.size() - 1);
    for (std::size_t i = 1; i < values.size(); ++i)
      steps[i - 1] = (std::int64_t{values[i]} - values[i - 1]) / static_cast<std::int64_t>(factor);
    form == ChunkForm::vitals ? put_vitals(steps, out) : put_predicted(steps, out);
  }
  Writer{out}.put(crc32c(out));
  return out;
}

Result<ChunkStats> read_stats(ByteView chunk) {
  Reader reader{{}};
  return read_header(chunk, reader).map([](const Header& header) { return header.stats; });
}

ChunkForm form_of(ByteView chunk) {
  if (chunk.size() < 2 || chunk[0] != version_2) return ChunkForm::version_1;
  return static_cast<ChunkForm>(chunk[1] & form_mask);
}

Result<ChunkStats> decode_columns(ByteView chunk, Columns& out) {
  out.runs.clear();
  out.times.clear();
  Reader reader{{}};
  const Result<Header> header = read_header(chunk, reader);
  if (!header) return out.clear(), fail(header.error());
  const ChunkStats& stats = header->stats;
  if (header->form != ChunkForm::packed) out.values.clear();  // those are overwritten, not zeroed first
  bool right = true;
  if (header->form == ChunkForm::version_1) {
    right = get_blocks_1(reader, stats, out) && !out.values.empty();
  } else {
    std::int64_t last_ns = stats.last_ns;
    right = get_runs(reader, stats.count, stats.first_ns, out, last_ns) && last_ns == stats.last_ns &&
            (header->form == ChunkForm::packed ? get_packed_values(reader, stats, out.values)
                                               : get_coded_values(reader, *header, out.values));
  }
  if (right && stats_of(out) == stats) return stats;
  out.clear();
  return fail(damaged("has samples that its header does not describe"));
}

Result<ChunkStats> decode_chunk(ByteView chunk, std::vector<Sample>& out) {
  Columns columns;
  const Result<ChunkStats> stats = decode_columns(chunk, columns);
  if (!stats) return stats;
  out.reserve(out.size() + stats->count);
  columns.visit([&](std::int64_t time_ns, Value value) { out.push_back({time_ns, value}); });
  return stats;
}

}  // namespace salus::series
