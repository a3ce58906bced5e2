#include "log/group_format.hpp"

#include "base/assert.hpp"

namespace salus::log {
namespace {

constexpr std::uint32_t kMagic = 0x50524753;      // "SGRP"
constexpr std::size_t kChecked = unhashed_bytes;  // bytes before are the magic, the lengths and the checksum itself

constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + 7) & ~std::size_t{7};
}

template <class T>
T load(ByteView bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Bodies are left out: their digests stand in the table, so a body may be shredded and the chain stays whole.
Sha256 hash_of(ByteView bytes, std::size_t header_bytes) {
  return header_hash(bytes.substr(kChecked, header_bytes - kChecked));
}

tl::unexpected<Error> damage(std::string_view what) {
  return fail(ErrorCode::damaged, "{}", what);
}

}  // namespace

std::size_t group_bytes_of(std::span<const Draft> drafts) {
  std::size_t bytes = group_header_bytes;
  for (const Draft& draft : drafts) bytes += run_header_bytes + draft.body.size();
  return padded(bytes);
}

std::shared_ptr<const Group> make_group(const GroupPlace& place, std::span<const Draft> drafts) {
  SALUS_ASSERT(!drafts.empty());
  auto group = std::make_shared<Group>();
  group->epoch = place.epoch;
  group->first = place.first;
  group->stamp = place.stamp;
  group->time = place.time;
  group->previous = place.previous;

  const std::size_t header_bytes = group_header_bytes + drafts.size() * run_header_bytes;
  const std::size_t total = group_bytes_of(drafts);
  std::string& bytes = group->bytes;
  bytes.reserve(total);
  Writer out{bytes};
  out.put(kMagic);
  out.put(static_cast<std::uint32_t>(header_bytes));
  out.put(static_cast<std::uint32_t>(total));
  out.put(std::uint32_t{0});  // checksum, below
  out.put(place.epoch);
  out.put(static_cast<std::uint32_t>(drafts.size()));
  out.put(place.first);
  out.put(place.stamp);
  out.put(place.synced_end);
  out.put(ns_of(place.time));
  out.put_bytes(view_of(place.previous));
  out.put(std::uint64_t{0});  // reserved
  SALUS_ASSERT(bytes.size() == group_header_bytes);
  for (const Draft& draft : drafts) {
    SALUS_ASSERT(draft.count > 0);
    out.put(draft.kind);
    out.put(std::uint16_t{0});  // codec: 0, stored as it came
    out.put(draft.key);
    out.put(draft.count);
    out.put(static_cast<std::uint32_t>(draft.body.size()));
    out.put(static_cast<std::uint32_t>(draft.body.size()));
    out.put(std::uint32_t{0});  // reserved
    out.put_bytes(view_of(sha256(draft.body)));
  }
  for (const Draft& draft : drafts) out.put_bytes(draft.body);
  bytes.resize(total, '\0');

  group->hash = hash_of(bytes, header_bytes);
  const std::uint32_t crc = crc32c(ByteView(bytes).substr(kChecked));
  std::memcpy(bytes.data() + 12, &crc, sizeof crc);

  Offset offset = place.first;
  std::size_t at = header_bytes;
  group->runs.reserve(drafts.size());
  for (const Draft& draft : drafts) {
    group->runs.push_back({draft.kind, draft.count, offset, draft.key, ByteView(bytes).substr(at, draft.body.size())});
    offset = after(offset, draft.count);
    at += draft.body.size();
  }
  return group;
}

Result<std::size_t> group_length(ByteView bytes) {
  if (bytes.size() < kChecked) return fail(ErrorCode::not_found, "no group here");
  const auto magic = load<std::uint32_t>(bytes, 0);
  if (magic == 0 && load<std::uint32_t>(bytes, 4) == 0 && load<std::uint64_t>(bytes, 8) == 0)
    return fail(ErrorCode::not_found, "no group here");
  if (magic != kMagic) return damage("the group's magic number differs");
  const auto header_bytes = load<std::uint32_t>(bytes, 4);
  const auto total = load<std::uint32_t>(bytes, 8);
  const bool possible = header_bytes >= group_header_bytes + run_header_bytes && total >= header_bytes &&
                        total <= group_bytes_limit && total % 8 == 0 &&
                        (header_bytes - group_header_bytes) % run_header_bytes == 0;
  if (!possible) return damage("the group's lengths cannot be true");
  return total;
}

Result<GroupExtent> group_extent(ByteView bytes) {
  const auto length = group_length(bytes);
  if (!length) return fail(length.error());
  if (bytes.size() < group_header_bytes) return damage("the group is cut short");
  const GroupExtent extent{load<Offset>(bytes, 24), load<std::uint32_t>(bytes, 20), load<std::uint32_t>(bytes, 4),
                           *length};
  if (extent.header_bytes != group_header_bytes + std::uint64_t{extent.runs} * run_header_bytes)
    return damage("the group's table of runs does not fit its count");
  return extent;
}

Result<BodyExtent> body_extent(ByteView header, Offset run) {
  const auto group = group_extent(header);
  if (!group) return fail(group.error());
  if (header.size() < group->header_bytes) return damage("the group is cut short");
  Offset offset = group->first;
  std::size_t at = group->header_bytes;
  for (std::size_t row = group_header_bytes; row < group->header_bytes; row += run_header_bytes) {
    const std::size_t size = load<std::uint32_t>(header, row + 12);
    if (size > group->bytes - at) return damage("a run's lengths cannot be true");
    if (offset == run) return BodyExtent{at, size};
    offset = after(offset, load<std::uint32_t>(header, row + 8));
    at += size;
  }
  return fail(ErrorCode::not_found, "no run begins at offset {}", number(run));
}

Result<Offset> group_end(ByteView header) {
  const auto group = group_extent(header);
  if (!group) return fail(group.error());
  if (header.size() < group->header_bytes) return damage("the group is cut short");
  Offset offset = group->first;
  for (std::size_t row = group_header_bytes; row < group->header_bytes; row += run_header_bytes)
    offset = after(offset, load<std::uint32_t>(header, row + 8));
  return offset;
}

Sha256 header_hash(ByteView hashed) {
  return sha256(hashed);
}

Result<DecodedGroup> decode_group(std::string owned, CheckBodies check) {
  const auto length = group_length(owned);
  if (!length) return damage(length.error().message);
  if (*length != owned.size()) return damage("the group is cut short");
  auto group = std::make_shared<Group>();
  group->bytes = std::move(owned);
  const ByteView bytes = group->bytes;
  if (crc32c(bytes.substr(kChecked)) != load<std::uint32_t>(bytes, 12)) return damage("the group's checksum differs");

  const auto header_bytes = load<std::uint32_t>(bytes, 4);
  const auto count = load<std::uint32_t>(bytes, 20);
  if (header_bytes != group_header_bytes + std::uint64_t{count} * run_header_bytes)
    return damage("the group's table of runs does not fit its count");
  group->epoch = load<Epoch>(bytes, 16);
  group->first = load<Offset>(bytes, 24);
  group->stamp = load<Offset>(bytes, 32);
  const auto synced_end = load<Offset>(bytes, 40);
  group->time = time_from_ns(load<std::int64_t>(bytes, 48));
  std::memcpy(group->previous.data(), bytes.data() + 56, 32);
  group->hash = hash_of(bytes, header_bytes);

  Offset offset = group->first;
  std::size_t body_at = header_bytes;
  group->runs.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t at = group_header_bytes + i * run_header_bytes;
    const auto entries = load<std::uint32_t>(bytes, at + 8);
    const auto stored = load<std::uint32_t>(bytes, at + 12);
    if (load<std::uint16_t>(bytes, at + 2) != 0) return damage("a run uses a codec that this build does not know");
    if (entries == 0 || stored > bytes.size() - body_at) return damage("a run's lengths cannot be true");
    const ByteView body = bytes.substr(body_at, stored);
    if (check == CheckBodies::yes && ByteView(bytes.data() + at + 24, 32) != view_of(sha256(body)))
      return damage("the digest of a run's body differs");
    group->runs.push_back({load<Kind>(bytes, at), entries, offset, load<std::uint32_t>(bytes, at + 4), body});
    offset = after(offset, entries);
    body_at += stored;
  }
  if (padded(body_at) != bytes.size()) return damage("the group's length does not fit its runs");
  return DecodedGroup{std::move(group), synced_end};
}

}  // namespace salus::log
