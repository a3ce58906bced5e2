// Any resource is validated in bounded time, twice alike; each finding has its place.
#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "fhir/validation/validate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus::fhir;
  const auto document = read_json({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  validation::Options options;
  options.findings_max = 50;
  const auto first = validation::validate(*document, options), second = validation::validate(*document, options);
  SALUS_ASSERT(first.size() == second.size() && first.size() <= 51);
  for (std::size_t i = 0; i < first.size(); ++i) {
    SALUS_ASSERT(first[i].location == second[i].location && first[i].message == second[i].message);
    SALUS_ASSERT(!first[i].message.empty());
    SALUS_ASSERT(first[i].kind == validation::Kind::too_costly || !first[i].location.empty());
  }
  return 0;
}
