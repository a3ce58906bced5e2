// Any bytes as a WFDB annotation file: bounded, never crashing; what is read is ascending and of types that exist.
#include <cstdint>
#include <cstdlib>

#include "sim/wfdb_annotations.hpp"

using namespace salus::sim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = parse_wfdb_annotations({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  if (read->size() > size / 2) std::abort();
  std::int64_t before = 0;
  for (const WfdbAnnotation& annotation : *read) {
    if (annotation.sample < before || annotation.type < 1 || annotation.type > 49) std::abort();
    before = annotation.sample;
  }
  return 0;
}
