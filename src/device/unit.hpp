// Units as UCUM writes them, and exact conversion into the unit that a code is stored in. Everything is integer
// arithmetic: the same message gives the same stored value on every machine.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/code.hpp"

namespace salus::device {

// mantissa × 10^exponent, as a message wrote it. At most 18 significant digits are kept; later ones are dropped, which
// changes a value by less than 1 part in 10^17.
struct Decimal {
  std::int64_t mantissa = 0;
  std::int32_t exponent = 0;
};

// The decimal that a binary float means: the shortest one that reads back as the same float, so that a sensor's 36.65
// is 36.65 and not 36.649999618530273. False for NaN and infinities.
bool decimal_of(double value, Decimal& out);
bool decimal_of(float value, Decimal& out);

// Why a value was kept in the log but neither stored nor scored nor alarmed.
enum class Reject : std::uint8_t {
  none,
  not_a_number,  // text, array or object where a number is expected
  unknown_unit,
  wrong_unit,   // a unit of another dimension
  implausible,  // outside what the sensor can physically report
  wrong_kind,   // a wave or derived code in a telemetry message
};
inline constexpr std::size_t reject_count = 6;
std::string_view name(Reject reject);

// value × 10^scale in the code's unit, rounded half away from zero. An empty unit is the code's own.
Reject to_stored(const Decimal& value, std::string_view unit, const CodeInfo& code, Value& out);

// value × 10^scale rounded half away from zero, without unit or plausible range: for limits and hysteresis.
// False when it does not fit.
bool to_scaled(Decimal value, unsigned scale, Value& out);

// The factor numerator/denominator (in lowest terms) from `unit` × 10^-exponent to the stored integer of `code`, for
// waves: no offsets.
struct Ratio {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
};
Reject wave_ratio(std::uint32_t multiplier, unsigned exponent, std::string_view unit, const CodeInfo& code, Ratio& out);

}  // namespace salus::device
