// The bytes of a group on disk and on the wire: docs/formats/log.md. Pure functions.
#pragma once

#include <memory>
#include <span>

#include "base/error.hpp"
#include "log/run.hpp"

namespace salus::log {

inline constexpr std::size_t group_header_bytes = 96;
inline constexpr std::size_t run_header_bytes = 56;
inline constexpr std::size_t group_bytes_limit = 64 << 20;  // no group is larger; a length that claims more is damage

// What the writer knows when it puts a group together.
struct GroupPlace {
  Epoch epoch{};
  Offset first{};
  Offset stamp{};
  Offset synced_end{};  // what was durable when this group was ordered: it proves that all before was once whole
  Time time{};
  Sha256 previous{};
};

// Requires: at least one draft, each with count > 0.
std::shared_ptr<const Group> make_group(const GroupPlace& place, std::span<const Draft> drafts);

// How many bytes make_group would need for these bodies.
std::size_t group_bytes_of(std::span<const Draft> drafts);

// Where a group begins in `bytes`, how long it claims to be; not_found when there is none (zeros), damaged when the
// claim cannot be true.
Result<std::size_t> group_length(ByteView bytes);

// What a group's header says of its extent: for who looks for one run. `bytes` begins with the header.
struct GroupExtent {
  Offset first{};
  std::uint32_t runs = 0;
  std::size_t header_bytes = 0;  // with the table of runs
  std::size_t bytes = 0;
};
// Errors: not_found (zeros), damaged.
Result<GroupExtent> group_extent(ByteView bytes);

// Where the body of the run that begins at `run` lies within its group. `header` is the whole header with its table.
// Errors: not_found, damaged.
struct BodyExtent {
  std::size_t at = 0, size = 0;
};
Result<BodyExtent> body_extent(ByteView header, Offset run);

// One past the last entry of the group with this header. Errors: damaged.
Result<Offset> group_end(ByteView header);
// The chain's link: the hash of a header with its table, of which bytes 0 to 15 are no part.
inline constexpr std::size_t unhashed_bytes = 16;
Sha256 header_hash(ByteView hashed);

struct DecodedGroup {
  std::shared_ptr<const Group> group;
  Offset synced_end{};
};

// `bytes` is exactly one group. Checks lengths, CRC32C and, when asked, the SHA-256 of every body.
// Errors: damaged.
enum class CheckBodies : bool { no, yes };
Result<DecodedGroup> decode_group(std::string bytes, CheckBodies check);

}  // namespace salus::log
