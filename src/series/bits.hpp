// Bits, least significant first, appended to and read from bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/bytes.hpp"

namespace salus::series {

// Every put() takes up to 56 bits. finish() fills the last byte with zeros.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  void put(std::uint64_t bits, unsigned count) {
    word_ |= bits << used_;
    for (used_ += count; used_ >= 8; used_ -= 8, word_ >>= 8) {
      buffer_[size_++] = static_cast<char>(word_);
      if (size_ == sizeof buffer_) flush();
    }
  }
  void finish() {
    if (used_ > 0) put(0, 8 - used_);
    flush();
  }

 private:
  void flush() {
    out_.append(buffer_, size_);
    size_ = 0;
  }
  std::string& out_;
  std::uint64_t word_ = 0;
  unsigned used_ = 0;  // below 8 between calls
  std::size_t size_ = 0;
  char buffer_[64];
};

// Past its end it yields zeros and is `failed()`.
class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  // At least 57 bits from here on, without moving.
  std::uint64_t peek() const {
    std::uint64_t word = 0;
    const std::size_t byte = at_ / 8;
    if (byte + 8 <= bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, 8);
    } else if (byte < bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, bytes_.size() - byte);
    }
    return word >> (at_ % 8);
  }
  void skip(unsigned count) { at_ += count; }
  // Requires: count <= 56.
  std::uint64_t get(unsigned count) {
    const std::uint64_t bits = peek() & ((std::uint64_t{1} << count) - 1);
    at_ += count;
    return bits;
  }
  bool failed() const { return at_ > bytes_.size() * 8; }
  // Whole bytes begun so far.
  std::size_t bytes_read() const { return std::min(bytes_.size(), (at_ + 7) / 8); }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

}  // namespace salus::series
