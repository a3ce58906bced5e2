// MQTT's own bytes (1.5): big-endian integers, strings with a two-byte length, variable byte integers of at most four.
// The reader never goes past its end: once something was missing it has failed and yields zeros and empty views.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace salus::mqtt {

inline constexpr std::uint32_t varint_max = 268'435'455;

class WireReader {
 public:
  explicit WireReader(ByteView bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return number(4); }
  ByteView bytes(std::size_t count) {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  ByteView string() { return bytes(u16()); }
  // MQTT-1.5.5-1 wants the shortest form from senders; a longer one is read as what it says. A fifth byte is a failure.
  std::uint32_t varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const std::uint8_t byte = u8();
      value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }

 private:
  std::uint32_t number(std::size_t count) {
    std::uint32_t value = 0;
    for (const char byte : bytes(count)) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
  }
  ByteView rest_;
  bool failed_ = false;
};

inline void put_u8(std::string& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}
inline void put_u16(std::string& out, std::uint16_t value) {
  const char bytes[2] = {static_cast<char>(value >> 8), static_cast<char>(value)};
  out.append(bytes, 2);
}
inline void put_u32(std::string& out, std::uint32_t value) {
  put_u16(out, static_cast<std::uint16_t>(value >> 16));
  put_u16(out, static_cast<std::uint16_t>(value));
}
// Requires: at most 65,535 bytes.
inline void put_string(std::string& out, ByteView text) {
  put_u16(out, static_cast<std::uint16_t>(text.size()));
  out.append(text);
}
// Requires: value <= varint_max.
inline void put_varint(std::string& out, std::uint32_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}
constexpr std::size_t varint_size(std::uint32_t value) {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
}

}  // namespace salus::mqtt
