// `salus fhirpath EXPRESSION FILE`: asks a FHIR document without a server.
#pragma once

#include <string>

namespace salus::app {

struct FhirPathOptions {
  std::string expression;
  std::string file;    // JSON or XML, told apart by content; "-" is standard input
  bool check = false;  // first refuse what the document's type cannot have
};

// Prints each result as a line `TYPE VALUE`, an object as compact JSON, a line break in a text as \n. The process's
// exit code: 0, also for an empty result; 2 when the expression or the document is refused.
int fhirpath_command(const FhirPathOptions& options);

}  // namespace salus::app
