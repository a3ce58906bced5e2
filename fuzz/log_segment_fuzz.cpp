// Any bytes as the first segment of a log: opening and verifying never crash, never give out a group that does not
// follow the one before it, and what a writer then appends is found again.
#include <cstdint>
#include <cstdlib>

#include "log/cursor.hpp"
#include "log/kinds.hpp"
#include "log/segment_store.hpp"
#include "log/simulated_disk.hpp"
#include "log/verify.hpp"

using namespace salus;
using namespace salus::log;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Fuzzed bytes hardly ever have right checksums, so the segment's header is made right and the rest follows the fuzzer.
std::string segment_of(ByteView bytes) {
  std::string segment = encode_segment_header({"test", 1, Epoch{1}, Offset{}, {}});
  segment += bytes;
  segment.resize(std::max<std::size_t>(segment.size(), segment_header_bytes + 4096), '\0');
  return segment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{reinterpret_cast<const char*>(data), size};
  static_cast<void>(decode_group(std::string(bytes), CheckBodies::yes));
  static_cast<void>(decode_segment_header(std::string(bytes)));
  SimulatedDisk disk{1};
  disk.set_content(segment_file_name(1), segment_of(bytes));
  const auto verified = verify(disk, "test", nullptr);
  require(verified.has_value());
  auto store = SegmentStore::open(disk, {.partition = "test", .segment_bytes = 8192});
  require(store.has_value());
  if ((*store)->damage()) return 0;
  const Head end = (*store)->head();
  const Draft draft{kind::tick, 1, "body", 0};
  const auto group = make_group({Epoch{number(end.epoch) + 1}, end.end, {}, end.end, end.time, end.hash}, {&draft, 1});
  require((*store)->write(*group).has_value() && (*store)->sync().has_value());
  SegmentCursor cursor{**store, end.end, [&] { return (*store)->head().end; }};
  const auto found = cursor.next();
  require(found && *found && (*found)->hash == group->hash);
  return 0;
}
