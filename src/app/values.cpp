#include "app/values.hpp"

#include <array>

namespace salus::app {

json::value number_of(device::Value stored, unsigned scale) {
  static constexpr std::array<double, 10> powers{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  if (scale == 0) return stored;
  // Both are exact, so the quotient is the double nearest to the decimal, which prints as that decimal.
  const double value = stored / powers[scale];
  if (value == static_cast<double>(static_cast<std::int64_t>(value))) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace salus::app
