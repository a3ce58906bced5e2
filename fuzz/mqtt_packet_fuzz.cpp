// Any bytes as one packet, in both versions: what decodes is encoded and decoded again, and must then be the same
// bytes.
#include "base/assert.hpp"
#include "mqtt/frame.hpp"

using namespace salus;
using namespace salus::mqtt;

namespace {

void check(ByteView wire, Version version) {
  std::size_t used = 0;
  const auto frame = next_frame(wire, {}, used);
  if (!frame || !*frame) return;
  const auto packet = decode(**frame, version);
  if (!packet) return;
  if (const auto* connect = std::get_if<Connect>(&*packet)) version = connect->version;
  std::string once;
  encode(once, *packet, version);
  std::size_t again_used = 0;
  const auto again_frame = next_frame(once, {}, again_used);
  SALUS_ASSERT(again_frame.has_value() && again_frame->has_value() && again_used == once.size());
  // The encoder writes shortest forms, so a second turn has nothing left to change.
  const auto again = decode(**again_frame, version);
  SALUS_ASSERT(again.has_value() && again->index() == packet->index());
  std::string twice;
  encode(twice, *again, version);
  SALUS_ASSERT(once == twice && once.size() <= used);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView wire{reinterpret_cast<const char*>(data), size};
  check(wire, Version::v311);
  check(wire, Version::v5);
  return 0;
}
