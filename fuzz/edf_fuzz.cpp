// Any bytes as an EDF file: bounded, never crashing; every wave has a rate, as many marks as samples, and a known code.
#include <cstdint>
#include <cstdlib>

#include "sim/edf.hpp"

using namespace salus::sim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = parse_edf({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!read) return 0;
  if (read->waves.empty()) std::abort();
  for (const RecordedWave& wave : read->waves)
    if (!wave.period.is_valid() || wave.missing.size() != wave.samples.size() ||
        code_of_edf_label(wave.label) != wave.code)
      std::abort();
  return 0;
}
