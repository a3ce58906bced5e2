// The view behind GET /api/audit: every audit entry by its time, newest first.
//
// Table: key = time (int64 ns, big-endian) + offset (uint64, big-endian), value = the entry's JSON; and "count".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "view/view.hpp"

namespace salus::guard {

struct AuditQuery {
  std::optional<Time> from;  // inclusive
  std::optional<Time> to;    // exclusive
  std::size_t limit = 100;   // 1 to 1000
  std::string cursor;        // where an earlier page ended; empty: the newest
};

struct AuditPage {
  json::array items;        // {"time", "actor", "action", "target", "outcome", "peer", "detail"}
  std::string next;         // empty: the end
  std::uint64_t total = 0;  // entries in all
};

// Threads: the host's apply thread, query() too. The table given to load() outlives the view.
class AuditTrail final : public view::View {
 public:
  std::string_view name() const override { return "audit"; }
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  // Errors: invalid, for a cursor that is none of ours.
  Result<AuditPage> query(const AuditQuery& query) const;

 private:
  std::map<std::string, std::string> unsaved_;  // at most what comes between two checkpoints
  std::uint64_t count_ = 0;
  const view::Table* table_ = nullptr;
};

}  // namespace salus::guard
