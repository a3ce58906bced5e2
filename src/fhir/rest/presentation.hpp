// What a caller may ask of the form of an answer: JSON or XML, how much of it, and whether it comes at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fhir/document/document.hpp"
#include "http/message.hpp"

namespace salus::fhir {

enum class Format : std::uint8_t { json, xml };
enum class Summary : std::uint8_t { none, yes, text, data, count };
enum class Return : std::uint8_t { representation, minimal, outcome };
enum class Handling : std::uint8_t { strict, lenient };

struct Presentation {
  Format format = Format::json;
  bool pretty = false;
  Summary summary = Summary::none;
  std::vector<std::string> elements = {};  // empty: all
  std::optional<Return> returns = {};      // Prefer: return=…
  Handling handling = Handling::strict;    // Prefer: handling=…

  bool is_whole() const { return elements.empty() && (summary == Summary::none || summary == Summary::count); }
};

struct NotPresentable {
  int status = 400;  // 406 for a format that is not spoken here
  std::string text;
};
// From `_format`, `_pretty`, `_summary`, `_elements` (or `_fields`, as Medplum's client says it) and the headers Accept
// and Prefer.
tl::expected<Presentation, NotPresentable> presentation_of(const http::Request& request);

// The parameters that ask for a form or for a moment, and for no resource.
bool is_presentation_parameter(std::string_view name);

// A resource's JSON in the form that was asked for. Errors: as of reading and writing documents.
Result<std::string> present(std::string json, const Presentation& form, const Definitions& definitions);
// Only the parts of a resource that `form` keeps, as compact JSON, with the tag SUBSETTED.
std::string subset(const Document& resource, const Presentation& form);

http::Response resource_response(int status, std::string json, const Presentation& form,
                                 const Definitions& definitions);

// A request's body as a document: XML where Content-Type says so, else what it begins with.
Reading<Document> read_body(const http::Request& request, const Definitions& definitions);

}  // namespace salus::fhir
