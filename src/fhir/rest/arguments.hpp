// What an operation is asked: query parameters, and the Parameters of a body.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/call.hpp"

namespace salus::fhir {

class Arguments {
 public:
  // Errors: those of reading the body; not_known: a parameter that is not among `known`.
  static tl::expected<Arguments, http::Response> of(const Call& call, std::initializer_list<std::string_view> known);

  // A primitive's text; empty where it is not given.
  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  bool is_true(std::string_view name) const { return text(name) == "true"; }
  // A number of 0 or more. Errors: invalid.
  Result<std::optional<std::size_t>> number(std::string_view name) const;
  // The value or resource of a parameter of the body; null where there is none.
  const Node* node(std::string_view name) const;
  const Document& body() const { return *body_; }
  // The resource of a parameter as a document of its own. Errors: as of reading documents.
  Result<std::optional<Document>> resource(std::string_view name) const;

 private:
  http::Fields fields_;
  std::optional<Document> body_;
};

// An answer, written parameter by parameter.
class ParametersText {
 public:
  // `json` is the value as JSON; "String" of valueString.
  void add(std::string_view name, std::string_view type, std::string_view json);
  void text(std::string_view name, std::string_view type, std::string_view value);  // nothing where it is empty
  void truth(std::string_view name, bool value) { add(name, "Boolean", value ? "true" : "false"); }
  void part(std::string_view name, const ParametersText& parts);
  std::string finish() const { return R"({"resourceType":"Parameters","parameter":[)" + text_ + "]}"; }

 private:
  std::string text_;
};

}  // namespace salus::fhir
