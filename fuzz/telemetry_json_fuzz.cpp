// What our parser takes, a strict general parser takes too; and what it calls malformed, that one refuses.
#include "base/assert.hpp"
#include "base/json.hpp"
#include "device/telemetry_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const std::string_view payload{reinterpret_cast<const char*>(data), size};
  static device::Message message;
  const Result<void> ours = device::parse_telemetry_json(payload, message);
  const bool strict = parse_json(payload, {.bytes_max = 1 << 20, .depth_max = 64}).has_value();
  if (ours) {
    // A general parser may refuse an exponent that we call implausible.
    SALUS_ASSERT(strict || payload.find_first_of("eE") != std::string_view::npos);
    for (const device::Reading& reading : message.readings())
      for (const device::Item& item : message.items(reading)) {
        const device::CodeInfo& code = device::info(item.code);
        SALUS_ASSERT(!item.is_value() || (item.value >= code.low_stored() && item.value <= code.high_stored()));
      }
  } else {
    SALUS_ASSERT(message.readings().empty());
    SALUS_ASSERT(!strict || ours.error().message.find("malformed") == std::string::npos);
  }
  return 0;
}
