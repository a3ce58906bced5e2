#include "app/signals_reader.hpp"

#include <algorithm>
#include <map>

#include "monitor/telemetry.hpp"
#include "view/prefixed_table.hpp"

namespace salus::app {
namespace {

using fhir::SignalCell, fhir::SignalSample, fhir::SignalStretch;

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kBatchCells = 32;  // of numbers, read at once

view::PrefixedTable series_in(const SignalChannel& channel) {
  return view::PrefixedTable{*channel.table, std::string(monitor::Telemetry::series_prefix)};
}

std::int64_t ceil_to(std::int64_t time_ns, std::int64_t width_ns) {
  const std::int64_t low = series::floor_to(time_ns, width_ns);
  return low == time_ns ? low : low + width_ns;
}

// The first sample of [from, to).
Result<std::optional<std::int64_t>> first_in(const SignalChannel& channel, series::Interval interval) {
  if (interval.from_ns >= interval.to_ns) return std::nullopt;
  const auto page = series::range(series_in(channel), channel.copy, interval, 1);
  if (!page) return fail(page.error());
  if (page->samples.empty()) return std::nullopt;
  return page->samples.front().time_ns;
}

}  // namespace

std::int64_t cell_length(fhir::SignalKind kind, std::int64_t cell_ns) {
  return kind == fhir::SignalKind::wave ? std::min(cell_ns, kMinute) : cell_ns;
}

Result<std::vector<SignalSample>> samples_of(const SignalChannel& channel, series::Interval interval,
                                             std::size_t most) {
  std::vector<SignalSample> samples;
  while (interval.from_ns < interval.to_ns) {
    const auto page = series::range(series_in(channel), channel.copy, interval, series::QueryLimits::samples_max);
    if (!page) return fail(page.error());
    if (samples.size() + page->samples.size() > most)
      return fail(ErrorCode::too_large, "The interval holds more than {} samples; ask for a shorter one.", most);
    for (const series::Sample& sample : page->samples) samples.push_back({sample.time_ns, sample.value});
    if (!page->next_ns) break;
    interval.from_ns = *page->next_ns;
  }
  return samples;
}

void ChannelReader::add(SignalStretch stretch, std::shared_ptr<const SignalChannel> channel, std::int64_t cell_ns) {
  if (!channel->summary.latest) return;
  // What is stored lies between these; so do the multiples of a cell around it.
  series::Interval left{std::max(stretch.from_ns, channel->summary.first_ns),
                        std::min(stretch.to_ns, channel->summary.latest->time_ns + 1)};
  if (ask_.from_ns > left.from_ns) left.from_ns = std::max(left.from_ns, series::floor_to(ask_.from_ns, cell_ns));
  if (ask_.to_ns < left.to_ns) left.to_ns = std::min(left.to_ns, ceil_to(ask_.to_ns, cell_ns));
  if (ask_.after && !ask_.descending)
    left.from_ns = std::max(left.from_ns, series::floor_to(ask_.after->effective_ns, cell_ns));
  if (ask_.after && ask_.descending)
    left.to_ns = std::min(left.to_ns, series::floor_to(ask_.after->effective_ns, cell_ns) + cell_ns);
  if (left.from_ns >= left.to_ns) return;
  streams_.push_back({std::make_shared<const SignalStretch>(std::move(stretch)), std::move(channel), cell_ns, left});
}

// The next cells that are not all empty, ascending.
Result<std::optional<series::Interval>> ChannelReader::ahead(const Stream& stream) const {
  const auto first = first_in(*stream.channel, stream.left);
  if (!first) return fail(first.error());
  if (!*first) return std::nullopt;
  const std::int64_t start_ns = series::floor_to(**first, stream.cell_ns);
  const std::int64_t cells = stream.channel->copy.is_wave ? 1 : kBatchCells;
  return series::Interval{std::max(start_ns, stream.left.from_ns),
                          std::min(start_ns + cells * stream.cell_ns, stream.left.to_ns)};
}

// The same, descending: twice as far back as long as there is nothing, then to the last cell of what was found.
Result<std::optional<series::Interval>> ChannelReader::behind(const Stream& stream) const {
  const std::int64_t cell_ns = stream.cell_ns, floor_ns = stream.left.from_ns;
  std::int64_t high = stream.left.to_ns, low = std::max(floor_ns, series::floor_to(high - 1, cell_ns));
  for (std::int64_t width = cell_ns;; width *= 2) {
    const auto first = first_in(*stream.channel, {low, high});
    if (!first) return fail(first.error());
    if (*first) break;
    if (low == floor_ns) return std::nullopt;
    high = low;
    low = std::max(floor_ns, width > high - floor_ns ? floor_ns : series::floor_to(high - width, cell_ns));
  }
  while (series::floor_to(high - 1, cell_ns) > low) {
    const std::int64_t middle = series::floor_to(low + (high - low) / 2, cell_ns);
    const std::int64_t upper = middle > low ? middle : series::floor_to(low, cell_ns) + cell_ns;
    const auto first = first_in(*stream.channel, {upper, high});
    if (!first) return fail(first.error());
    (*first ? low : high) = upper;
  }
  const std::int64_t cells = stream.channel->copy.is_wave ? 0 : kBatchCells - 1;
  return series::Interval{std::max(floor_ns, series::floor_to(high - 1, cell_ns) - cells * cell_ns), high};
}

Result<void> ChannelReader::fill(Stream& stream) const {
  while (stream.cells.empty() && stream.left.from_ns < stream.left.to_ns) {
    const auto part = ask_.descending ? behind(stream) : ahead(stream);
    if (!part) return fail(part.error());
    if (!*part) {
      stream.left.from_ns = stream.left.to_ns;
      return {};
    }
    auto samples = samples_of(*stream.channel, **part, fhir::SignalSource::cell_samples_max);
    if (!samples) return fail(samples.error());
    (ask_.descending ? stream.left.to_ns : stream.left.from_ns) = ask_.descending ? (*part)->from_ns : (*part)->to_ns;
    std::vector<SignalCell> cells;
    for (const SignalSample& sample : *samples) {
      const std::int64_t start_ns = series::floor_to(sample.time_ns, stream.cell_ns);
      if (cells.empty() || cells.back().start_ns != start_ns)
        cells.push_back({.stretch = stream.stretch, .start_ns = start_ns, .cell_ns = stream.cell_ns, .samples = {}});
      cells.back().samples.push_back(sample);
    }
    if (ask_.descending) std::ranges::reverse(cells);
    for (SignalCell& cell : cells) {
      if (ask_.after) {
        const fhir::SignalPlace place = place_of(cell);
        if (ask_.descending ? place >= *ask_.after : place <= *ask_.after) continue;
      }
      stream.cells.push_back(std::move(cell));
    }
  }
  return {};
}

Result<std::optional<SignalCell>> ChannelReader::next() {
  Stream* first = nullptr;
  for (Stream& stream : streams_) {
    if (auto done = fill(stream); !done) return fail(done.error());
    if (stream.cells.empty()) continue;
    if (first == nullptr) {
      first = &stream;
      continue;
    }
    const bool before = place_of(stream.cells.front()) < place_of(first->cells.front());
    if (before != ask_.descending) first = &stream;
  }
  if (first == nullptr) return std::nullopt;
  SignalCell cell = std::move(first->cells.front());
  first->cells.pop_front();
  return cell;
}

std::vector<std::shared_ptr<const SignalStretch>> ChannelReader::stretches() const {
  std::vector<std::shared_ptr<const SignalStretch>> found;
  for (const Stream& stream : streams_) found.push_back(stream.stretch);
  std::ranges::sort(found, {},
                    [](const auto& stretch) { return std::tuple(stretch->from_ns, stretch->mdc, stretch->device); });
  return found;
}

const ChannelReader::Stream* ChannelReader::stream_of(const SignalStretch& stretch) const {
  const auto found = std::ranges::find(streams_, &stretch, [](const Stream& stream) { return stream.stretch.get(); });
  return found == streams_.end() ? nullptr : &*found;
}

series::Interval ChannelReader::exactly(const Stream& stream) const {
  return {std::max({stream.stretch->from_ns, ask_.from_ns, stream.channel->summary.first_ns}),
          std::min({stream.stretch->to_ns, ask_.to_ns, stream.channel->summary.latest->time_ns + 1})};
}

Result<std::vector<SignalSample>> ChannelReader::samples(const SignalStretch& stretch, std::size_t most) const {
  const Stream* stream = stream_of(stretch);
  return stream == nullptr ? std::vector<SignalSample>{} : samples_of(*stream->channel, exactly(*stream), most);
}

Result<fhir::SignalStatistics> ChannelReader::statistics(const SignalStretch& stretch, bool with_values,
                                                         std::size_t most) const {
  fhir::SignalStatistics out;
  const Stream* stream = stream_of(stretch);
  if (stream == nullptr) return out;
  const series::Interval interval = exactly(*stream);
  if (interval.from_ns >= interval.to_ns) return out;
  // One step over all of it: chunks that lie within are not decoded.
  const auto steps = series::aggregate(series_in(*stream->channel), stream->channel->copy, interval,
                                       interval.to_ns - interval.from_ns);
  if (!steps) return fail(steps.error());
  if (steps->empty()) return out;
  const series::ChunkStats& all = steps->front().stats;
  out = {.count = all.count,
         .min = all.min,
         .max = all.max,
         .first = all.first,
         .last = all.last,
         .first_ns = all.first_ns,
         .last_ns = all.last_ns,
         .sum = all.sum,
         .values = {}};
  if (!with_values) return out;
  auto samples = samples_of(*stream->channel, interval, most);
  if (!samples) return fail(samples.error());
  std::map<std::int32_t, std::uint64_t> values;
  for (const SignalSample& sample : *samples) ++values[sample.value];
  out.values.assign(values.begin(), values.end());
  return out;
}

}  // namespace salus::app
