// Whether a signal's Observation meets a search, told by the values that it would have in the index; and what comes
// along with it.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "fhir/search/posting.hpp"
#include "fhir/search/query.hpp"
#include "fhir/search/run.hpp"
#include "fhir/signals/signal_source.hpp"

namespace salus::fhir {

struct FoundSignal {
  std::string id, json;
  SignalPlace place;
  std::vector<search::Posting> values;  // sorted, as the index would have them

  std::span<const search::Posting> of(search::ListId list) const;
};

// What a query asks of Observations; null when it does not search them.
const search::TypeQuery* observations_of(const search::Query& query);

// By what the query asks of Observations. Requires: it searches them. Lifetime: not longer than what it is made of.
// Threads: one.
class SignalClauses {
 public:
  static constexpr std::uint64_t steps_max = 1'000'000;  // rows of the index, for chains, _has and includes

  SignalClauses(const search::Query& query, const search::Source& source);
  ~SignalClauses();

  // Errors: too_large (over steps_max).
  Result<bool> meet(const FoundSignal& found);
  // By the query's includes, but for what is in `seen`; what is found is added to it. Errors: too_large.
  Result<std::vector<search::Match>> included(const FoundSignal& found, std::set<search::ResourceNumber>& seen);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace salus::fhir
