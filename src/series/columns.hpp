// A chunk's samples as they are kept: values in a row, times as a few runs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "series/sample.hpp"

namespace salus::series {

// `count` samples of a regular stream that begins at `from`; or, where `from` is not known, one by one in
// Columns::times.
struct TimeRun {
  std::uint32_t count = 0;
  TimeCursor from;
  bool operator==(const TimeRun&) const = default;
};

struct Columns {
  std::vector<Value> values;
  std::vector<TimeRun> runs;        // together as many as there are values
  std::vector<std::int64_t> times;  // of the runs that are not regular, in order

  void clear() {
    values.clear();
    runs.clear();
    times.clear();
  }
  // Appends a run, joined to the one before where that goes on exactly so.
  void add_run(const TimeRun& run);
  // For each sample, ascending. No division per sample.
  template <class Visit>
  void visit(Visit&& visit) const {
    std::size_t at = 0, given = 0;
    for (const TimeRun& run : runs) {
      if (!run.from.is_known()) {
        for (std::uint32_t i = 0; i < run.count; ++i) visit(times[given++], values[at++]);
        continue;
      }
      TimeWalk walk{run.from};
      for (std::uint32_t i = 0; i < run.count; ++i, walk.next()) visit(walk.time_ns(), values[at++]);
    }
  }
};

// Stretches of equal distance become regular runs. Requires: ascending.
std::vector<TimeRun> runs_of(std::span<const std::int64_t> times, std::vector<std::int64_t>& given);

}  // namespace salus::series
