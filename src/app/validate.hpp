// `salus validate FILE…`: whether FHIR documents are what R4 and given profiles say, without a server.
#pragma once

#include <string>
#include <vector>

namespace salus::app {

struct ValidateOptions {
  std::vector<std::string> files;     // JSON or XML, told apart by content; "-" is standard input
  std::vector<std::string> profiles;  // StructureDefinitions that every document of their type must conform to
  bool best_practices = false;        // also what FHIR calls best practice
};

// Prints each finding as a line `FILE: SEVERITY KIND LOCATION: message [rule]`. The process's exit code: 0; 1 when
// there was an error among the findings; 2 when a file is no document, or no
// StructureDefinition where it is a profile.
int validate_command(const ValidateOptions& options);

}  // namespace salus::app
