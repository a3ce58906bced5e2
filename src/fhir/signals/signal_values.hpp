// The values under which a signal's Observation would stand in the index, were it stored.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "fhir/search/posting.hpp"

namespace salus::fhir {

// Sorted by list and value. Errors: damaged (`json` is no Observation, which is a bug).
Result<std::vector<search::Posting>> signal_values(std::string_view json);

}  // namespace salus::fhir
