// $translate: what concept maps make of a code.
#pragma once

#include <string>
#include <vector>

#include "fhir/terminology/terminology.hpp"

namespace salus::fhir::terminology {

struct TranslateAsked {
  std::string system, code;
  std::string target_system = {};  // empty: any
  bool reverse = false;            // from a target to its sources
};

struct Translation {
  std::string equivalence, system, code, display;
  std::string source;  // the map's url
  bool counts() const { return equivalence != "unmatched" && equivalence != "disjoint"; }
};

// By one concept map, its `unmapped` rules and the maps that they lead to included. Errors: not_found, too_large (maps
// that lead to each other).
Result<std::vector<Translation>> translate(const Document& map, const TranslateAsked& asked, Terminology& terminology);

}  // namespace salus::fhir::terminology
