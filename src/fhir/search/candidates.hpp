// The resources that meet one clause, in ascending order of number: what a search walks.
#pragma once

#include <memory>
#include <vector>

#include "fhir/search/run.hpp"

namespace salus::fhir::search {

// Rows that may still be looked at.
class Steps {
 public:
  explicit Steps(std::uint64_t most) : most_(most) {}
  // False when there are none left.
  bool spend(std::uint64_t count = 1) {
    used_ += count;
    return used_ <= most_;
  }
  std::uint64_t left() const { return used_ < most_ ? most_ - used_ : 0; }
  // Ends the search with an error of its own.
  void stop(Error why) {
    why_ = std::move(why);
    used_ = std::max(used_, most_ + 1);
  }
  std::uint64_t used() const { return used_; }
  tl::unexpected<Error> refuse() const;

 private:
  std::uint64_t most_, used_ = 0;
  std::optional<Error> why_;
};

class Candidates {
 public:
  virtual ~Candidates() = default;
  // The next greater number; none at the end. Errors: too_large.
  virtual Result<ResourceNumber> next() = 0;
  virtual std::string_view how() const = 0;
};

// All of `type` greater than `after` that meet `clause`; without a clause, all. Requires: the clause is not negated,
// and its kind match or ids. Errors: too_large.
Result<std::unique_ptr<Candidates>> candidates_of(const Source& source, TypeId type, const Clause* clause,
                                                  ResourceNumber after, Steps& steps);

// Those of `numbers` greater than `after`, each once.
std::unique_ptr<Candidates> candidates_of(std::vector<ResourceNumber> numbers, ResourceNumber after);

// How many rows a clause has, counted up to `most`. Requires: kind match or ids.
std::uint64_t count_rows(const Source& source, TypeId type, const Clause& clause, std::uint64_t most);

// The values that stand in the scan, each as an exact one; nothing when there are more than 64.
std::optional<std::vector<Scan>> discover(const Source& source, TypeId type, const Scan& scan, Steps& steps);

}  // namespace salus::fhir::search
