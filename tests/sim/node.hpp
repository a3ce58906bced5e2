// The views of one life: what view::Host does with them, on one thread and with tables in memory.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "device/registry.hpp"
#include "monitor/alarms.hpp"
#include "monitor/limits.hpp"
#include "monitor/telemetry.hpp"
#include "partition.hpp"
#include "view/memory_table.hpp"
#include "view/view.hpp"

namespace salus::simulate {

using Tables = std::map<std::string, view::MemoryTable, std::less<>>;

// What a host writes to disk at once, for one partition.
struct Checkpoint {
  Tables tables;
  view::Place applied;
  view::Place upstream;
};

// Registry, limits and alarms over `records`: applied once durable.
class RecordsNode {
 public:
  // Goes on from `from` with what `log` holds after it.
  RecordsNode(const Checkpoint& from, const Partition& log);
  void apply_durable();
  Checkpoint save();

  device::Registry registry;
  monitor::Limits limits{registry};
  monitor::Alarms alarms;

 private:
  std::unique_ptr<log::Cursor> cursor_;
  Checkpoint state_;
};

// What telemetry said while it applied.
struct Heard final : monitor::Observer {
  std::vector<std::string> raised;  // ids, in order
  std::vector<std::string> ended;
  std::vector<std::string> watched;  // "m1 +low": the rule that the model evaluates too

  void on_raised(const monitor::Condition& condition) override;
  void on_ended(const monitor::Condition& condition, Time at) override;
};

// Telemetry with its context: applied as soon as ordered.
class TelemetryNode {
 public:
  TelemetryNode(const Checkpoint& from, const Partition& log, const Partition& records);
  void apply(const log::Group& group);
  Checkpoint save();
  log::Offset applied() const { return state_.applied.position.offset; }

  Heard heard;
  monitor::Telemetry telemetry{&heard};

 private:
  void catch_up(log::Offset stamp);

  monitor::TelemetryContext context_{telemetry};
  std::unique_ptr<log::Cursor> upstream_;
  Checkpoint state_;
};

}  // namespace salus::simulate
