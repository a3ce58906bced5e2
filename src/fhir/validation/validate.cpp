#include "fhir/validation/validate.hpp"

#include "fhir/validation/conformance.hpp"

namespace salus::fhir::validation {

std::string_view name(Severity severity) {
  constexpr std::string_view names[] = {"error", "warning", "information"};
  return names[static_cast<std::size_t>(severity)];
}

std::string_view name(Kind kind) {
  constexpr std::string_view names[] = {"structure",    "required",  "value",      "invariant",
                                        "code-invalid", "not-found", "processing", "too-costly"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<Finding> validate(const Document& document, const Options& options) {
  Report report{options.findings_max};
  Walker{document, options, report}.run();
  if (options.profiles != Check::off && (options.profile_set != nullptr || !options.profiles_asked.empty()))
    Conformance{document, options, report}.run();
  return report.take();
}

}  // namespace salus::fhir::validation
