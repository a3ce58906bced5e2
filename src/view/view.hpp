// A view is a function from entries to state: same entries, same state: on another node, after a crash, in ten years.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "log/log.hpp"
#include "view/table.hpp"

namespace salus::view {

// What apply says to whoever appended. A refusal is an answer, the same on every node, not a failure.
struct Answer {
  std::optional<Error> refusal;
  json::value detail;  // what the caller may want to know: the id given, the version made

  static Answer ok(json::value detail = nullptr) { return {std::nullopt, std::move(detail)}; }
  static Answer refused(ErrorCode code, std::string message) { return {Error{code, std::move(message)}, nullptr}; }
};

// Where and when a run stands. `time` is the partition's time: it never goes back.
struct Place {
  log::Position position;
  Time time{};
};

// One state machine of a partition. Owned by its host; applied on the host's thread and read there (Host::read).
class View {
 public:
  virtual ~View() = default;

  // Names its column family; never changes once released.
  virtual std::string_view name() const = 0;

  // Of what save() writes. Another text than a checkpoint was saved with, newer or older, and the tables are rebuilt
  // from the log: so a view reads its present layout alone.
  virtual std::string layout() const { return "1"; }

  // Pure: state and entries in, state and answer out. No clock (use place.time), no random, no I/O, no unordered
  // iteration that shows. Nothing when the kind is not this view's. A run that a view refuses is not shown to the
  // views after it.
  virtual std::optional<Answer> apply(const log::Run& run, const Place& place) = 0;

  // The partition's time has reached `now` (from a group's stamp or a tick): fire what is due, ordered by (due, id).
  // Called before the entries that `place` belongs to are applied.
  virtual void advance(const Place& place) {}

  // Earliest instant at which advance() would do something.
  virtual std::optional<Time> next_due() const { return std::nullopt; }

  // For views that keep their state in the table itself: called once, before load(). The table lives longer than the
  // last apply; it is written in apply() and advance() alone, and what is written reaches snapshots at the group's end.
  virtual void attach(Table& table) {}

  // Writes to `table` whatever state is not there yet, so that the table alone can rebuild this view. Called at a
  // group's boundary. What the table then holds must depend on the entries alone, never on when save() was called.
  virtual void save(Table& table) = 0;

  // Takes the state that save() left. Called once, before the first apply, on an empty or a saved table.
  virtual Result<void> load(const Table& table) = 0;
};

}  // namespace salus::view
