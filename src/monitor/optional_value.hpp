// How the views of this folder keep a value that may be absent: one byte, then the value.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "device/code.hpp"

namespace salus::monitor {

inline void put_optional(Writer& writer, const std::optional<device::Value>& value) {
  writer.put(static_cast<std::uint8_t>(value ? 1 : 0));
  writer.put(value.value_or(0));
}

inline std::optional<device::Value> get_optional(Reader& reader) {
  const bool has = reader.get<std::uint8_t>() != 0;
  const auto value = reader.get<device::Value>();
  return has ? std::optional(value) : std::nullopt;
}

}  // namespace salus::monitor
