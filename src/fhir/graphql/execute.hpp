// Answers a query that check() has passed (October 2021, 6; https://hl7.org/fhir/R4/graphql.html).
#pragma once

#include "base/time.hpp"
#include "fhir/graphql/output.hpp"
#include "fhir/graphql/schema.hpp"
#include "fhir/graphql/source.hpp"
#include "fhir/graphql/syntax.hpp"
#include "fhir/graphql/variables.hpp"

namespace salus::fhir::graphql {

// Bounds of an answer. Over them the whole query is refused: too_large.
struct AnswerLimits {
  std::size_t bytes_max = 16 << 20;
  std::size_t values_max = 1'000'000;     // nodes that are looked at and values that are answered
  std::size_t evaluations_max = 5'000;    // of FHIRPath
  std::uint64_t path_steps_max = 20'000;  // of one evaluation
  std::size_t errors_max = 100;           // fields that fail; then the whole query does
  std::size_t slice_bytes_max = 256;      // of what @slice adds to a name
};

struct Answer {
  Output data = Output::null();
  std::vector<Problem> problems;  // of fields, which are null
};

struct Asked {
  const Query& query;
  const Operation& operation;
  const Variables& variables;
  Resource focus = {};  // what is selected from; null: the whole record
  Time now = {};        // of FHIRPath's now()
};

// Errors: too_large  over the limits: nothing is answered.
//         those of reading the record.
Parsed<Answer> execute(const Asked& asked, Source& source, const Definitions& definitions, AnswerLimits limits = {});

}  // namespace salus::fhir::graphql
