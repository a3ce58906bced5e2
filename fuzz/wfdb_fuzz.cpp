// Any bytes as a WFDB header or signal file: bounded, never crashing; format 212 decodes to as many samples as it has
// bytes.
#include <cstdint>
#include <cstdlib>

#include "sim/wfdb.hpp"

using namespace salus::sim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto header = parse_wfdb_header(bytes)) {
    if (header->signals.empty() || header->signals.size() > WfdbLimits::signals_max || !header->period.is_valid())
      std::abort();
    for (const WfdbSignal& signal : header->signals)
      if (signal.file.find('/') != std::string::npos) std::abort();
  }
  if (const auto samples = decode_wfdb_samples(bytes, 212))
    if (samples->size() != size / 3 * 2 + (size % 3 == 2 ? 1 : 0)) std::abort();
  if (const auto samples = decode_wfdb_samples(bytes, 16))
    if (samples->size() != size / 2) std::abort();
  return 0;
}
