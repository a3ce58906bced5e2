#include "log/segment.hpp"

#include <algorithm>
#include <charconv>

namespace salus::log {
namespace {

constexpr std::uint64_t kMagic = 0x3147455355534C53;  // "SLSUSEG1"
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kSuffix = ".segment";

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string bytes;
  Writer out{bytes};
  out.put(kMagic);
  out.put(kVersion);
  out.put(std::uint32_t{0});  // checksum, below
  out.put(header.number);
  out.put(header.first);
  out.put(header.epoch);
  out.put_bytes(view_of(header.previous));
  out.put_string(header.partition);
  bytes.resize(segment_header_bytes, '\0');
  const std::uint32_t crc = crc32c(bytes);
  std::memcpy(bytes.data() + 12, &crc, sizeof crc);
  return bytes;
}

Result<SegmentHeader> decode_segment_header(std::string bytes) {
  if (bytes.size() != segment_header_bytes) return fail(ErrorCode::damaged, "the segment's header is cut short");
  std::uint32_t crc;
  std::memcpy(&crc, bytes.data() + 12, sizeof crc);
  std::memset(bytes.data() + 12, 0, sizeof crc);
  if (crc32c(bytes) != crc) return fail(ErrorCode::damaged, "the checksum of the segment's header differs");
  Reader in{bytes};
  if (in.get<std::uint64_t>() != kMagic) return fail(ErrorCode::damaged, "the segment's magic number differs");
  if (const auto version = in.get<std::uint32_t>(); version != kVersion)
    return fail(ErrorCode::damaged, "the segment has version {}; this build reads version {}", version, kVersion);
  in.get<std::uint32_t>();
  SegmentHeader header;
  header.number = in.get<std::uint64_t>();
  header.first = in.get<Offset>();
  header.epoch = in.get<Epoch>();
  const ByteView previous = in.get_bytes(32);
  std::memcpy(header.previous.data(), previous.data(), 32);
  header.partition = std::string(in.get_string());
  if (in.failed()) return fail(ErrorCode::damaged, "the segment's header is malformed");
  return header;
}

std::string segment_file_name(std::uint64_t number) {
  return fmt::format("{:012}{}", number, kSuffix);
}

std::optional<std::uint64_t> segment_number_of(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.size() - kSuffix.size());
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (ec != std::errc{} || end != digits.data() + digits.size() || digits.size() != 12) return std::nullopt;
  return number;
}

// `count` bytes at `position`, fewer at the end of the file; valid until the next call.
Result<ByteView> SegmentReader::look(std::uint64_t position, std::size_t count) {
  const bool inside = position >= buffer_at_ && position + count <= buffer_at_ + buffer_.size();
  if (!inside) {
    auto bytes = file_->read(position, std::max(count, ahead_bytes_));
    if (!bytes) return fail(bytes.error());
    buffer_ = std::move(*bytes);
    buffer_at_ = position;
  }
  const std::size_t skip = position - buffer_at_;
  return ByteView(buffer_).substr(skip, count);
}

Result<DecodedGroup> SegmentReader::next(CheckBodies check) {
  auto start = look(position_, 16);
  if (!start) return fail(start.error());
  auto length = group_length(*start);
  if (!length) return fail(length.error());
  auto bytes = look(position_, *length);
  if (!bytes) return fail(bytes.error());
  auto decoded = decode_group(std::string(*bytes), check);
  if (decoded) position_ += *length;
  return decoded;
}

Result<std::optional<std::uint64_t>> SegmentReader::first_nonzero(std::uint64_t from) {
  constexpr std::size_t chunk = 1 << 20;
  for (std::uint64_t at = from; at < size(); at += chunk) {
    auto bytes = look(at, std::min<std::uint64_t>(chunk, size() - at));
    if (!bytes) return fail(bytes.error());
    // memcmp of the block with itself shifted by one is the fastest portable "all zero".
    if (bytes->empty() ||
        (bytes->front() == 0 && std::memcmp(bytes->data(), bytes->data() + 1, bytes->size() - 1) == 0))
      continue;
    return std::optional{at + bytes->find_first_not_of('\0')};
  }
  return std::optional<std::uint64_t>{};
}

Result<std::optional<DecodedGroup>> SegmentReader::search(std::uint64_t from) {
  for (std::uint64_t at = (from + 7) & ~std::uint64_t{7}; at + group_header_bytes <= size(); at += 8) {
    auto start = look(at, 16);
    if (!start) return fail(start.error());
    if (!group_length(*start)) {
      // Long stretches of zeros are skipped at memory speed.
      if (start->find_first_not_of('\0') == ByteView::npos) {
        auto nonzero = first_nonzero(at);
        if (!nonzero) return fail(nonzero.error());
        if (!*nonzero) break;
        at = std::max(at, (**nonzero & ~std::uint64_t{7}) - 8);
      }
      continue;
    }
    auto bytes = look(at, *group_length(*start));
    if (!bytes) return fail(bytes.error());
    if (auto decoded = decode_group(std::string(*bytes), CheckBodies::no)) return std::optional{std::move(*decoded)};
  }
  return std::optional<DecodedGroup>{};
}

}  // namespace salus::log
