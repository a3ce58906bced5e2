// A stream cut anywhere gives the same packets as the stream at once, and the buffer keeps to its bound.
#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "mqtt/frame.hpp"

using namespace salus;
using namespace salus::mqtt;

namespace {

constexpr FrameLimits limits{.packet_bytes_max = 512};

// Packets in front of the first refusal, or of the end.
std::string whole(ByteView stream) {
  std::string seen;
  for (;;) {
    std::size_t used = 0;
    const auto frame = next_frame(stream, limits, used);
    if (!frame) return seen + "refused: " + frame.error().why;
    if (!*frame) return seen;
    seen.append((*frame)->body).push_back('|');
    stream.remove_prefix(used);
  }
}

std::string in_pieces(ByteView stream, ByteView cuts) {
  ReadBuffer buffer{16};
  buffer.allow(limits.packet_bytes_max);
  std::string seen;
  for (std::size_t turn = 0; !stream.empty(); ++turn) {
    const std::span<char> room = buffer.room();
    SALUS_ASSERT(!room.empty());
    const std::size_t wanted = cuts.empty() ? 1 : 1 + static_cast<std::uint8_t>(cuts[turn % cuts.size()]);
    const std::size_t piece = std::min({wanted, room.size(), stream.size()});
    std::memcpy(room.data(), stream.data(), piece);
    stream.remove_prefix(piece);
    buffer.filled(piece);
    SALUS_ASSERT(buffer.capacity() <= limits.packet_bytes_max);
    for (;;) {
      std::size_t used = 0;
      const auto frame = next_frame(buffer.unread(), limits, used);
      if (!frame) return seen + "refused: " + frame.error().why;
      if (!*frame) break;
      seen.append((*frame)->body).push_back('|');
      buffer.consume(used);
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView all{reinterpret_cast<const char*>(data), size};
  const ByteView cuts = all.substr(0, size / 8);
  const ByteView stream = all.substr(cuts.size());
  SALUS_ASSERT(whole(stream) == in_pieces(stream, cuts));
  return 0;
}
