// One seed, one world: a server's partitions and views, its ward, and everything that goes wrong with them.
#pragma once

#include <memory>

#include "model.hpp"
#include "node.hpp"
#include "partition.hpp"
#include "workload.hpp"

namespace salus::simulate {

struct Counts {
  std::uint64_t crashes = 0;
  std::uint64_t entries = 0;
};

// Threads: one. The same seed runs the same world.
class World {
 public:
  explicit World(std::uint64_t seed);

  // Some lives, each ended by a crash, a kill or a clean stop; the last is brought to rest and stopped cleanly.
  // Throws Failed.
  Counts run();

 private:
  enum class End : std::uint8_t { power_loss, kill, stop };

  bool begin_life();  // false when the power went meanwhile
  void end_life(End how);
  void check_rebuilt();
  void check_live();
  void rest();

  // One step of a life; false when it ended by itself.
  bool step();
  void traffic();
  void controls();
  void wishes();
  bool fault();  // false when it ended this life
  void checkpoints();
  bool flush(Partition& partition);
  void order_telemetry(std::vector<Entry> entries);

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t chance) { return below(chance) == 0; }

  Random random_;
  Workload workload_;
  Partition records_, telemetry_;
  Checkpoint records_saved_, telemetry_saved_;
  std::unique_ptr<RecordsNode> records_node_;
  std::unique_ptr<TelemetryNode> telemetry_node_;
  std::vector<Meaning> lost_;  // by their senders to be sent again
  std::uint64_t wish_sent_ = 0;
  Time now_;
  Counts counts_;
};

}  // namespace salus::simulate
