// Drawing a channel: from rollups where columns are wide enough, else from samples.
#include <algorithm>

#include "series/keys.hpp"
#include "series/query.hpp"
#include "series/rollup.hpp"

namespace salus::series {
namespace {

// Whether the table's rollups and the copy's pending ones go together: the table is as it was when the copy was made.
bool belong_together(const view::TableReader& table, const ChannelCopy& channel) {
  const auto saved = table.get("o" + channel.key);
  if (!saved) return channel.saved_chunks == 0;
  Reader reader{*saved};
  reader.get<std::uint8_t>();  // whether it is a wave
  return reader.get<std::uint32_t>() == channel.saved_chunks;
}

void draw(const Cell& cell, Picture& picture) {
  if (cell.count == 0) return;
  const auto index = static_cast<std::uint32_t>((cell.start_ns - picture.start_ns) / picture.step_ns);
  if (picture.columns.empty() || picture.columns.back().index != index) {
    picture.columns.push_back({index, cell.count, cell.min, cell.max});
    return;
  }
  Picture::Column& column = picture.columns.back();
  column.count += cell.count;
  column.min = std::min(column.min, cell.min);
  column.max = std::max(column.max, cell.max);
}

Result<Picture> from_samples(const view::TableReader& table, const ChannelCopy& channel, Interval interval,
                             std::int64_t step_ns) {
  const auto steps = aggregate(table, channel, interval, step_ns);
  if (!steps) return fail(steps.error());
  Picture picture{interval.from_ns, step_ns, {}};
  for (const Step& step : *steps)
    draw({step.start_ns, step.stats.count, step.stats.min, step.stats.max, step.stats.sum, false}, picture);
  return picture;
}

// Every cell of the level within [from, to), ascending, late ones marked.
Result<std::vector<Cell>> cells_of(const view::TableReader& table, const ChannelCopy& channel, Interval interval,
                                   std::size_t level) {
  const std::int64_t width_ns = cell_ns[level];
  std::vector<Cell> cells;
  bool right = true;
  std::string prefix{rollup_tag};
  prefix.append(channel.key).push_back(static_cast<char>(level));
  std::string from = prefix, to = prefix;
  put_time(from, floor_to(interval.from_ns, width_ns * record_cells));
  put_time(to, interval.to_ns);
  table.scan(from, to, [&](ByteView key, ByteView bytes) {
    const auto record_ns =
        static_cast<std::int64_t>(get_big_endian(key.substr(key.size() - 8)) ^ std::uint64_t{1} << 63);
    return right = decode_cells(bytes, record_ns, width_ns, cells);
  });
  if (!right) return fail(ErrorCode::damaged, "A rollup can not be read; rebuild the view from the log.");
  const std::size_t stored = cells.size();
  cells.insert(cells.end(), channel.pending[level].begin(), channel.pending[level].end());
  if (!channel.open.empty()) {
    Columns open;
    if (const auto stats = decode_columns(channel.open, open); !stats) return fail(stats.error());
    std::vector<Cell> newest;
    add_cells(open, width_ns, newest);
    cells.insert(cells.end(), newest.begin(), newest.end());
  }
  for (const Sample& sample : channel.late) {
    cells.push_back({.start_ns = floor_to(sample.time_ns, width_ns)});
    cells.back().late = true;
  }
  if (cells.size() > stored) merge_cells(cells);
  std::erase_if(cells,
                [&](const Cell& cell) { return cell.start_ns < interval.from_ns || cell.start_ns >= interval.to_ns; });
  return cells;
}

}  // namespace

Result<Picture> picture(const view::TableReader& table, const ChannelCopy& channel, Interval interval,
                        std::size_t columns_max) {
  if (interval.from_ns >= interval.to_ns)
    return fail(ErrorCode::invalid, "The interval is empty: 'from' must be before 'to'.");
  if (columns_max == 0 || columns_max > QueryLimits::columns_max)
    return fail(ErrorCode::invalid, "A picture has 1 to {} columns.", QueryLimits::columns_max);
  const auto width = static_cast<std::uint64_t>(interval.to_ns) - static_cast<std::uint64_t>(interval.from_ns);
  constexpr std::uint64_t width_max = std::uint64_t{1} << 62;  // 146 years
  constexpr std::int64_t from_min = -(std::int64_t{1} << 62);
  if (width > width_max || interval.from_ns < from_min)
    return fail(ErrorCode::too_large, "The interval is longer than a century; take a shorter one.");
  const auto step_ns = static_cast<std::int64_t>((width + columns_max - 1) / columns_max);
  std::size_t level = levels;
  while (level > (channel.is_wave ? 0 : wave_level + 1) && step_ns < cell_ns[level - 1]) --level;
  const bool wide = level > (channel.is_wave ? 0 : wave_level + 1);
  if (!wide || !belong_together(table, channel)) return from_samples(table, channel, interval, step_ns);
  const std::int64_t cell = cell_ns[--level];
  Picture picture{floor_to(interval.from_ns, cell), (step_ns + cell - 1) / cell * cell, {}};
  const Result<std::vector<Cell>> cells = cells_of(table, channel, {picture.start_ns, interval.to_ns}, level);
  if (!cells) return fail(cells.error());
  for (std::size_t at = 0; at < cells->size();) {
    if (!(*cells)[at].late) {
      draw((*cells)[at++], picture);
      continue;
    }
    // A stretch of cells in which something came late: its samples themselves. (Cells hold all that was in order, so
    // that between two late ones nothing is missing.)
    const std::int64_t begin_ns = (*cells)[at].start_ns;
    std::int64_t end_ns = begin_ns;
    for (; at < cells->size() && (*cells)[at].late && (*cells)[at].start_ns == end_ns; ++at) end_ns += cell;
    const auto steps = aggregate(table, channel, {begin_ns, end_ns}, cell);
    if (!steps) return fail(steps.error());
    for (const Step& step : *steps)
      draw({step.start_ns, step.stats.count, step.stats.min, step.stats.max, step.stats.sum, false}, picture);
  }
  return picture;
}

}  // namespace salus::series
