// Any bytes as an answer of samples: bounded, never crashing; what is read is written and read back the same.
#include <cstdint>
#include <cstdlib>

#include "series/samples_binary.hpp"

using namespace salus::series;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_samples_binary({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  if (read->page.samples.size() > size) std::abort();
  const auto again = read_samples_binary(samples_binary(read->page, read->scale, read->unit));
  if (!again || again->page.samples != read->page.samples || again->page.next_ns != read->page.next_ns) std::abort();
  return 0;
}
