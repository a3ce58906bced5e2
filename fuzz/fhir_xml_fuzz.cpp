// What is taken can be written as XML and as JSON, and both read back as the same.
#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus::fhir;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto document = read_xml(text);
  if (!document) return 0;
  const auto json = read_json(write_json(*document));
  SALUS_ASSERT(json && same(*document, *json));
  const auto xml = write_xml(*document);
  SALUS_ASSERT(xml);
  const auto again = read_xml(*xml);
  SALUS_ASSERT(again && same(*document, *again));
  return 0;
}
