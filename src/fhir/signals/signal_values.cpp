#include "fhir/signals/signal_values.hpp"

#include "fhir/document/json.hpp"
#include "fhir/search/extractor.hpp"

namespace salus::fhir {

Result<std::vector<search::Posting>> signal_values(std::string_view json) {
  static const search::Extractor extractor;
  const auto document = read_json(json);
  if (!document) return fail(ErrorCode::damaged, "A signal's Observation cannot be read: {}", document.error().message);
  return extractor.extract(*document);
}

}  // namespace salus::fhir
