#include "device/unit.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace salus::device {
namespace {

using Wide = __int128;

enum class Dimension : std::uint8_t {
  temperature,
  pressure,
  rate,
  ratio,
  potential,
  length,
  flow,
  time,
  resistance,
  count
};

// base = (value × numerator + offset) / denominator
struct Unit {
  std::string_view text;
  Dimension dimension;
  std::int64_t numerator;
  std::int64_t denominator = 1;
  std::int64_t offset = 0;
};

// UCUM 2.1: m[Hg] is 133.3220 kPa, m[H2O] is 9.80665 kPa, [degF] is 5/9 K from 459.67, K from 273.15.
constexpr std::array units{
    Unit{"Cel", Dimension::temperature, 1},
    Unit{"[degF]", Dimension::temperature, 5, 9, -160},
    Unit{"K", Dimension::temperature, 100, 100, -27315},
    Unit{"mm[Hg]", Dimension::pressure, 1'333'220},
    Unit{"cm[H2O]", Dimension::pressure, 980'665},
    Unit{"kPa", Dimension::pressure, 10'000'000},
    Unit{"hPa", Dimension::pressure, 1'000'000},
    Unit{"Pa", Dimension::pressure, 10'000},
    Unit{"mbar", Dimension::pressure, 1'000'000},
    Unit{"/min", Dimension::rate, 60},
    Unit{"1/min", Dimension::rate, 60},
    Unit{"/s", Dimension::rate, 3'600},
    Unit{"1/s", Dimension::rate, 3'600},
    Unit{"Hz", Dimension::rate, 3'600},
    Unit{"/h", Dimension::rate, 1},
    Unit{"%", Dimension::ratio, 1},
    Unit{"1", Dimension::ratio, 100},
    Unit{"V", Dimension::potential, 1'000'000},
    Unit{"mV", Dimension::potential, 1'000},
    Unit{"uV", Dimension::potential, 1},
    Unit{"m", Dimension::length, 1'000'000},
    Unit{"cm", Dimension::length, 10'000},
    Unit{"mm", Dimension::length, 1'000},
    Unit{"um", Dimension::length, 1},
    Unit{"L/min", Dimension::flow, 60'000},
    Unit{"l/min", Dimension::flow, 60'000},
    Unit{"mL/min", Dimension::flow, 60},
    Unit{"ml/min", Dimension::flow, 60},
    Unit{"L/s", Dimension::flow, 3'600'000},
    Unit{"mL/s", Dimension::flow, 3'600},
    Unit{"L/h", Dimension::flow, 1'000},
    Unit{"min", Dimension::time, 60'000'000},
    Unit{"s", Dimension::time, 1'000'000},
    Unit{"ms", Dimension::time, 1'000},
    Unit{"us", Dimension::time, 1},
    Unit{"Ohm", Dimension::resistance, 1'000},
    Unit{"kOhm", Dimension::resistance, 1'000'000},
    Unit{"mOhm", Dimension::resistance, 1},
    Unit{"{score}", Dimension::count, 1},
    Unit{"{level}", Dimension::count, 1},
    Unit{"{flag}", Dimension::count, 1},
};

constexpr std::array<std::int64_t, 19> powers = [] {
  std::array<std::int64_t, 19> result{};
  result[0] = 1;
  for (std::size_t i = 1; i < result.size(); ++i) result[i] = result[i - 1] * 10;
  return result;
}();

const Unit* find_exact(std::string_view text) {
  for (const Unit& unit : units)
    if (unit.text == text) return &unit;
  return nullptr;
}

// Annotations in braces say what is counted and change nothing (UCUM 6): "{beats}/min" is "/min".
const Unit* find_unit(std::string_view text) {
  if (const Unit* unit = find_exact(text)) return unit;
  std::array<char, 24> plain{};
  std::size_t size = 0;
  bool inside = false;
  if (text.size() > plain.size()) return nullptr;
  for (const char c : text) {
    if (c == '{') inside = true;
    if (!inside) plain[size++] = c;
    if (c == '}') inside = false;
  }
  return size == text.size() || size == 0 ? nullptr : find_exact({plain.data(), size});
}

Wide round_half_away(Wide numerator, Wide denominator) {
  const Wide half = denominator / 2;
  return numerator >= 0 ? (numerator + half) / denominator : -((-numerator + half) / denominator);
}

template <class Float>
bool shortest(Float value, Decimal& out) {
  if (!std::isfinite(value)) return false;
  std::array<char, 48> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific).ptr;
  bool negative = false, after_point = false;
  out = {};
  for (const char* at = text.data(); at != end; ++at) {
    if (*at == 'e') {
      int exponent = 0;
      std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, exponent);
      out.exponent += exponent;
      break;
    }
    if (*at == '-') negative = true;
    if (*at == '.') after_point = true;
    if (*at < '0' || *at > '9') continue;
    out.mantissa = out.mantissa * 10 + (*at - '0');
    out.exponent -= after_point ? 1 : 0;
  }
  if (negative) out.mantissa = -out.mantissa;
  return true;
}

// Brings the exponent into [-18, 15]: false when the magnitude is at least 10^15, which no vital has.
bool bring_into_reach(Decimal& value) {
  while (value.exponent < -18) {
    value.mantissa /= 10;
    if (value.mantissa == 0) {
      value.exponent = 0;
      return true;
    }
    ++value.exponent;
  }
  if (value.mantissa == 0) {
    value.exponent = 0;
    return true;
  }
  if (value.exponent > 15) return false;
  const Wide whole = value.exponent >= 0 ? Wide{value.mantissa} * powers[static_cast<std::size_t>(value.exponent)]
                                         : Wide{value.mantissa / powers[static_cast<std::size_t>(-value.exponent)]};
  return whole < Wide{powers[15]} && whole > -Wide{powers[15]};
}

Reject in_range(Wide stored, const CodeInfo& code, Value& out) {
  if (stored < code.low_stored() || stored > code.high_stored()) return Reject::implausible;
  out = static_cast<Value>(stored);
  return Reject::none;
}

// Both units of one dimension, reduced so that the products below stay under 2^127: mantissa 10^18, ratio 10^7, scale
// 10^5.
Reject convert(Decimal value, const Unit& from, const Unit& to, const CodeInfo& code, Value& out) {
  if (!bring_into_reach(value)) return Reject::implausible;
  const std::int64_t shrink = std::gcd(from.numerator, to.numerator);
  const std::int64_t up = from.numerator / shrink;
  const std::int64_t down = to.numerator / shrink;
  const std::int64_t tenth = value.exponent < 0 ? powers[static_cast<std::size_t>(-value.exponent)] : 1;
  const Wide whole = Wide{value.mantissa} * (value.exponent > 0 ? powers[static_cast<std::size_t>(value.exponent)] : 1);
  // Offsets exist for temperatures alone, whose `to.numerator` is 1.
  const Wide numerator = (whole * up + Wide{from.offset} * tenth) * to.denominator * powers[code.scale];
  return in_range(round_half_away(numerator, Wide{from.denominator} * down * tenth), code, out);
}

}  // namespace

std::string_view name(Reject reject) {
  constexpr std::array<std::string_view, reject_count> names{"none",       "not_a_number", "unknown_unit",
                                                             "wrong_unit", "implausible",  "wrong_kind"};
  return names[static_cast<std::size_t>(reject)];
}

bool decimal_of(double value, Decimal& out) {
  return shortest(value, out);
}
bool decimal_of(float value, Decimal& out) {
  return shortest(value, out);
}

Reject to_stored(const Decimal& value, std::string_view unit, const CodeInfo& code, Value& out) {
  const bool own_unit = unit.empty() || unit == code.unit;
  const int shift = value.exponent + code.scale;
  // Nearly every value: few digits, no finer than the scale, in its own unit.
  if (own_unit && shift >= 0 && shift <= 6 && value.mantissa < 1'000'000'000 && value.mantissa > -1'000'000'000)
    return in_range(Wide{value.mantissa * powers[static_cast<std::size_t>(shift)]}, code, out);
  const Unit* to = find_unit(code.unit);
  const Unit* from = own_unit ? to : find_unit(unit);
  if (from == nullptr || to == nullptr) return Reject::unknown_unit;
  if (from->dimension != to->dimension) return Reject::wrong_unit;
  return convert(value, *from, *to, code, out);
}

bool to_scaled(Decimal value, unsigned scale, Value& out) {
  if (scale >= powers.size() || !bring_into_reach(value)) return false;
  const Wide down = value.exponent < 0 ? powers[static_cast<std::size_t>(-value.exponent)] : 1;
  const Wide up = value.exponent > 0 ? powers[static_cast<std::size_t>(value.exponent)] : 1;
  const Wide scaled = round_half_away(Wide{value.mantissa} * up * powers[scale], down);
  if (scaled < std::numeric_limits<Value>::min() || scaled > std::numeric_limits<Value>::max()) return false;
  out = static_cast<Value>(scaled);
  return true;
}

Reject wave_ratio(std::uint32_t multiplier, unsigned exponent, std::string_view unit, const CodeInfo& code,
                  Ratio& out) {
  const Unit* to = find_unit(code.unit);
  const Unit* from = unit.empty() ? to : find_unit(unit);
  if (from == nullptr || to == nullptr) return Reject::unknown_unit;
  if (from->dimension != to->dimension || from->offset != 0 || to->offset != 0) return Reject::wrong_unit;
  if (exponent > 9 || multiplier == 0) return Reject::implausible;
  const std::int64_t shrink = std::gcd(from->numerator, to->numerator);
  const Wide up = Wide{multiplier} * (from->numerator / shrink) * powers[code.scale];
  const Wide down = Wide{to->numerator / shrink} * powers[exponent];
  Wide a = up, b = down;
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  // A sample less its offset is below 2^32: its product with the numerator must stay in 63 bits.
  if (up / a > (Wide{1} << 30) || down / a > std::numeric_limits<std::int64_t>::max()) return Reject::implausible;
  out = {static_cast<std::int64_t>(up / a), static_cast<std::int64_t>(down / a)};
  return Reject::none;
}

}  // namespace salus::device
