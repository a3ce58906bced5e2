// $expand: the codes of a value set, a page of them.
#pragma once

#include <string>

#include "fhir/terminology/terminology.hpp"

namespace salus::fhir::terminology {

struct ExpandAsked {
  std::string filter =
      {};  // words that a text must have, each as the beginning of a word; or the beginning of the code
  std::string language = {};  // displayLanguage
  std::size_t offset = 0;
  std::optional<std::size_t> count = {};
  bool active_only = false;
  bool with_designations = false;
};

// The ValueSet with its expansion as compact JSON; `identifier` and `timestamp` are the expansion's.
// Errors: not_found (a code system that is not here), too_large (more than Limits::listed_max codes without a count).
Result<std::string> expand(const ValueSet& set, const ExpandAsked& asked, const Limits& limits,
                           std::string_view identifier, std::string_view timestamp);

// The text of a code in a language ("de" finds "de-CH"); its display where it has none in that language.
std::string_view display_in(const Coded& coded, std::string_view language);

// Its designations as compact JSON, an array; empty where it has none.
std::string designations_json(const Coded& coded);

}  // namespace salus::fhir::terminology
