#include "app/fhirpath.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "base/time.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/path/expression.hpp"

namespace salus::app {
namespace {

int refuse(std::string_view what, const Error& error) {
  fmt::print(stderr, "{}: {}\n", what, error.message);
  return 2;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      line += c == '\n' ? "\\n" : "\\r";
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace

int fhirpath_command(const FhirPathOptions& options) {
  std::string bytes;
  if (options.file == "-") {
    bytes.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    std::ifstream in{options.file, std::ios::binary};
    if (!in) return refuse(options.file, {ErrorCode::not_found, "The file cannot be read."});
    bytes.assign(std::istreambuf_iterator<char>{in}, {});
  }
  const auto expression = fhir::path::Expression::compile(options.expression);
  if (!expression) return refuse("expression", expression.error().error());
  const auto document = fhir::read_document(bytes);
  if (!document) return refuse(options.file, document.error().error());
  if (options.check)
    if (const auto checked = expression->check(document->type()); !checked)
      return refuse("expression", checked.error().error());
  fhir::path::Environment environment{.now = SystemClock{}.now()};
  environment.trace = [](std::string_view name, const fhir::path::Collection& items) {
    for (const fhir::path::Value& value : items) fmt::print(stderr, "{}: {}\n", name, one_line(text_of(value)));
  };
  const auto result = expression->evaluate(*document, environment);
  if (!result) return refuse("expression", result.error());
  for (const fhir::path::Value& value : *result) fmt::print("{} {}\n", type_of(value).name, one_line(text_of(value)));
  return 0;
}

}  // namespace salus::app
