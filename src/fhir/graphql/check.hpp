// What can be told of a query before anything is read (October 2021, 5).
#pragma once

#include "fhir/graphql/parser.hpp"
#include "fhir/graphql/schema.hpp"

namespace salus::fhir::graphql {

// The operation that is asked for. Errors: invalid.
Parsed<const Operation*> operation_of(const Query& query, std::string_view name);

// Fields, arguments, directives, fragments and variables of `operation` are such as there are, and within bounds.
// `root`: what the operation selects from. Errors: invalid, too_large.
Parsed<void> check(const Query& query, const Operation& operation, Scope root, const Definitions& definitions,
                   QueryLimits limits = {});

}  // namespace salus::fhir::graphql
