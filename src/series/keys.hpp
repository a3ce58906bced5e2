// Keys of the series table; store.hpp says what lies under them.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "series/sample.hpp"

namespace salus::series {

inline constexpr char main_tag = 'm';
inline constexpr char late_tag = 'l';

inline std::string channel_bytes(const ChannelKey& key) {
  std::string bytes = key.device;
  bytes.push_back('\0');
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(key.code >> shift));
  bytes.push_back(static_cast<char>(key.instance));
  return bytes;
}

// False when the bytes are no channel's.
inline bool channel_from(ByteView bytes, ChannelKey& key) {
  const std::size_t end = bytes.find('\0');
  if (end == ByteView::npos || bytes.size() != end + 6) return false;
  key.device = bytes.substr(0, end);
  key.code = 0;
  for (std::size_t i = 1; i <= 4; ++i) key.code = key.code << 8 | static_cast<std::uint8_t>(bytes[end + i]);
  key.instance = static_cast<std::uint8_t>(bytes[end + 5]);
  return true;
}

// Instants before 1970 sort before those after.
inline void put_time(std::string& key, std::int64_t time_ns) {
  put_big_endian(key, static_cast<std::uint64_t>(time_ns) ^ std::uint64_t{1} << 63);
}

inline std::string chunk_prefix(ByteView channel, char tag) {
  std::string key{"c"};
  key.append(channel);
  key.push_back(tag);
  return key;
}

}  // namespace salus::series
