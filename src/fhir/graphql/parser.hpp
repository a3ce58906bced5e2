// Reads a GraphQL document. Pure; takes outside bytes within QueryLimits.
#pragma once

#include "fhir/graphql/syntax.hpp"

namespace salus::fhir::graphql {

// Bounds of what is asked. Over them: too_large.
struct QueryLimits {
  std::size_t bytes_max = 64 << 10;  // of the document
  std::uint32_t depth_max = 32;    // selections within selections, fragments counted where they are spread; values too
  std::size_t fields_max = 2'000;  // with fragments spread
};

// Errors: invalid, too_large. Schema definitions are refused: they are not executable.
Parsed<Query> parse(std::string_view text, QueryLimits limits = {});

}  // namespace salus::fhir::graphql
