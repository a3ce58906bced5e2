#include "log/head.hpp"

#include <algorithm>

namespace salus::log {
namespace {

constexpr std::uint64_t kMagic = 0x31444145485F5353;  // "SS_HEAD1"

std::string encode(const Head& head) {
  std::string bytes;
  Writer out{bytes};
  out.put(kMagic);
  out.put(std::uint32_t{0});  // checksum, below
  out.put(head.epoch);
  out.put(head.sequence);
  out.put(head.end);
  out.put(head.segment);
  out.put(head.position);
  out.put(head.last_segment);
  out.put(head.last_position);
  out.put_bytes(view_of(head.hash));
  out.put(ns_of(head.time));
  out.put(static_cast<std::uint8_t>(head.clean ? 1 : 0));
  bytes.resize(head_slot_bytes, '\0');
  const std::uint32_t crc = crc32c(bytes);
  std::memcpy(bytes.data() + 8, &crc, sizeof crc);
  return bytes;
}

std::optional<Head> decode(std::string bytes) {
  if (bytes.size() != head_slot_bytes) return std::nullopt;
  std::uint32_t crc;
  std::memcpy(&crc, bytes.data() + 8, sizeof crc);
  std::memset(bytes.data() + 8, 0, sizeof crc);
  if (crc32c(bytes) != crc) return std::nullopt;
  Reader in{bytes};
  if (in.get<std::uint64_t>() != kMagic) return std::nullopt;
  Head head;
  in.get<std::uint32_t>();
  head.epoch = in.get<Epoch>();
  head.sequence = in.get<std::uint64_t>();
  head.end = in.get<Offset>();
  head.segment = in.get<std::uint64_t>();
  head.position = in.get<std::uint64_t>();
  head.last_segment = in.get<std::uint64_t>();
  head.last_position = in.get<std::uint64_t>();
  const ByteView hash = in.get_bytes(32);
  std::memcpy(head.hash.data(), hash.data(), 32);
  head.time = time_from_ns(in.get<std::int64_t>());
  head.clean = in.get<std::uint8_t>() != 0;
  return head;
}

bool all_zero(ByteView bytes) {
  return bytes.find_first_not_of('\0') == ByteView::npos;
}

}  // namespace

Result<HeadFile::Slots> HeadFile::read(const File& file) {
  Slots slots;
  for (std::size_t i = 0; i < 2; ++i) {
    auto bytes = file.read(i * head_slot_bytes, head_slot_bytes);
    if (!bytes) return fail(bytes.error());
    slots.blank[i] = bytes->size() == head_slot_bytes && all_zero(*bytes);
    slots.slot[i] = decode(std::move(*bytes));
  }
  return slots;
}

Result<std::unique_ptr<HeadFile>> HeadFile::open(Disk& disk) {
  auto file = disk.open(head_file_name);
  if (!file && file.error().code == ErrorCode::not_found) file = disk.create(head_file_name, 2 * head_slot_bytes);
  if (!file) return fail(file.error());
  auto slots = read(**file);
  if (!slots) return fail(slots.error());
  auto head = std::unique_ptr<HeadFile>(new HeadFile(std::move(*file)));
  for (auto& slot : slots->slot)
    if (slot && (!head->found_ || slot->sequence > head->found_->sequence)) head->found_ = slot;
  if (head->found_) head->sequence_ = head->found_->sequence;
  return head;
}

Result<void> HeadFile::write(Head head) {
  head.sequence = ++sequence_;
  return file_->write(sequence_ % 2 * head_slot_bytes, encode(head));
}

}  // namespace salus::log
