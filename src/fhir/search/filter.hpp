// _filter: expressions such as `code eq http://loinc.org|8867-4 and (date ge 2024 or not (status eq final))`.
//
// Comparisons are eq, ne, co, sw, ew, gt, lt, ge, le, sa, eb, ap, pr (present: true or false), re, and
// in for tokens (a value set). Not there: po, ss, sb, and filters within brackets.
#pragma once

#include <functional>
#include <string_view>

#include "fhir/search/query.hpp"

namespace salus::fhir::search {

inline constexpr std::size_t filter_depth_max = 32, filter_terms_max = 200;

// `clause` makes what name=value of a search means. The result is met by resources of `type` that the filter keeps.
// Errors: invalid, too_large; and those of `clause`.
Result<Clause> parse_filter(std::string_view text, TypeId type,
                            const std::function<Result<Clause>(std::string_view name, std::string_view value)>& clause,
                            const std::function<SearchType(std::string_view name)>& type_of);

}  // namespace salus::fhir::search
