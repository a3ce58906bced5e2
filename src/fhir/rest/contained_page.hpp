// One page of a search that finds contained resources, beside those that stand by themselves when asked for both.
#pragma once

#include "fhir/rest/search_page.hpp"

namespace salus::fhir {

// Without an order those that stand by themselves come first; with `_sort` both are merged, they first where equal.
// Signals contain nothing and are not among them. Errors: as of search::run and search::run_contained.
Result<SearchPage> contained_page_of(const search::Query& query, const search::Source& source, const PagePlace& asked);

}  // namespace salus::fhir
