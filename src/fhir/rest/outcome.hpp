// Errors in FHIR's words.
#pragma once

#include <span>
#include <string>

#include "fhir/document/issue.hpp"
#include "fhir/validation/validate.hpp"
#include "http/message.hpp"

namespace salus::fhir {

// One of an OperationOutcome. `code` is of the value set issue-type.
struct OutcomeIssue {
  std::string_view severity = "error";
  std::string_view code = "invalid";
  std::string text = {};
  std::string expression = {};  // FHIRPath of the place; empty where there is none
};

std::string outcome_text(std::span<const OutcomeIssue> issues);
http::Response outcome(int status, std::span<const OutcomeIssue> issues);
http::Response outcome(int status, std::string_view code, std::string text);
// The one table from errors to FHIR: statuses as for the other gates, but 412 for `conflict`.
http::Response outcome(const Error& error);
// What validation found, issue by issue.
http::Response outcome(int status, std::span<const validation::Finding> findings);
// For what cannot be read: 400 with its place.
http::Response outcome(const Issue& issue);

inline constexpr std::string_view json_type = "application/fhir+json; charset=utf-8";
inline constexpr std::string_view xml_type = "application/fhir+xml; charset=utf-8";

}  // namespace salus::fhir
