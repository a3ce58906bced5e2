// Reading a channel: over a snapshot of the table and a copy of what was open, so that another thread than apply's may
// do the decoding. What came late is merged; of two samples at one instant the one that came first is shown. Gaps stay
// gaps.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "series/store.hpp"
#include "view/table.hpp"

namespace salus::series {

struct QueryLimits {
  static constexpr std::size_t samples_max = 100'000;  // on a page
  static constexpr std::size_t steps_max = 100'000;
  static constexpr std::size_t columns_max = 10'000;
  static constexpr std::size_t late_max = 1'000'000;  // late samples that one question may have to merge
};

// [from, to)
struct Interval {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
};

struct Page {
  std::vector<Sample> samples;  // ascending
  // Where the next page begins: ask again from here. Nothing when this was the last.
  std::optional<std::int64_t> next_ns;
};

// Errors: invalid (an empty interval, a limit of 0), damaged (names the chunk's start).
Result<Page> range(const view::TableReader& table, const ChannelCopy& channel, Interval interval, std::size_t limit);

// Samples of one step. Mean is sum / count, left to the caller so that nothing is lost here.
struct Step {
  std::int64_t start_ns = 0;  // from + k × step
  ChunkStats stats;
};

// Steps without samples are absent. Chunks that lie within a step are not decoded.
// Errors: invalid, too_large (over steps_max), damaged.
Result<std::vector<Step>> aggregate(const view::TableReader& table, const ChannelCopy& channel, Interval interval,
                                    std::int64_t step_ns);

// A channel drawn in so many columns, each the count, least and greatest of a stretch of time. Exact, late samples
// included; columns without samples are absent: a gap stays a gap.
struct Picture {
  std::int64_t start_ns = 0;  // of column 0: at or before the interval's start
  std::int64_t step_ns = 0;   // of a column: at least the interval / columns_max
  struct Column {
    std::uint32_t index = 0;
    std::uint64_t count = 0;
    Value min = 0;
    Value max = 0;
    bool operator==(const Column&) const = default;
  };
  std::vector<Column> columns;  // ascending, at most columns_max + 1
};

// Where columns are as wide as rollups they are made of whole ones, so that a year is some hundred reads; then step and
// start are multiples of theirs, and the last column may reach behind the interval's end.
// Errors: invalid, damaged, too_large (the interval is so long, or so much of it came late, that it is not read).
Result<Picture> picture(const view::TableReader& table, const ChannelCopy& channel, Interval interval,
                        std::size_t columns_max);

}  // namespace salus::series
