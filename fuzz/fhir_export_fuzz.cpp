// Any text as what an $export is asked, or as its unsealed link (the first byte says which): bounded, never crashing;
// what is refused says why, and what is understood exports each type once.
#include <set>

#include "base/assert.hpp"
#include "fhir/rest/export_job.hpp"

namespace {

using namespace salus;
using namespace salus::fhir;

void as_request(std::string_view text) {
  const Definitions& definitions = Definitions::r4();
  const auto plan = plan_export(definitions, {.target = std::string(text)}, false);
  if (!plan) {
    SALUS_ASSERT(!plan.error().message.empty());
    return;
  }
  SALUS_ASSERT(std::set(plan->types.begin(), plan->types.end()).size() == plan->types.size());
  for (const TypeId type : plan->types) {
    const auto query = query_of(*plan, type, {"a", "b"}, {});
    SALUS_ASSERT(!query || (query->types.size() == 1 && query->types.front().type == type));
  }
}

void as_link(std::string_view bytes) {
  const auto opened = decode_job(bytes);
  if (!opened) return;
  const auto again = decode_job(encode(opened->job, opened->type));
  SALUS_ASSERT(again && again->type == opened->type && again->job.target == opened->job.target);
  as_request(opened->job.target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest{reinterpret_cast<const char*>(data + 1), size - 1};
  if (data[0] % 2 == 0)
    as_request("/fhir/" + std::string(rest));
  else
    as_link(rest);
  return 0;
}
