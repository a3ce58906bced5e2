// Scenario files: any text is read or refused with a line, and what is read keeps its own promises.
#include <cstdint>
#include <cstdlib>

#include "sim/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus::sim;
  const auto read = parse_scenario("fuzz", {reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  salus::milliseconds last{0};
  for (const Change& change : read->changes) {
    if (change.at < last || change.over > ScenarioLimits::time_max) std::abort();
    last = change.at;
  }
  return 0;
}
