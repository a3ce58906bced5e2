// The matches of one type, in order of number: which clause is walked, and the others tried on each candidate.
//
// A chain or _has is tried on a candidate by looking at what it refers to, or at what refers to it; where it is all
// that narrows the search, its inner search is answered first and joined.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir/search/candidates.hpp"

namespace salus::fhir::search {

class Evaluation {
 public:
  Evaluation(const Source& source, Steps& steps) : source_(source), steps_(steps) {}

  // A candidate's values and id, read when first asked for.
  class Row {
   public:
    Row(Evaluation& evaluation, ResourceNumber number) : evaluation_(evaluation), number_(number) {}
    // Of what the resource `number` contains under `id`.
    Row(Evaluation& evaluation, ResourceNumber number, std::string id, ValuesRow row)
        : evaluation_(evaluation),
          number_(number),
          is_contained_(true),
          read_(true),
          row_(std::move(row)),
          id_(std::move(id)) {}
    ResourceNumber number() const { return number_; }
    bool is_contained() const { return is_contained_; }
    const ValuesRow* values();  // null when it has none at the cut
    std::string_view id();

   private:
    Evaluation& evaluation_;
    ResourceNumber number_;
    bool is_contained_ = false;
    bool read_ = false;
    std::optional<ValuesRow> row_;
    std::optional<std::string> id_;
  };

  // Calls visit for each match greater than `after`, ascending, until it returns false. Errors: too_large.
  using Visit = std::function<bool(Row& row)>;
  Result<void> each(const TypeQuery& of, ResourceNumber after, PlanStep& step, const Visit& visit);

  // Whether the candidate meets all clauses but those in `met`. Once the steps are spent the answer means nothing.
  bool meets_all(const TypeQuery& of, Row& row, const std::vector<const Clause*>& met = {});

  // The clause that the fewest rows have, of those that can be walked; null when none can. Fills the estimate.
  const Clause* choose(const TypeQuery& of, PlanStep& step);

 private:
  bool meets(TypeId type, const Clause& clause, Row& row);
  bool chain_met(const Clause& clause, Row& row);
  bool contained_met(const Clause& clause, Row& row, std::string_view id);
  bool body_met(const Clause& clause, Row& row);
  bool has_met(TypeId type, const Clause& clause, Row& row);
  bool inner_met(const TypeQuery& inner, ResourceNumber number);
  // The numbers that meet a chain or _has, from the inner search.
  Result<std::vector<ResourceNumber>> join(TypeId type, const Clause& clause);

  Source source_;
  Steps& steps_;
  std::map<std::pair<const TypeQuery*, ResourceNumber>, bool> known_;  // what inner searches said of a resource
};

// id and type of a local reference's value; nothing for URLs.
struct LocalReference {
  std::string_view id;
  TypeId type;
};
std::optional<LocalReference> local_reference(const Definitions& definitions, ByteView value);

}  // namespace salus::fhir::search
