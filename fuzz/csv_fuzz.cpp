// Any bytes as a CSV of numbers or signals: bounded, never crashing, times ascending.
#include <cstdint>
#include <cstdlib>

#include "sim/bidmc.hpp"

using namespace salus::sim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto rows = parse_numerics_csv(bytes))
    for (std::size_t i = 1; i < rows->size(); ++i)
      if ((*rows)[i].at_ns <= (*rows)[i - 1].at_ns) std::abort();
  if (const auto waves = parse_signals_csv(bytes))
    for (const RecordedWave& wave : *waves)
      if (wave.samples.size() != waves->front().samples.size()) std::abort();
  return 0;
}
