// What is wrong with a document, and where: the material of an OperationOutcome.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "base/error.hpp"

namespace salus::fhir {

struct Issue {
  ErrorCode code = ErrorCode::invalid;
  std::string message = {};  // a sentence without the location and without a patient's values
  // FHIRPath ("Patient.name[0].given[1]"), or a JSON pointer ("/name/0") where no type is known yet.
  std::string location = {};
  std::uint32_t line = 0, column = 0;  // from 1; 0 where the document came from elsewhere; columns count bytes

  // "Patient.name[0]: the message (line 3, column 7)".
  Error error() const;
};

template <class T>
using Reading = tl::expected<T, Issue>;

// Sets line and column of `issue` to byte `at` of `text`.
void place(Issue& issue, std::string_view text, std::size_t at);

}  // namespace salus::fhir
