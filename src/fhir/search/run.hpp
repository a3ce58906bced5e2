// Answers a query from the index at one cut.
//
// A clause that few resources meet is walked; the other clauses are tried on each of those by its values row. Matches
// come in the order of `_sort`, those without a value last, and then of type and number, that is, of creation
// (downwards where the first key of _sort is): an order
// that does not change while others write, so that a page can be continued from where it ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fhir/search/catalog.hpp"
#include "fhir/search/index.hpp"
#include "fhir/search/query.hpp"

namespace salus::fhir::search {

struct Paging {
  std::string after = {};               // SearchResult::next of the page before; empty for the first
  std::uint64_t steps_max = 4'000'000;  // rows of the index that may be looked at
  bool with_stands = false;             // SearchResult::stands is filled
};

struct Match {
  ResourceNumber number{};
  TypeId type{};
  bool operator==(const Match&) const = default;
};

// What was done, for explain and for tests of plans.
struct PlanStep {
  TypeId type{};
  std::string walked;          // the clause, or "all of the type"
  std::string how;             // "in order", "collected", "by id", "joined", "timeline", …
  std::uint64_t estimate = 0;  // rows; a bound when `more`
  bool more = false;
  std::uint64_t candidates = 0, matched = 0;
  std::vector<std::string> tried;  // on each candidate
};

// Where a match stands, for who merges it with others.
struct Stand {
  std::vector<std::optional<std::string>> keys;  // of _sort, as bytes in order; nothing: it has no value
  std::string after;                             // Paging::after to go on behind it
};

struct SearchResult {
  std::vector<Match> matches;
  std::vector<Stand> stands;           // of the matches, when asked for
  std::vector<Match> included;         // by _include and _revinclude, in no order that means anything, each once
  std::optional<std::uint64_t> total;  // when asked for
  std::string next;                    // where the next page begins; empty when there is none
  std::uint64_t steps = 0;
  std::vector<PlanStep> plan;
};

struct Source {
  const view::TableReader& table;
  const Catalog& catalog;  // at `cut`
  Cut cut;
};

// Errors: invalid    `after` is not what a search of this query gave.
//         too_large  more than `steps_max` rows; the search must be narrowed.
Result<SearchResult> run(const Query& query, const Source& source, const Paging& paging = {});

// The first `most` matches without order: for conditional writes, which ask whether there is none, one, or more.
Result<std::vector<Match>> match_up_to(const Query& query, const Source& source, std::size_t most,
                                       std::uint64_t steps_max = 4'000'000);

}  // namespace salus::fhir::search
