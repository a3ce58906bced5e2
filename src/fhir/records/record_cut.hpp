// The record as it stood at one cut: which versions there were. Bodies are read from the log by their place.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "fhir/records/record_cache.hpp"
#include "fhir/records/rows.hpp"

namespace salus::fhir {

// Lifetime: not longer than its table. Threads: as the table's.
class RecordCut {
 public:
  // Sees what entries before `end` made. `cache` outlives it; null: there is none.
  RecordCut(const view::TableReader& table, log::Offset end, RecordCache* cache = nullptr)
      : table_(table), end_(end), cache_(cache) {}
  // The same record at an earlier cut.
  RecordCut until(log::Offset end) const { return {table_, end, cache_}; }

  log::Offset end() const { return end_; }
  const view::TableReader& table() const { return table_; }

  // The end of the cut at which the record stood at `time`: behind the last change that came until then, not behind
  // this cut's own end.
  log::Offset end_at(Time time) const;

  // The newest version; also one that says that the resource was removed.
  std::optional<Version> newest(TypeId type, std::string_view id) const;
  std::optional<Version> newest(ResourceNumber number) const;
  std::optional<Version> version(TypeId type, std::string_view id, log::Offset version) const;
  std::optional<ResourceNumber> number_of(TypeId type, std::string_view id) const;

  // Resources of a type that are there, in the order of creation or against it, behind `after` (none: from the
  // beginning), until `visit` returns false.
  enum class Direction : std::uint8_t { ascending, descending };
  void scan(TypeId type, ResourceNumber after, Direction direction,
            const std::function<bool(ResourceNumber)>& visit) const;

  // Versions behind `before` (nothing: from the newest), newest first, until `visit` returns false.
  using Visit = std::function<bool(const Version&)>;
  void history(ResourceNumber number, std::optional<HistoryPlace> before, const Visit& visit) const;
  void history(TypeId type, std::optional<HistoryPlace> before, const Visit& visit) const;
  // Of all types of `definitions`, at most `limit` of them.
  std::vector<Version> history(const Definitions& definitions, std::optional<HistoryPlace> before,
                               std::size_t limit) const;

 private:
  std::vector<HistoryPlace> places(TypeId type, std::optional<HistoryPlace> before, std::size_t limit) const;
  std::optional<Version> at(HistoryPlace place) const;

  const view::TableReader& table_;
  log::Offset end_;
  RecordCache* cache_;
};

}  // namespace salus::fhir
