// Clauses that are more than scans: words within bodies, and codes that a terminology tells.
#pragma once

#include <string_view>
#include <vector>

#include "fhir/search/match.hpp"

namespace salus::fhir::search {

// _text and _content. `ask.value` is not looked at. Errors: invalid.
Result<Clause> words_clause(const Ask& ask, const std::vector<std::string_view>& values, bool reads_bodies);

// in, not-in, above, below.
bool asks_codes(std::string_view modifier);
// Of resources of `type`. `codes` null: refused. Errors: invalid, too_large.
Result<Clause> codes_clause(const Ask& ask, TypeId type, const std::vector<std::string_view>& values, Codes* codes);

}  // namespace salus::fhir::search
