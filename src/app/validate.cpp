#include "app/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "base/time.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/validation/profile.hpp"
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

fhir::Reading<fhir::Document> document_of(const std::string& file) {
  const auto bytes = read(file);
  if (!bytes) return tl::make_unexpected(fhir::Issue{ErrorCode::not_found, "The file cannot be read"});
  return fhir::read_document(*bytes);
}

int refuse(const std::string& file, const fhir::Issue& issue) {
  fmt::print(stderr, "{}: {}\n", file, issue.error().message);
  return 2;
}

// The exit code for one file.
int validate_file(const std::string& file, fhir::validation::Options options) {
  const auto document = document_of(file);
  if (!document) return refuse(file, document.error());
  std::erase_if(options.profiles_asked, [&](const std::string& canonical) {
    return !document->definitions().is_a(document->type(), options.profile_set->find(canonical)->type);
  });
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
  fhir::validation::ProfileSet profiles;
  for (const std::string& file : options.profiles) {
    const auto document = document_of(file);
    if (!document) return refuse(file, document.error());
    if (const auto added = profiles.add(*document); !added) return refuse(file, added.error());
    asked.profiles_asked.emplace_back(document->text_of(document->root(), document->definitions().known().url));
  }
  if (profiles.size() > 0) asked.profile_set = &profiles;
  int code = 0;
  for (const std::string& file : options.files) code = std::max(code, validate_file(file, asked));
  return code;
}

}  // namespace salus::app
