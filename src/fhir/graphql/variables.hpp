// Variables of an operation, as the request gives them (October 2021, 6.1.2).
#pragma once

#include <map>

#include "base/json.hpp"
#include "fhir/graphql/syntax.hpp"

namespace salus::fhir::graphql {

using Variables = std::map<std::string, Value, std::less<>>;

// Those that are given or have a default. What is given and not declared is ignored, as GraphQL says.
// Errors: invalid: one that must be there is not, or is not of its type. Int, Float, String, ID and Boolean are
// GraphQL's own; every other name is of a FHIR primitive, which any scalar may be.
Parsed<Variables> variables_of(const Operation& operation, const json::object& given);

// `value` with variables in the place of their names; null for those that are not there.
Value resolved(const Value& value, const Variables& variables);

}  // namespace salus::fhir::graphql
