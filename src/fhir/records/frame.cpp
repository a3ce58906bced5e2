#include "fhir/records/frame.hpp"

#include <cstring>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "fhir/records/compression.hpp"

namespace salus::fhir {
namespace {

constexpr std::uint64_t kUnpackedMax = 65 << 20;  // a body is one resource of at most 64 MiB

std::string pack(ByteView plain) {
  std::string packed(sizeof(std::uint32_t), '\0');
  Writer{packed}.put_varint(plain.size());
  compress(plain, packed);
  const std::uint32_t checksum = crc32c(ByteView(packed).substr(sizeof checksum));
  std::memcpy(packed.data(), &checksum, sizeof checksum);
  return packed;
}

std::string encode(const Body& body) {
  std::string bytes;
  Writer out{bytes};
  out.put_varint(body.gaps.size());
  std::uint32_t before = 0;
  for (const Gap& gap : body.gaps) {
    out.put_varint(gap.at - before);
    before = gap.at;
    out.put(gap.kind);
    if (gap.kind == GapKind::reference) out.put_varint(gap.target);
  }
  out.put_bytes(body.text);
  return bytes;
}

Result<Body> decode(ByteView bytes) {
  const auto damaged = [] { return fail(ErrorCode::damaged, "the gaps of a stored resource cannot be true"); };
  Reader fields{bytes};
  Body body;
  const std::uint64_t count = fields.get_varint();
  if (count > fields.remaining()) return damaged();
  body.gaps.reserve(count);
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    at += fields.get_varint();
    const auto kind = fields.get<GapKind>();
    const std::uint64_t target = kind == GapKind::reference ? fields.get_varint() : 0;
    body.gaps.push_back({static_cast<std::uint32_t>(at), kind, static_cast<std::uint32_t>(target)});
  }
  if (fields.failed() || at > fields.remaining()) return damaged();
  body.text = fields.rest();
  return body;
}

}  // namespace

void FrameWriter::add(const Body& body) {
  const std::string bytes = encode(body);
  if (bodies_ > 0 && plain_.size() + bytes.size() > frame_text_bytes) close();
  Writer{plain_}.put_string(bytes);
  ++bodies_;
}

void FrameWriter::close() {
  Writer out{frames_};
  out.put_varint(bodies_);
  out.put_string(pack(plain_));
  plain_.clear();
  bodies_ = 0;
  ++closed_;
}

void FrameWriter::finish(std::string& out) {
  if (bodies_ > 0) close();
  Writer{out}.put_varint(closed_);
  out += frames_;
}

Result<std::string> unpack_frame(ByteView frame) {
  Reader in{frame};
  const auto checksum = in.get<std::uint32_t>();
  if (in.failed() || crc32c(in.rest()) != checksum)
    return fail(ErrorCode::damaged, "the checksum of a stored resource differs");
  const std::uint64_t size = in.get_varint();
  if (in.failed() || size > kUnpackedMax)
    return fail(ErrorCode::damaged, "the size of a stored resource cannot be true");
  return decompress(in.rest(), size);
}

Result<Body> body_in(ByteView unpacked, std::uint32_t index) {
  if (index == 0) return decode(unpacked);
  Reader in{unpacked};
  for (std::uint32_t i = 1; i < index && !in.failed(); ++i) in.get_string();
  const ByteView bytes = in.get_string();
  if (in.failed()) return fail(ErrorCode::damaged, "a frame of resources holds fewer than its entry says");
  return decode(bytes);
}

Result<Body> FrameReader::read(ByteView frame, std::uint64_t at, std::uint32_t index) {
  if (!unpacked_ || at_ != at) {
    unpacked_.reset();
    auto unpacked = unpack_frame(frame);
    if (!unpacked) return fail(unpacked.error());
    unpacked_ = std::move(*unpacked);
    at_ = at;
  }
  return body_in(*unpacked_, index);
}

}  // namespace salus::fhir
