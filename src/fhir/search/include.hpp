// What comes along with matches: _include and _revinclude.
#pragma once

#include <vector>

#include "fhir/search/candidates.hpp"

namespace salus::fhir::search {

inline constexpr std::size_t included_max = 10'000;  // over them: too_large

// Resources that are not among `matches`, each once: for each include in turn, in the order of who brought them;
// :iterate again until nothing new comes. A canonical reference brings
// all of its URL and version along. Errors: too_large.
Result<std::vector<Match>> included_by(const Query& query, const Source& source, const std::vector<Match>& matches,
                                       Steps& steps);

}  // namespace salus::fhir::search
