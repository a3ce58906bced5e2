// What one write asks of the record, as one entry of the log: a single change or a whole transaction. Everything that
// depends on the state (which version, which resource a condition finds) is asked here and decided by apply.
// Layouts: docs/formats/entries.md, `record_changed`, and `resources_changed`, which is read and no longer written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "fhir/records/body.hpp"
#include "log/run.hpp"

namespace salus::fhir {

enum class Operation : std::uint8_t { create = 1, update = 2, remove = 3 };

struct Change {
  Operation operation = Operation::create;
  std::string type;  // "Patient"
  // The resource's; of a conditional one that finds nothing, the new resource's.
  std::string id = {};
  // A search string. create: only if it finds nothing. update, remove: of the one that it finds.
  std::optional<std::string> condition = {};
  std::optional<log::Offset> if_version = {};  // only if this is the newest version
  bool if_absent = false;                      // update: only if there is no such resource
  bool is_id_given = false;                    // by the sender: a condition must find that one
  std::optional<Body> body = {};               // nothing for remove
};

// What a reference of a body leads to once apply knows: another change of the set, or the one that a search finds.
struct Target {
  std::string type;
  std::optional<std::uint32_t> change = {};
  std::string query = {};
};

struct ChangeSet {
  std::string by;  // who asked
  std::vector<Target> targets = {};
  std::vector<Change> changes;
};

std::string encode(const ChangeSet& set);

// A change set where it lies: texts and frames are views into the run's body.
struct StoredChange {
  Operation operation{};
  std::string_view type, id;
  std::optional<std::string_view> condition;
  std::optional<log::Offset> if_version;
  bool if_absent = false;
  bool is_id_given = false;
  // The frame that holds the body, its place in the run's body, and which of the frame's it is (frame.hpp).
  ByteView frame;
  std::uint64_t frame_at = 0;
  std::uint32_t body_index = 0;
};
struct StoredTarget {
  std::string_view type;
  std::optional<std::uint32_t> change;
  std::string_view query;
};
struct StoredChangeSet {
  std::string_view by;
  std::vector<StoredTarget> targets;
  std::vector<StoredChange> changes;
};
// Whether entries of this kind are change sets.
bool is_change_set(log::Kind kind);
// Errors: damaged.
Result<StoredChangeSet> decode_change_set(log::Kind kind, ByteView body);

}  // namespace salus::fhir
