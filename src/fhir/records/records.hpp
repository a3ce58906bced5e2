// The record as a view: every resource, every version, and the index by which they are found. It lives in its table, so
// that any thread reads it at a cut (record_cut.hpp); bodies stay in the log.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fhir/records/record_cut.hpp"
#include "fhir/search/extractor.hpp"
#include "fhir/search/index.hpp"
#include "view/view.hpp"

namespace salus::fhir {

// What became of a change.
enum class Outcome : std::uint8_t {
  created,
  updated,
  removed,
  existed,  // a conditional create found it
  absent,   // there was nothing to remove
};

struct Written {
  Outcome outcome = Outcome::created;
  std::string id;
  log::Offset version{};  // of the resource as it is now; 0 where there is none
};

struct WrittenSet {
  Time time{};
  std::vector<Written> changes;  // in the order of the set's
};

// What apply answers to a change set. Requires: an Answer of this view.
WrittenSet written_of(const json::value& detail);

class FrameReader;

// Threads: the apply thread of its host.
class Records final : public view::View {
 public:
  Records();

  std::string_view name() const override { return "fhir"; }
  // Rows hold numbers of the definitions that the program carries: others, and they are rebuilt.
  std::string layout() const override { return layout_; }
  void attach(view::Table& table) override { table_ = &table; }
  // All changes of a set or none. Conditions and references are asked of the state before the set; of two conditional
  // creates with one condition the second finds what the first makes. Refusals: invalid (a type that is no resource, a
  // resource that changes twice, a search that is wrong), conflict (another version is there, a condition finds
  // several, a reference finds none), too_large. Their messages begin with "change N: " where there are several.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  // For views behind this one: what the entry that is being applied made stands in it. On the apply thread.
  const view::TableReader& table() const { return *table_; }

 private:
  // A change and what apply found for it.
  struct Decision {
    TypeId type = TypeId::none;
    std::string id;
    std::optional<Version> before;
    Outcome outcome = Outcome::created;

    bool writes() const { return outcome != Outcome::existed && outcome != Outcome::absent; }
  };
  // A version that is ready to be written, with what it is found by.
  struct Ready {
    Version version;
    bool is_new = false;
    std::vector<search::Posting> postings;
  };
  Result<std::vector<Decision>> decide_all(const StoredChangeSet& set, const RecordCut& record, Time now) const;
  Result<Decision> decide(const StoredChange& change, const RecordCut& record, Time now) const;
  // Of the one that a condition finds; nothing where it finds none. Errors: conflict (several), those of searches.
  Result<std::optional<Version>> find(TypeId type, std::string_view query, const RecordCut& record, Time now) const;
  Result<std::vector<std::string>> resolve(const StoredChangeSet& set, const std::vector<Decision>& decisions,
                                           const RecordCut& record, Time now) const;
  Result<Ready> prepare(const StoredChange& change, const Decision& decision, const std::vector<std::string>& targets,
                        const view::Place& place, FrameReader& frames) const;
  void write(Ready& ready);

  const Definitions& definitions_;
  const std::string layout_;
  const search::Extractor extractor_;
  const search::Index index_;
  view::Table* table_ = nullptr;
  std::uint64_t numbers_given_ = 0;
};

}  // namespace salus::fhir
