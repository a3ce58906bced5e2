// Any text as an expression: bounded, never crashing, and the same answer twice.
#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "fhir/path/expression.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  using namespace salus::fhir;
  static const auto document = read_json(
      R"({"resourceType":"Patient","id":"p","active":true,"name":[{"given":["A","B"],"family":"C"},{"use":"old","given":["D"]}],)"
      R"("birthDate":"1974-12-25","multipleBirthInteger":2,"contained":[{"resourceType":"Observation","status":"final","code":{"text":"w"},)"
      R"("valueQuantity":{"value":70.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}]})");
  const std::string_view source{reinterpret_cast<const char*>(data), size};
  const auto expression = path::Expression::compile(source);
  if (!expression) return 0;
  (void)expression->check(document->type());
  const path::Environment environment{.limits = {.steps_max = 20'000, .items_max = 5'000, .text_max = 10'000}};
  const auto first = expression->evaluate(*document, environment);
  const auto second = expression->evaluate(*document, environment);
  SALUS_ASSERT(first.has_value() == second.has_value());
  if (!first) return 0;
  SALUS_ASSERT(first->size() == second->size());
  for (std::size_t i = 0; i < first->size(); ++i) SALUS_ASSERT(text_of((*first)[i]) == text_of((*second)[i]));
  return 0;
}
