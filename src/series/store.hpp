// Samples on their way into chunks: every channel's open chunk, its late samples, and chunks that wait for the next
// save.
//
// Keys in the table: 'o' + channel is what is open; 'c' + channel + 'm' or 'l' + start + number is a closed chunk, main
// or late; 'r' + channel + level + start is a rollup of main chunks (rollup.hpp). A channel is its device id, a zero
// byte, its code and instance, both big-endian. Main chunks of a channel are apart and ascending; late chunks hold what
// came after a later sample had come, and may lie over anything. Both span at most an hour, so a reader that looks an
// hour back has seen all that reach into its interval.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "series/chunk_builder.hpp"
#include "series/closing.hpp"
#include "series/rollup.hpp"
#include "series/sample.hpp"
#include "view/table.hpp"
#include "view/worker.hpp"

namespace salus::series {

struct StoreLimits {
  std::size_t channels_max = 1'000'000;
  std::uint32_t samples_max = 4'096;                          // in a chunk of single samples
  std::uint32_t wave_samples_max = ChunkLimits::samples_max;  // in a chunk of a wave
  std::size_t late_max = 1'024;                               // late samples held open
  nanoseconds span_max = std::chrono::hours{1};               // the first chunk of a channel takes half to all of these
  nanoseconds stale_after = std::chrono::minutes{15};         // of partition time without a sample: the chunk is closed
};

enum class Channel : std::uint32_t {};  // a place in this process's store; never stored

enum class Appended : std::uint8_t {
  in_order,
  late,      // kept aside, merged when read
  repeated,  // the channel has a sample at this time: the first stays
};

// A channel as it stood, for a reader on another thread, together with a snapshot of the table.
struct ChannelCopy {
  std::string key;  // of the channel, within the table
  std::vector<std::pair<std::string, std::shared_ptr<const std::string>>>
      waiting;               // closed, perhaps not in the snapshot
  std::string open;          // encoded; empty when nothing is open
  std::vector<Sample> late;  // ascending
  bool is_wave = false;
  std::uint32_t saved_chunks = 0;                 // of which the table's rollups tell
  std::array<std::vector<Cell>, levels> pending;  // rollups of those closed since
};

struct ChannelSummary {
  std::uint64_t count = 0;     // stored, late ones included
  std::uint64_t repeated = 0;  // as far as was noticed when they came
  std::uint64_t late = 0;
  std::int64_t first_ns = 0;
  std::optional<Sample> latest;
};

// State of a view, in memory between saves: open chunks (about 4 KiB a channel) and closed ones that wait.
// Threads: the view's apply thread. Deterministic: the table after save() depends on the calls of append, append_wave
// and advance alone.
class Store {
 public:
  // `worker` codes chunks that are closed, as far as it gets before the next save; it must outlive the store.
  explicit Store(StoreLimits limits = {}, view::Worker* worker = nullptr) : limits_(limits), worker_(worker) {}

  // The channel's place, made when it is new. Nothing when there are channels_max already.
  std::optional<Channel> open(const ChannelKey& key);
  std::optional<Channel> find(const ChannelKey& key) const;
  std::vector<ChannelKey> channels_of(std::string_view device) const;

  // `now` is partition time: when it last came, for stale_after.
  Appended append(Channel channel, std::int64_t time_ns, Value value, Time now);

  // A wave's next samples. Goes on exactly where the last ones stopped when `start_ns` is that instant to the nearest
  // nanosecond: then sample times are those of the whole run, and cost nothing to store.
  // Requires: period.is_valid(), at most 16,384 values, start_ns within 1990 to 2200.
  struct Wave {
    std::size_t in_order = 0;
    std::size_t late = 0;
    std::size_t repeated = 0;
  };
  Wave append_wave(Channel channel, std::int64_t start_ns, const Period& period, std::span<const Value> values,
                   Time now);

  // Closes the open chunk: what follows stands in another one (a binding changed, a resolution changed).
  void cut(Channel channel);

  // Closes what is stale. Once a minute of partition time.
  void advance(Time now);

  static constexpr int layout = 4;  // of what save() writes
  void save(view::Table& table);
  Result<void> load(const view::TableReader& table);

  ChannelSummary summary(Channel channel) const;
  ChannelCopy copy(Channel channel) const;

 private:
  static constexpr std::uint32_t whole_share = 256;
  struct State {
    std::string key;
    std::uint32_t place = 0;
    std::uint32_t first_share = whole_share;  // of the usual length, for the first chunk
    ChunkBuilder main;
    std::vector<Sample> late;
    ChannelSummary summary;
    TimeCursor run;  // where the wave's next sample is expected
    std::uint32_t chunks = 0;
    bool is_wave = false;
    bool dirty = false;
    std::int64_t touched_ns = 0;
    std::vector<std::pair<std::string, std::shared_ptr<Closing>>> waiting;
    std::uint32_t saved_chunks = 0;
    Closing::Cells late_cells;  // of late chunks that wait
  };
  State& state(Channel channel) { return states_[static_cast<std::size_t>(channel)]; }
  const State& state(Channel channel) const { return states_[static_cast<std::size_t>(channel)]; }

  void touch(State& channel, Time now);
  Appended append_late(State& channel, std::int64_t time_ns, Value value);
  struct Room {
    std::uint32_t samples = 0;
    std::int64_t span_ns = 0;
  };
  Room room_of(const State& channel, std::uint32_t samples_max) const;
  void make_room(State& channel, std::int64_t next_ns, const Room& room);
  void close_main(State& channel);
  void close_late(State& channel);
  void wait(State& channel, char tag, std::int64_t start_ns, const ChunkBuilder& chunk, std::size_t lowest_level);
  static Closing::Cells pending(const State& channel);
  static void save_rollups(State& channel, view::Table& table);

  StoreLimits limits_;
  std::deque<State> states_;
  std::map<ChannelKey, Channel> index_;
  std::vector<std::uint32_t> dirty_;
  std::int64_t next_sweep_ns_ = 0;
  view::Worker* worker_ = nullptr;
};

}  // namespace salus::series
