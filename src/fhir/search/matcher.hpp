// Whether one resource, as it stands at a cut, meets queries: for those who have the resource and many questions.
#pragma once

#include <memory>

#include "fhir/search/run.hpp"

namespace salus::fhir::search {

// Reads the resource's row once. Lifetime: not longer than the source. Threads: one at a time.
class Matcher {
 public:
  // `steps_max`: rows of the index that one query may look at.
  Matcher(const Source& source, ResourceNumber number, std::uint64_t steps_max);
  ~Matcher();

  // Requires: the resource is of the query's type, and live. Errors: too_large (chains that lead to too much).
  Result<bool> meets(const TypeQuery& query);

 private:
  struct State;
  void begin();
  const Source source_;
  const ResourceNumber number_;
  const std::uint64_t steps_max_;
  std::unique_ptr<State> state_;
};

}  // namespace salus::fhir::search
