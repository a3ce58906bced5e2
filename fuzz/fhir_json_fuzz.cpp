// What the reader takes as a resource, a strict general parser takes too; what it writes reads back as the same, and
// so it does by way of XML where XML can say it.
#include "base/assert.hpp"
#include "base/json.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  using namespace salus::fhir;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto document = read_json(text);
  if (!document) return 0;
  SALUS_ASSERT(text.starts_with("\xEF\xBB\xBF") || text.find_first_of("eE") != std::string_view::npos ||
               parse_json(text, {.bytes_max = 1 << 22, .depth_max = 300}));
  const std::string written = write_json(*document);
  const auto again = read_json(written);
  SALUS_ASSERT(again && same(*document, *again));
  SALUS_ASSERT(write_json(*again) == written);
  for (std::uint32_t i = 0; i < document->size(); ++i) (void)document->location(document->node(i));
  if (const auto xml = write_xml(*document)) {
    const auto back = read_xml(*xml);
    // JSON of the wrong shape (a string for a number) is XML that may be refused; it never reads as something else that
    // is right.
    if (back) SALUS_ASSERT(write_xml(*back) && *write_xml(*back) == *xml);
  }
  return 0;
}
