#include "series/times.hpp"

#include <algorithm>
#include <array>

#include "series/integers.hpp"

namespace salus::series {
namespace {

std::int64_t sum_of(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// The first byte of a chunk's times.
constexpr std::uint8_t form_even = 0;  // one run in whole nanoseconds from the first time to the last
constexpr std::uint8_t form_runs = 1;

}  // namespace

void Columns::add_run(const TimeRun& run) {
  if (!runs.empty()) {
    TimeRun& last = runs.back();
    const bool regular = run.from.is_known() && last.from.is_known();
    if (regular && last.from.period == run.from.period &&
        last.from.time_of(last.from.index + last.count) == run.from.time_ns() &&
        (last.from.index + last.count) % run.from.period.denominator == run.from.index % run.from.period.denominator) {
      last.count += run.count;
      return;
    }
    if (!run.from.is_known() && !last.from.is_known()) {
      last.count += run.count;
      return;
    }
  }
  runs.push_back(run);
}

std::vector<TimeRun> runs_of(std::span<const std::int64_t> times, std::vector<std::int64_t>& given) {
  constexpr std::size_t worth_it = 6;  // a regular run costs about as much as some differences
  Columns columns;
  for (std::size_t at = 0; at < times.size();) {
    std::size_t end = at + 1;
    const std::int64_t step = end < times.size() ? times[end] - times[at] : 1;
    while (end < times.size() && times[end] - times[end - 1] == step) ++end;
    const bool fits = step <= Period::numerator_max && (end - at >= worth_it || end - at == times.size());
    if (fits) {
      columns.add_run({static_cast<std::uint32_t>(end - at), {times[at], {step, 1}, 0}});
    } else {
      end = end > at + 1 ? end - 1 : end;  // the next stretch may begin with this one's last
      columns.add_run({static_cast<std::uint32_t>(end - at), {}});
      given.insert(given.end(), times.begin() + static_cast<std::ptrdiff_t>(at),
                   times.begin() + static_cast<std::ptrdiff_t>(end));
    }
    at = end;
  }
  return columns.runs;
}

void RunWriter::put(const TimeRun& run, std::span<const std::int64_t> given, std::string& out) {
  Writer writer{out};
  const bool regular = run.from.is_known();
  if (regular) {
    const std::int64_t first_ns = run.from.time_ns();
    writer.put_varint(std::uint64_t{run.count} << 1);
    writer.put_zigzag(sum_of(first_ns, -before_ns_));
    const bool as_before = run.from.period == period_;
    writer.put_varint(as_before ? 0 : static_cast<std::uint64_t>(run.from.period.numerator_ns));
    if (!as_before) writer.put_varint(run.from.period.denominator);
    writer.put_varint(static_cast<std::uint64_t>(run.from.index));
    period_ = run.from.period;
    before_ns_ = run.from.time_of(run.from.index + run.count - 1);
    return;
  }
  for (std::size_t at = 0; at < given.size();) {
    const std::size_t count = std::min(block_max, given.size() - at);
    writer.put_varint(std::uint64_t{count} << 1 | 1);
    writer.put_zigzag(sum_of(given[at], -before_ns_));
    std::array<std::int64_t, block_max> differences;
    for (std::size_t i = 1; i < count; ++i) differences[i - 1] = given[at + i] - given[at + i - 1];
    put_differences({differences.data(), count - 1}, out);
    before_ns_ = given[at + count - 1];
    at += count;
  }
}

void put_runs(const Columns& columns, std::int64_t first_ns, std::string& out) {
  if (columns.runs.size() == 1 && columns.runs.front().from.is_known() &&
      columns.runs.front().from.period.denominator == 1) {
    out.push_back(static_cast<char>(form_even));
    return;
  }
  out.push_back(static_cast<char>(form_runs));
  RunWriter writer{first_ns};
  std::size_t given = 0;
  for (const TimeRun& run : columns.runs) {
    const std::size_t own = run.from.is_known() ? 0 : run.count;
    writer.put(run, std::span(columns.times).subspan(given, own), out);
    given += own;
  }
}

bool get_runs(Reader& reader, std::uint32_t count, std::int64_t first_ns, Columns& columns, std::int64_t& last_ns) {
  const auto form = reader.get<std::uint8_t>();
  if (form == form_even) {
    // `last_ns` is the header's.
    const std::int64_t width = sum_of(last_ns, -first_ns);
    const std::int64_t steps = std::int64_t{count} - 1;
    if (width < 0 || (steps == 0 ? width != 0 : width % steps != 0)) return false;
    const Period period{steps == 0 ? 1 : width / steps, 1};
    if (!period.is_valid()) return false;
    columns.runs.push_back({count, {first_ns, period, 0}});
    return true;
  }
  if (form != form_runs) return false;
  std::int64_t before_ns = first_ns;
  Period period;
  for (std::uint32_t done = 0; done < count;) {
    const std::uint64_t head = reader.get_varint();
    const std::uint64_t own = head >> 1;
    if (reader.failed() || own == 0 || own > count - done) return false;
    const std::int64_t begin_ns = sum_of(before_ns, reader.get_zigzag());
    if (done == 0 ? begin_ns != first_ns : begin_ns <= before_ns) return false;
    TimeRun run{static_cast<std::uint32_t>(own), {}};
    if (head & 1) {
      if (own > block_max) return false;
      std::array<std::int64_t, block_max> differences;
      if (!get_differences(reader, {differences.data(), own - 1})) return false;
      before_ns = begin_ns;
      columns.times.push_back(begin_ns);
      for (std::size_t i = 1; i < own; ++i) {
        const std::int64_t next_ns = sum_of(before_ns, differences[i - 1]);
        if (next_ns <= before_ns) return false;
        columns.times.push_back(before_ns = next_ns);
      }
    } else {
      const std::uint64_t numerator = reader.get_varint();
      if (numerator > static_cast<std::uint64_t>(Period::numerator_max)) return false;
      if (numerator != 0) {
        const std::uint64_t denominator = reader.get_varint();
        if (denominator > Period::denominator_max) return false;
        period = {static_cast<std::int64_t>(numerator), static_cast<std::uint32_t>(denominator)};
      }
      const std::uint64_t phase = reader.get_varint();
      if (reader.failed() || !period.is_valid() || phase >= period.denominator) return false;
      const auto index = static_cast<std::int64_t>(phase);
      run.from = {sum_of(begin_ns, -period.offset_ns(index)), period, index};
      before_ns = run.from.time_of(index + run.count - 1);
      if (before_ns < begin_ns) return false;
    }
    columns.add_run(run);
    done += run.count;
  }
  last_ns = before_ns;
  return !reader.failed();
}

}  // namespace salus::series
