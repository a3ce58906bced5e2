// Units as UCUM writes them ("mg/dL", "10*3/uL", "mm[Hg]") and as FHIRPath's calendar words do (4 days): parsed,
// compared and converted exactly, as ratios of whole numbers.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "fhir/path/decimal.hpp"
#include "fhir/path/temporal.hpp"

namespace salus::fhir::path {

// value in base units = value × numerator / denominator.
struct Unit {
  // Exponents of m, s, g, rad, K, C, cd, and of one unit that is not made of these ([iU], Cel, a calendar month).
  std::array<std::int8_t, 7> dimension{};
  std::int32_t own = 0;  // which one that is; 0: none
  std::int8_t own_exponent = 0;
  Decimal numerator{1}, denominator{1};

  bool comparable(const Unit& other) const {
    return dimension == other.dimension && own == other.own && own_exponent == other.own_exponent;
  }
};

// Nothing when the text is no unit that is known here.
std::optional<Unit> parse_unit(std::string_view ucum);

// Calendar words: "day", "days" … "millisecond"; also in quotes ('month').
std::optional<Span> calendar_span(std::string_view word);
// What UCUM calls spans of a fixed length: wk, d, h, min, s, ms. Not a and mo, which UCUM defines as averages.
std::optional<Span> ucum_span(std::string_view unit);
std::string_view ucum_of(Span span);  // "a" and "mo" too

struct Quantity {
  Decimal value;
  std::string unit;  // UCUM, or a calendar word
  bool calendar = false;

  std::string text() const;  // "4 days", "1.5 'mg'"
};

// How a compares with b after conversion; nothing when they cannot be compared.
std::optional<int> compare(const Quantity& a, const Quantity& b);
// Equal to the digits of the less precise.
std::optional<bool> equivalent(const Quantity& a, const Quantity& b);
bool comparable(const Quantity& a, const Quantity& b);

std::optional<Quantity> add(const Quantity& a, const Quantity& b, bool subtract);
std::optional<Quantity> multiply(const Quantity& a, const Quantity& b);
std::optional<Quantity> divide(const Quantity& a, const Quantity& b);

}  // namespace salus::fhir::path
