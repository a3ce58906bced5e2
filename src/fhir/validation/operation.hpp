// The operation $validate without HTTP: what came in, and the OperationOutcome that goes out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/validation/validate.hpp"

namespace salus::fhir::validation {

// What the resource is going to be used for: http://hl7.org/fhir/resource-validation-mode.
enum class Mode : std::uint8_t { none, create, update, remove, profile };
std::optional<Mode> mode_of(std::string_view code);

struct Request {
  std::optional<Document> resource;  // none where only the mode matters ($validate of a stored resource, delete)
  Mode mode = Mode::none;
  std::vector<std::string> profiles;  // canonicals
};

// A body of $validate: the resource itself, or Parameters with `resource`, `mode` and `profile`. Parameters that have
// no parameter of these names are the resource itself. Errors: invalid, with the location in the Parameters.
Reading<Request> read_request(const Document& body);

// An OperationOutcome as compact JSON: an issue for each finding with severity, code, details.text, expression, and the
// rule as diagnostics; without findings one issue that says so.
std::string outcome_json(const std::vector<Finding>& findings);

}  // namespace salus::fhir::validation
