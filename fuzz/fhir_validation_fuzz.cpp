// Any resource is validated in bounded time, twice alike, and each finding has its place. A StructureDefinition is also
// taken as a profile, of a resource that has a little of everything and of itself.
#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "fhir/validation/operation.hpp"
#include "fhir/validation/profile.hpp"

namespace {

using namespace salus::fhir;

void check(const Document& document, const validation::Options& options) {
  const auto first = validation::validate(document, options), second = validation::validate(document, options);
  SALUS_ASSERT(first.size() == second.size() && first.size() <= options.findings_max + 1);
  for (std::size_t i = 0; i < first.size(); ++i) {
    SALUS_ASSERT(first[i].location == second[i].location && first[i].message == second[i].message);
    SALUS_ASSERT(first[i].kind == validation::Kind::too_costly || !first[i].location.empty());
  }
  SALUS_ASSERT(read_json(validation::outcome_json(first)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto sample = read_json(
      R"({"resourceType":"Observation","id":"o","status":"final","category":[{"coding":[{"system":"s","code":"vital-signs"}]},{"text":"x"}],)"
      R"("code":{"coding":[{"system":"http://loinc.org","code":"1"}]},"subject":{"reference":"Patient/1"},"valueQuantity":{"value":1.50,"unit":"kg"},)"
      R"("extension":[{"url":"http://e","valueCode":"x"},{"url":"http://f","extension":[{"url":"g","valueInteger":1}]}],)"
      R"("component":[{"code":{"text":"a"},"valueInteger":1},{"code":{"text":"b"},"valueString":"c"}]})");
  const auto document = read_json({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  validation::Options options;
  options.findings_max = 50;
  check(*document, options);
  (void)validation::read_request(*document);
  validation::ProfileSet set;
  if (!set.add(*document)) return 0;
  options.profile_set = &set;
  options.profiles_asked.emplace_back(document->text_of(document->root(), document->definitions().known().url));
  check(*sample, options);
  check(*document, options);
  return 0;
}
