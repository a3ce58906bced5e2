#include "app/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "base/time.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/validation/validate.hpp"

namespace salus::app {
namespace {

std::optional<std::string> read(const std::string& file) {
  if (file == "-") return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
  std::ifstream in{file, std::ios::binary};
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

void print(const std::string& file, const fhir::validation::Finding& finding) {
  fmt::print("{}: {} {} {}: {}{}\n", file, name(finding.severity), name(finding.kind), finding.location,
             finding.message, finding.rule.empty() ? "" : fmt::format(" [{}]", finding.rule));
}

// The exit code for one file.
int validate_file(const std::string& file, const fhir::validation::Options& options) {
  const auto bytes = read(file);
  if (!bytes) return fmt::print(stderr, "{}: The file cannot be read.\n", file), 2;
  const auto document = fhir::read_document(*bytes);
  if (!document) return fmt::print(stderr, "{}: {}\n", file, document.error().error().message), 2;
  const auto findings = fhir::validation::validate(*document, options);
  for (const auto& finding : findings) print(file, finding);
  return has_errors(findings) ? 1 : 0;
}

}  // namespace

int validate_command(const ValidateOptions& options) {
  fhir::validation::Options asked;
  asked.best_practices = options.best_practices;
  asked.now = SystemClock{}.now();
  asked.findings_max = 10'000;
  int code = 0;
  for (const std::string& file : options.files) code = std::max(code, validate_file(file, asked));
  return code;
}

}  // namespace salus::app
