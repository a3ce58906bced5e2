#include "mqtt/frame.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace salus::mqtt {

Decoded<std::optional<Frame>> next_frame(ByteView bytes, const FrameLimits& limits, std::size_t& bytes_used) {
  bytes_used = 0;
  if (bytes.empty()) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (first >> 4 == 0) return malformed("2.1.2 packet type 0");
  std::size_t length = 0;
  std::size_t header = 1;
  for (int shift = 0;; shift += 7, ++header) {
    if (shift == 28) return malformed("1.5.5 remaining length of more than four bytes");
    if (header == bytes.size()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(bytes[header]);
    length |= static_cast<std::size_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) break;
  }
  ++header;
  if (header + length > limits.packet_bytes_max) return refuse(Reason::packet_too_large, "3.1.2.11.4 packet too large");
  if (bytes.size() - header < length) return std::nullopt;
  bytes_used = header + length;
  return Frame{static_cast<PacketType>(first >> 4), static_cast<std::uint8_t>(first & 0x0F),
               bytes.substr(header, length)};
}

namespace {
constexpr std::size_t small_reads_to_shrink = 256;
}

ReadBuffer::ReadBuffer(std::size_t bytes_start)
    : bytes_start_(bytes_start), bytes_max_(bytes_start), capacity_(bytes_start), data_(new char[bytes_start]) {}

std::span<char> ReadBuffer::room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (small_reads_ >= small_reads_to_shrink && capacity_ > bytes_start_) {
      resize(std::max(bytes_start_, capacity_ / 4));
      small_reads_ = 0;
    }
  } else if (begin_ > 0) {  // what is left is the front of one packet, so this is paid once for each read
    std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_ && capacity_ < bytes_max_) resize(std::min(capacity_ * 2, bytes_max_));
  return {data_.get() + end_, capacity_ - end_};
}

void ReadBuffer::filled(std::size_t count) {
  SALUS_ASSERT(count <= capacity_ - end_);
  end_ += count;
  small_reads_ = count < capacity_ / 8 ? small_reads_ + 1 : 0;
  // A read that fills the buffer says that more is waiting: fewer, larger reads from now on.
  if (end_ == capacity_ && begin_ == 0 && capacity_ < std::min(bytes_max_, std::size_t{64 * 1024}))
    resize(std::min(capacity_ * 4, bytes_max_));
}

void ReadBuffer::consume(std::size_t count) {
  SALUS_ASSERT(count <= end_ - begin_);
  begin_ += count;
}

void ReadBuffer::resize(std::size_t capacity) {
  SALUS_ASSERT(end_ - begin_ <= capacity);
  std::unique_ptr<char[]> data{new char[capacity]};
  if (end_ > begin_) std::memcpy(data.get(), data_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  capacity_ = capacity;
  data_ = std::move(data);
}

}  // namespace salus::mqtt
