// Little-endian reading and writing of byte formats. A Reader never reads past its end, whatever the bytes claim:
// once something was missing it is `failed()` and yields zeros and empty views.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace salus {

using ByteView = std::string_view;  // bytes and text alike; who owns them is said where it is stored

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void put(T value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_double(double value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  // LEB128: seven bits a byte, least significant first.
  void put_varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  // Small magnitudes of either sign stay short.
  void put_zigzag(std::int64_t value) {
    put_varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void put_bytes(ByteView bytes) { out_.append(bytes); }
  void put_string(ByteView bytes) {
    put_varint(bytes.size());
    out_.append(bytes);
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  ByteView rest() const { return rest_; }

  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  T get() {
    T value{};
    const ByteView bytes = get_bytes(sizeof value);
    if (!failed_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  double get_double() {
    double value = 0;
    const ByteView bytes = get_bytes(sizeof value);
    if (!failed_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::uint64_t get_varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    fail();
    return 0;
  }
  std::int64_t get_zigzag() {
    const std::uint64_t value = get_varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  ByteView get_bytes(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const ByteView bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  // A varint length, then that many bytes; a view into what the reader was given.
  ByteView get_string() { return get_bytes(get_varint()); }

 private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }
  ByteView rest_;
  bool failed_ = false;
};

// Bytes whose order in memory is the order of the number: for keys of an ordered store.
inline void put_big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}
inline std::uint64_t get_big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

}  // namespace salus
