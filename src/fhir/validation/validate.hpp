// Whether a resource is what R4 says it is: structure, cardinality, primitives, required codes, references, invariants,
// and profiles that the caller gives. Pure: a document in, findings out.
//
// Threads: any. What the definitions say is prepared at the first call (some milliseconds) and shared by all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/document/document.hpp"
#include "fhir/path/expression.hpp"

namespace salus::fhir::validation {

class ProfileSet;

enum class Severity : std::uint8_t { error, warning, information };
// OperationOutcome.issue.code.
enum class Kind : std::uint8_t {
  structure,
  required,
  value,
  invariant,
  code_invalid,
  not_found,
  processing,
  too_costly
};
std::string_view name(Severity severity);
std::string_view name(Kind kind);  // "code-invalid"

struct Finding {
  Severity severity = Severity::error;
  Kind kind = Kind::structure;
  std::string
      location;         // FHIRPath with indexes: "Patient.contact[0]"; of what is missing, the element it is missing in
  std::string message;  // a sentence without a patient's values
  std::string rule;     // the invariant's key ("obs-6") or the profile's canonical; empty for other rules of R4
};

enum class Check : std::uint8_t {
  off,
  warn,  // errors become warnings
  on,
};

struct Options {
  Check structure = Check::on;   // members, JSON shapes, cardinality, primitives, narratives
  Check bindings = Check::on;    // codes of required bindings
  Check references = Check::on;  // types that a reference may lead to
  Check invariants = Check::on;
  Check profiles = Check::on;   // those of `profiles`, and those in meta.profile that `profile_set` knows
  bool best_practices = false;  // also invariants that FHIR calls best practice (dom-6: there is a narrative)
  std::vector<std::string> profiles_asked = {};  // canonicals that the whole resource must conform to
  const ProfileSet* profile_set = nullptr;
  const path::Terminology* terminology = nullptr;  // for bindings of profiles, and extensible ones of R4
  const path::Resolver* resolver = nullptr;        // for resolve() in invariants
  Time now{};
  std::size_t findings_max = 200;  // then one more, too_costly, says that there are others
};

// Findings in the order of the document, those of profiles behind.
std::vector<Finding> validate(const Document& document, const Options& options = {});

inline bool has_errors(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    if (finding.severity == Severity::error) return true;
  return false;
}

}  // namespace salus::fhir::validation
