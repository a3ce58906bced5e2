// Stored integers as JSON numbers: exact decimals in, the shortest double out.
#pragma once

#include "base/json.hpp"
#include "device/code.hpp"

namespace salus::app {

json::value number_of(device::Value stored, unsigned scale);
inline json::value number_of(device::Code code, device::Value stored) {
  return number_of(stored, device::info(code).scale);
}

}  // namespace salus::app
