// All or nothing: a refused message leaves nothing, a taken one only plausible values; and the same bytes mean the
// same.
#include "base/assert.hpp"
#include "device/telemetry_cbor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus::device;
  const std::string_view payload{reinterpret_cast<const char*>(data), size};
  static Message message, again;
  const bool taken = parse_telemetry_cbor(payload, message).has_value();
  SALUS_ASSERT(taken == parse_telemetry_cbor(payload, again).has_value());
  SALUS_ASSERT(taken || message.readings().empty());
  SALUS_ASSERT(message.readings().size() == again.readings().size());
  for (const Reading& reading : message.readings()) {
    SALUS_ASSERT(reading.item_count + reading.unknown_count <= MessageLimits::keys_max + 1);
    for (const Item& item : message.items(reading)) {
      const CodeInfo& code = info(item.code);
      SALUS_ASSERT(!item.is_value() || (item.value >= code.low_stored() && item.value <= code.high_stored()));
    }
  }
  // Cut anywhere, a definite message is no message.
  if (taken && size > 1 && size < 256)
    for (std::size_t cut = 0; cut < size; ++cut) parse_telemetry_cbor(payload.substr(0, cut), again);
  return 0;
}
