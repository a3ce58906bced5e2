// Matches in the order of a sort key, without reading more than a page: from the timeline, where a patient's things of
// a code stand by date, or from the sort parameter's own list.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fhir/search/candidates.hpp"

namespace salus::fhir::search {

struct OrderedPlan {
  ListId list{};
  bool descending = false;
  std::vector<std::string> heads;  // what the values begin with; the sort key follows. One, empty, for a list of dates
  std::vector<const Clause*> met;  // by every posting that is walked
  bool one_value = false;          // of each resource; else only its first in this order counts
  std::string how;
};

// From the timeline; nothing when the search is not by one patient, codes, and their date.
std::optional<OrderedPlan> timeline_plan(const Source& source, const TypeQuery& of, const Parameters& parameters,
                                         Steps& steps);
// From the list of the first sort key. Requires: `of.sort` is one parameter.
OrderedPlan list_plan(const TypeQuery& of);

// The postings of a plan, by key and number, both descending or ascending as the plan says; behind `after` when given.
// Threads: one.
class OrderedWalk {
 public:
  struct At {
    std::string key;
    ResourceNumber number{};
    bool operator==(const At&) const = default;
  };
  OrderedWalk(const Source& source, TypeId type, const OrderedPlan& plan, const std::optional<At>& after, Steps& steps);
  // Nothing at the end. Errors: too_large.
  Result<std::optional<At>> next();

 private:
  struct Stream {
    std::size_t head;  // bytes
    Range range;
    std::vector<At> part;
    std::size_t at = 0, size = 16;
    bool ended = false;
  };
  bool fill(Stream& stream);
  // Where the walk goes on behind a number of the same value: Range's from_number or, descending, to_number.
  ResourceNumber beyond(ResourceNumber number) const {
    return ResourceNumber{static_cast<std::uint64_t>(number) + (descending_ ? 0 : 1)};
  }

  Source source_;
  bool descending_;
  Steps& steps_;
  std::vector<Stream> streams_;
  std::optional<At> last_;
};

}  // namespace salus::fhir::search
