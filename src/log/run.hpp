// What the log holds: runs. A run is what one device or one request brought at once: `count` entries of one kind,
// sealed together. Most control entries are runs of one; a monitor's burst of messages is a run of twenty.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/time.hpp"

namespace salus::log {

// Position of an entry in its partition: ascending, never reused by an entry that became durable.
enum class Offset : std::uint64_t {};
// Each start of a partition's writer is a new epoch. An offset that was given out but lost with a crash may be given
// again in a later epoch, so a position that leaves the process is always (epoch, offset).
enum class Epoch : std::uint32_t {};
// What an entry is. Numbers are for ever: a layout is never edited, a new one gets a new number (kinds.hpp).
enum class Kind : std::uint16_t {};

constexpr std::uint64_t number(Offset offset) {
  return static_cast<std::uint64_t>(offset);
}
constexpr std::uint32_t number(Epoch epoch) {
  return static_cast<std::uint32_t>(epoch);
}
constexpr std::uint16_t number(Kind kind) {
  return static_cast<std::uint16_t>(kind);
}
constexpr Offset after(Offset offset, std::uint64_t count = 1) {
  return Offset{number(offset) + count};
}

struct Position {
  Epoch epoch{};
  Offset offset{};
  auto operator<=>(const Position&) const = default;
};

// To be appended. `key` names the key that the body is sealed under; 0 is "not sealed".
struct Draft {
  Kind kind{};
  std::uint32_t count = 1;
  std::string body;
  std::uint32_t key = 0;
};

// As stored. The body is a view into its group.
struct Run {
  Kind kind{};
  std::uint32_t count = 1;
  Offset first{};
  std::uint32_t key = 0;
  ByteView body;
};

// Runs that became durable together, with one chain link. Immutable, so it may be shared between threads.
struct Group {
  Epoch epoch{};
  Offset first{};
  Offset stamp{};  // the durable offset of `records` that the writer had seen (telemetry); 0 elsewhere
  Time time{};
  Sha256 previous{};  // hash of the header before this one
  Sha256 hash{};      // of this header with its table of runs
  std::vector<Run> runs;
  std::string bytes;  // what `runs` look into

  std::uint64_t entry_count() const {
    std::uint64_t total = 0;
    for (const Run& run : runs) total += run.count;
    return total;
  }
  Offset end() const { return after(first, entry_count()); }
};

}  // namespace salus::log
