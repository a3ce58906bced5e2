#include "series/store.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "series/keys.hpp"

namespace salus::series {
namespace {

constexpr std::int64_t sweep_every_ns = 60'000'000'000;
constexpr std::string_view store_key = "s";

}  // namespace

std::optional<Channel> Store::open(const ChannelKey& key) {
  if (const auto found = index_.find(key); found != index_.end()) return found->second;
  if (states_.size() >= limits_.channels_max) return std::nullopt;
  const Channel channel{static_cast<std::uint32_t>(states_.size())};
  State& fresh = states_.emplace_back();
  fresh.key = channel_bytes(key);
  fresh.place = static_cast<std::uint32_t>(channel);
  fresh.first_share = whole_share / 2 + crc32c(fresh.key) % (whole_share / 2 + 1);
  index_.emplace(key, channel);
  return channel;
}

std::optional<Channel> Store::find(const ChannelKey& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<ChannelKey> Store::channels_of(std::string_view device) const {
  std::vector<ChannelKey> keys;
  for (auto at = index_.lower_bound({std::string(device), 0, 0}); at != index_.end() && at->first.device == device;
       ++at)
    keys.push_back(at->first);
  return keys;
}

void Store::touch(State& channel, Time now) {
  channel.touched_ns = ns_of(now);
  if (channel.dirty) return;
  channel.dirty = true;
  dirty_.push_back(channel.place);
}

Appended Store::append(Channel which, std::int64_t time_ns, Value value, Time now) {
  State& channel = state(which);
  touch(channel, now);
  ChannelSummary& summary = channel.summary;
  if (summary.latest && time_ns <= summary.latest->time_ns) return append_late(channel, time_ns, value);
  make_room(channel, time_ns, room_of(channel, limits_.samples_max));
  channel.main.append(time_ns, value);
  if (!summary.latest) summary.first_ns = time_ns;
  summary.latest = {time_ns, value};
  ++summary.count;
  return Appended::in_order;
}

// A ward's devices begin together. So that their chunks do not all end together too, hour after hour, a channel's first
// one is shorter, by a share that its name gives.
Store::Room Store::room_of(const State& channel, std::uint32_t samples_max) const {
  if (channel.chunks > 0) return {samples_max, limits_.span_max.count()};
  const std::uint32_t share = channel.first_share;
  return {std::max(1U, static_cast<std::uint32_t>(std::uint64_t{samples_max} * share / whole_share)),
          limits_.span_max.count() / whole_share * share};
}

void Store::make_room(State& channel, std::int64_t next_ns, const Room& room) {
  const ChunkStats& open = channel.main.stats();
  if (open.count > 0 && (open.count >= room.samples || next_ns - open.first_ns >= room.span_ns)) close_main(channel);
}

Appended Store::append_late(State& channel, std::int64_t time_ns, Value value) {
  ChannelSummary& summary = channel.summary;
  std::vector<Sample>& late = channel.late;
  auto at = std::ranges::lower_bound(late, time_ns, {}, &Sample::time_ns);
  const bool known = time_ns == summary.latest->time_ns || (at != late.end() && at->time_ns == time_ns) ||
                     channel.main.tail_contains(time_ns);
  if (known) {
    ++summary.repeated;
    return Appended::repeated;
  }
  const auto too_far = [&] {
    return std::max(time_ns, late.back().time_ns) - std::min(time_ns, late.front().time_ns) >= limits_.span_max.count();
  };
  if (late.size() >= limits_.late_max || (!late.empty() && too_far())) {
    close_late(channel);
    at = late.end();
  }
  late.insert(at, {time_ns, value});
  summary.first_ns = std::min(summary.first_ns, time_ns);
  ++summary.count;
  ++summary.late;
  return Appended::late;
}

Store::Wave Store::append_wave(Channel which, std::int64_t start_ns, const Period& period,
                               std::span<const Value> values, Time now) {
  SALUS_ASSERT(period.is_valid() && values.size() <= ChunkLimits::samples_max);
  State& channel = state(which);
  Wave result;
  if (values.empty()) return result;
  touch(channel, now);
  channel.is_wave = true;
  TimeCursor from{start_ns, period, 0};
  if (channel.run.period == period) {
    const std::int64_t difference = channel.run.time_ns() - start_ns;
    if (difference >= -1 && difference <= 1) from = channel.run;
  }
  // What is not after the newest sample is late, one by one.
  std::size_t at = 0;
  ChannelSummary& summary = channel.summary;
  TimeCursor next = from;
  for (; at < values.size() && summary.latest && next.time_ns() <= summary.latest->time_ns;
       ++at, next = from.later(static_cast<std::int64_t>(at)))
    (append_late(channel, next.time_ns(), values[at]) == Appended::late ? result.late : result.repeated) += 1;
  if (at == values.size()) return result;
  result.in_order = values.size() - at;
  if (!summary.latest) summary.first_ns = next.time_ns();
  for (values = values.subspan(at); !values.empty();) {
    make_room(channel, next.time_ns(), room_of(channel, limits_.wave_samples_max));
    const Room whole = room_of(channel, limits_.wave_samples_max);  // again: it may be another chunk
    // As many as the chunk takes; a slow wave's chunk ends at the hour.
    const std::int64_t start = channel.main.empty() ? next.time_ns() : channel.main.stats().first_ns;
    const std::int64_t step = std::max<std::int64_t>(1, period.numerator_ns / period.denominator);
    const std::int64_t by_time = 1 + (start + whole.span_ns - 1 - next.time_ns()) / (step + 1);
    const auto room =
        static_cast<std::int64_t>(whole.samples - std::min(whole.samples - 1, channel.main.stats().count));
    const auto count = static_cast<std::size_t>(
        std::clamp<std::int64_t>(std::min(room, by_time), 1, static_cast<std::int64_t>(values.size())));
    channel.main.append_regular(next, values.first(count));
    next = next.later(static_cast<std::int64_t>(count));
    values = values.subspan(count);
  }
  channel.run = next;
  summary.latest = {channel.main.stats().last_ns, channel.main.stats().last};
  summary.count += result.in_order;
  return result;
}

void Store::wait(State& channel, char tag, std::int64_t start_ns, const ChunkBuilder& chunk, std::size_t lowest_level) {
  std::string key = chunk_prefix(channel.key, tag);
  put_time(key, start_ns);
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(channel.chunks >> shift));
  ++channel.chunks;
  auto closing = std::make_shared<Closing>(chunk.encode(), lowest_level);
  if (worker_ != nullptr) worker_->offer([closing] { closing->finish(); });
  channel.waiting.emplace_back(std::move(key), std::move(closing));
}

void Store::close_main(State& channel) {
  if (channel.main.empty()) return;
  wait(channel, main_tag, channel.main.stats().first_ns, channel.main, channel.is_wave ? 0 : wave_level + 1);
  channel.main.clear();
}

void Store::close_late(State& channel) {
  if (channel.late.empty()) return;
  ChunkBuilder chunk;
  for (const Sample& sample : channel.late) {
    chunk.append(sample.time_ns, sample.value);
    for (std::size_t level = 0; level < levels; ++level) {
      std::vector<Cell>& cells = channel.late_cells[level];
      const std::int64_t start_ns = floor_to(sample.time_ns, cell_ns[level]);
      if (cells.empty() || cells.back().start_ns != start_ns) cells.push_back({.start_ns = start_ns});
      cells.back().late = true;
    }
  }
  wait(channel, late_tag, chunk.stats().first_ns, chunk, levels);
  channel.late.clear();
}

// Rollups of what waits. Requires: all of it is finished.
Closing::Cells Store::pending(const State& channel) {
  Closing::Cells all = channel.late_cells;
  for (const auto& [key, closing] : channel.waiting)
    for (std::size_t level = 0; level < levels; ++level)
      all[level].insert(all[level].end(), closing->cells()[level].begin(), closing->cells()[level].end());
  return all;
}

// Adding is in any order the same, so that it does not show when this was called.
void Store::save_rollups(State& channel, view::Table& table) {
  Closing::Cells all = pending(channel);
  for (std::size_t level = 0; level < levels; ++level) {
    std::vector<Cell>& cells = all[level];
    merge_cells(cells);
    const std::int64_t width_ns = cell_ns[level], record_width_ns = width_ns * record_cells;
    for (std::size_t at = 0; at < cells.size();) {
      const std::int64_t record_ns = floor_to(cells[at].start_ns, record_width_ns);
      const std::string key = rollup_key(channel.key, level, record_ns);
      std::vector<Cell> record;
      if (const auto bytes = table.get(key)) decode_cells(*bytes, record_ns, width_ns, record);
      for (; at < cells.size() && cells[at].start_ns < record_ns + record_width_ns; ++at) record.push_back(cells[at]);
      merge_cells(record);
      table.put(key, encode_cells(record, record_ns, width_ns));
    }
  }
  channel.late_cells = {};
  channel.saved_chunks = channel.chunks;
}

void Store::cut(Channel which) {
  State& channel = state(which);
  if (channel.main.empty() && channel.late.empty()) return;
  touch(channel, time_from_ns(channel.touched_ns));
  close_main(channel);
  close_late(channel);
}

void Store::advance(Time now) {
  if (ns_of(now) < next_sweep_ns_) return;
  next_sweep_ns_ = ns_of(now) + sweep_every_ns;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const bool is_open = !states_[i].main.empty() || !states_[i].late.empty();
    if (is_open && ns_of(now) - states_[i].touched_ns >= limits_.stale_after.count())
      cut(Channel{static_cast<std::uint32_t>(i)});
  }
}

void Store::save(view::Table& table) {
  std::string bytes;
  Writer head{bytes};
  head.put(next_sweep_ns_);
  table.put(store_key, bytes);
  for (const std::uint32_t i : dirty_) {
    State& channel = states_[i];
    for (const auto& [key, closing] : channel.waiting) {
      closing->finish();
      table.put(key, *closing->kept());
    }
    save_rollups(channel, table);
    channel.waiting.clear();
    channel.dirty = false;
    bytes.clear();
    Writer writer{bytes};
    writer.put(static_cast<std::uint8_t>(channel.is_wave ? 1 : 0));
    writer.put(channel.chunks);
    writer.put(channel.touched_ns);
    writer.put(channel.summary.count);
    writer.put(channel.summary.repeated);
    writer.put(channel.summary.late);
    writer.put(channel.summary.first_ns);
    writer.put(channel.summary.latest ? channel.summary.latest->time_ns : 0);
    writer.put(channel.summary.latest ? channel.summary.latest->value : 0);
    put_cursor(writer, channel.run);
    channel.main.save(writer);
    writer.put_varint(channel.late.size());
    for (const Sample& sample : channel.late) {
      writer.put(sample.time_ns);
      writer.put(sample.value);
    }
    table.put("o" + channel.key, bytes);
  }
  dirty_.clear();
}

Result<void> Store::load(const view::TableReader& table) {
  SALUS_ASSERT(states_.empty());
  const auto head = table.get(store_key);
  if (head) {
    Reader reader{*head};
    next_sweep_ns_ = reader.get<std::int64_t>();
  }
  bool right = true;
  table.scan("o", "p", [&](ByteView key, ByteView value) {
    Reader reader{value};
    ChannelKey name;
    right = channel_from(key.substr(1), name);
    const auto channel = right ? open(name) : std::nullopt;
    if (!channel) return right = false;
    State& loaded = state(*channel);
    loaded.is_wave = reader.get<std::uint8_t>() != 0;
    loaded.chunks = loaded.saved_chunks = reader.get<std::uint32_t>();
    loaded.touched_ns = reader.get<std::int64_t>();
    loaded.summary.count = reader.get<std::uint64_t>();
    loaded.summary.repeated = reader.get<std::uint64_t>();
    loaded.summary.late = reader.get<std::uint64_t>();
    loaded.summary.first_ns = reader.get<std::int64_t>();
    const auto latest_ns = reader.get<std::int64_t>();
    const auto latest = reader.get<Value>();
    if (loaded.summary.count > 0) loaded.summary.latest = {latest_ns, latest};
    loaded.run = get_cursor(reader);
    right = loaded.main.load(reader);
    const std::uint64_t late = reader.get_varint();
    right = right && late <= limits_.late_max;
    for (std::uint64_t i = 0; right && i < late; ++i) {
      const auto time_ns = reader.get<std::int64_t>();
      loaded.late.push_back({time_ns, reader.get<Value>()});
    }
    return right = right && !reader.failed() && reader.at_end();
  });
  if (!right) return fail(ErrorCode::damaged, "The stored open chunks can not be read; rebuild the view from the log.");
  return {};
}

ChannelSummary Store::summary(Channel channel) const {
  return state(channel).summary;
}

ChannelCopy Store::copy(Channel which) const {
  const State& channel = state(which);
  ChannelCopy copy{.key = channel.key,
                   .waiting = {},
                   .open = channel.main.empty() ? std::string{} : channel.main.encode(),
                   .late = channel.late,
                   .is_wave = channel.is_wave,
                   .saved_chunks = channel.saved_chunks,
                   .pending = {}};
  for (const auto& [key, closing] : channel.waiting) {
    closing->finish();
    copy.waiting.emplace_back(key, closing->kept());
  }
  copy.pending = pending(channel);
  return copy;
}

}  // namespace salus::series
