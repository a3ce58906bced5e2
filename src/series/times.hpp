// Times of a chunk of version 2 as runs: a regular stream costs a few bytes, however long it is.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "series/columns.hpp"

namespace salus::series {

// Runs as they are closed, appended to `out`. Both sides begin with the chunk's first time.
class RunWriter {
 public:
  explicit RunWriter(std::int64_t first_ns) : before_ns_(first_ns) {}
  RunWriter(std::int64_t before_ns, const Period& period) : before_ns_(before_ns), period_(period) {}

  // `given`: the run's own times where it is not regular.
  void put(const TimeRun& run, std::span<const std::int64_t> given, std::string& out);

  std::int64_t before_ns() const { return before_ns_; }
  const Period& period() const { return period_; }

 private:
  std::int64_t before_ns_;  // the last time written
  Period period_;           // of the last regular run
};

// The times of a whole chunk. Requires: runs of `columns` hold as many samples as it has values.
void put_runs(const Columns& columns, std::int64_t first_ns, std::string& out);

// False when they are not `count` strictly ascending times from `first_ns` on.
bool get_runs(Reader& reader, std::uint32_t count, std::int64_t first_ns, Columns& columns, std::int64_t& last_ns);

}  // namespace salus::series
