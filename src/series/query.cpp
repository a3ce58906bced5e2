#include "series/query.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "series/keys.hpp"

namespace salus::series {
namespace {

constexpr std::int64_t span_max_ns = std::chrono::nanoseconds{std::chrono::hours{1}}.count();

// `number` counts the channel's chunks in the order in which they were closed; the open one comes last.
using VisitChunk = std::function<bool(ByteView bytes, const ChunkStats& stats, std::uint32_t number)>;
constexpr std::uint32_t not_closed = ~std::uint32_t{0};

std::uint32_t number_in(ByteView key) {
  std::uint32_t number = 0;
  for (const char byte : key.substr(key.size() - 4)) number = number << 8 | static_cast<std::uint8_t>(byte);
  return number;
}

bool overlaps(const ChunkStats& stats, const Interval& interval) {
  return stats.last_ns >= interval.from_ns && stats.first_ns < interval.to_ns;
}

// Every chunk of a kind that reaches into the interval, each once, main ones ascending, until `visit` returns false.
Result<void> visit_chunks(const view::TableReader& table, const ChannelCopy& channel, char tag,
                          const Interval& interval, const VisitChunk& visit) {
  Result<void> result;
  bool more = true;
  std::int64_t newest_ns = interval.from_ns - span_max_ns;
  const auto one = [&](ByteView bytes, std::uint32_t number) {
    const Result<ChunkStats> stats = read_stats(bytes);
    if (!stats) {
      result = fail(stats.error());
      return more = false;
    }
    newest_ns = std::max(newest_ns, stats->last_ns);
    if (overlaps(*stats, interval)) more = visit(bytes, *stats, number);
    return more;
  };
  const std::string prefix = chunk_prefix(channel.key, tag);
  std::string from = prefix, to = prefix;
  put_time(from, std::max(interval.from_ns, std::numeric_limits<std::int64_t>::min() + span_max_ns) - span_max_ns);
  put_time(to, interval.to_ns);
  std::string last_key;
  table.scan(from, to, [&](ByteView key, ByteView bytes) {
    last_key = key;
    return one(bytes, number_in(key));
  });
  for (const auto& [key, bytes] : channel.waiting) {
    if (!more) return result;
    // A snapshot taken after the copy may hold it already: main chunks ascend, late ones are looked up.
    if (!ByteView(key).starts_with(prefix) || (tag == main_tag ? key <= last_key : table.get(key).has_value()))
      continue;
    one(*bytes, number_in(key));
  }
  if (tag == main_tag && more && !channel.open.empty()) {
    const Result<ChunkStats> open = read_stats(channel.open);
    // Closed since, and in the snapshot: then that one holds all of it.
    if (open && open->first_ns > newest_ns) one(channel.open, not_closed);
  }
  return result;
}

// What came late within the interval, ascending, each instant once: the one whose chunk was closed first, which is the
// one that came first. Where a chunk starts says nothing about that.
Result<std::vector<Sample>> late_samples(const view::TableReader& table, const ChannelCopy& channel,
                                         const Interval& interval) {
  struct Late {
    Sample sample;
    std::uint32_t chunk = 0;
  };
  std::vector<Late> found;
  std::vector<Sample> samples;
  const auto take = [&](std::uint32_t chunk) {
    for (const Sample& sample : samples)
      if (sample.time_ns >= interval.from_ns && sample.time_ns < interval.to_ns) found.push_back({sample, chunk});
  };
  Result<void> decoded;
  bool too_many = false;
  const Result<void> visited =
      visit_chunks(table, channel, late_tag, interval, [&](ByteView bytes, const ChunkStats&, std::uint32_t number) {
        samples.clear();
        const Result<ChunkStats> stats = decode_chunk(bytes, samples);
        if (!stats) decoded = fail(stats.error());
        take(number);
        too_many = found.size() > QueryLimits::late_max;
        return stats.has_value() && !too_many;
      });
  if (!visited) return fail(visited.error());
  if (!decoded) return fail(decoded.error());
  if (too_many)
    return fail(ErrorCode::too_large, "The interval holds over a million late samples; ask for a shorter one.");
  samples = channel.late;
  take(not_closed);
  std::ranges::sort(found, {}, [](const Late& late) { return std::pair(late.sample.time_ns, late.chunk); });
  samples.clear();
  for (const Late& late : found)
    if (samples.empty() || samples.back().time_ns != late.sample.time_ns) samples.push_back(late.sample);
  return samples;
}

// Both ascending; of two at one instant the main one stays.
std::vector<Sample> merge(const std::vector<Sample>& main, const std::vector<Sample>& late) {
  if (late.empty()) return main;
  std::vector<Sample> all;
  all.reserve(main.size() + late.size());
  std::ranges::merge(main, late, std::back_inserter(all), {}, &Sample::time_ns, &Sample::time_ns);
  const auto rest = std::ranges::unique(all, {}, &Sample::time_ns);
  all.erase(rest.begin(), rest.end());
  return all;
}

Result<void> check(const Interval& interval) {
  if (interval.from_ns < interval.to_ns) return {};
  return fail(ErrorCode::invalid, "The interval is empty: 'from' must be before 'to'.");
}

}  // namespace

Result<Page> range(const view::TableReader& table, const ChannelCopy& channel, Interval interval, std::size_t limit) {
  if (const Result<void> right = check(interval); !right) return fail(right.error());
  if (limit == 0 || limit > QueryLimits::samples_max)
    return fail(ErrorCode::invalid, "A page has 1 to {} samples.", QueryLimits::samples_max);
  std::vector<Sample> main;
  Result<void> decoded;
  const Result<void> visited =
      visit_chunks(table, channel, main_tag, interval, [&](ByteView bytes, const ChunkStats&, std::uint32_t) {
        const Result<ChunkStats> stats = decode_chunk(bytes, main);
        if (!stats) decoded = fail(stats.error());
        std::erase_if(main, [&](const Sample& sample) {
          return sample.time_ns < interval.from_ns || sample.time_ns >= interval.to_ns;
        });
        return stats.has_value() && main.size() <= limit;
      });
  if (!visited) return fail(visited.error());
  if (!decoded) return fail(decoded.error());
  const Interval covered{interval.from_ns, main.size() > limit ? main.back().time_ns + 1 : interval.to_ns};
  const Result<std::vector<Sample>> late = late_samples(table, channel, covered);
  if (!late) return fail(late.error());
  Page page{merge(main, *late), std::nullopt};
  if (page.samples.size() > limit) {
    page.next_ns = page.samples[limit].time_ns;
    page.samples.resize(limit);
  }
  return page;
}

Result<std::vector<Step>> aggregate(const view::TableReader& table, const ChannelCopy& channel, Interval interval,
                                    std::int64_t step_ns) {
  if (const Result<void> right = check(interval); !right) return fail(right.error());
  const auto width = static_cast<std::uint64_t>(interval.to_ns) - static_cast<std::uint64_t>(interval.from_ns);
  if (step_ns <= 0) return fail(ErrorCode::invalid, "The step must be longer than nothing.");
  if ((width - 1) / static_cast<std::uint64_t>(step_ns) >= QueryLimits::steps_max)
    return fail(ErrorCode::too_large, "The interval has more than {} steps; take longer ones.", QueryLimits::steps_max);
  Result<std::vector<Sample>> late = late_samples(table, channel, interval);
  if (!late) return fail(late.error());

  std::map<std::int64_t, ChunkStats> steps;
  const auto step_of = [&](std::int64_t time_ns) { return (time_ns - interval.from_ns) / step_ns; };
  const auto add = [&](const ChunkStats& more) {
    ChunkStats& step = steps[step_of(more.first_ns)];
    if (step.count == 0) {
      step = more;
      return;
    }
    if (more.first_ns < step.first_ns) std::tie(step.first_ns, step.first) = std::pair(more.first_ns, more.first);
    if (more.last_ns > step.last_ns) std::tie(step.last_ns, step.last) = std::pair(more.last_ns, more.last);
    step.count += more.count;
    step.min = std::min(step.min, more.min);
    step.max = std::max(step.max, more.max);
    step.sum += more.sum;
  };
  const auto add_one = [&](const Sample& sample) {
    ChunkStats one;
    one.add(sample.time_ns, sample.value);
    add(one);
  };
  std::vector<Sample> samples;
  std::size_t next_late = 0;  // late samples before it are counted
  Result<void> decoded;
  const Result<void> visited =
      visit_chunks(table, channel, main_tag, interval, [&](ByteView bytes, const ChunkStats& stats, std::uint32_t) {
        for (; next_late < late->size() && (*late)[next_late].time_ns < stats.first_ns; ++next_late)
          add_one((*late)[next_late]);
        const bool within = stats.first_ns >= interval.from_ns && stats.last_ns < interval.to_ns &&
                            step_of(stats.first_ns) == step_of(stats.last_ns);
        const bool alone = next_late == late->size() || (*late)[next_late].time_ns > stats.last_ns;
        if (within && alone) {
          add(stats);
          return true;
        }
        samples.clear();
        const Result<ChunkStats> full = decode_chunk(bytes, samples);
        if (!full) {
          decoded = fail(full.error());
          return false;
        }
        for (const Sample& sample : samples) {
          for (; next_late < late->size() && (*late)[next_late].time_ns < sample.time_ns; ++next_late)
            add_one((*late)[next_late]);
          if (next_late < late->size() && (*late)[next_late].time_ns == sample.time_ns) ++next_late;
          if (sample.time_ns >= interval.from_ns && sample.time_ns < interval.to_ns) add_one(sample);
        }
        return true;
      });
  if (!visited) return fail(visited.error());
  if (!decoded) return fail(decoded.error());
  for (; next_late < late->size(); ++next_late) add_one((*late)[next_late]);

  std::vector<Step> result;
  result.reserve(steps.size());
  for (const auto& [number, stats] : steps) result.push_back({interval.from_ns + number * step_ns, stats});
  return result;
}

}  // namespace salus::series
