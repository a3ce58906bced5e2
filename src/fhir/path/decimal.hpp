// Decimal numbers as FHIRPath and FHIR mean them: digits, not doubles. Every result is the same on every machine.
//
// A Decimal is coefficient × 10^-scale with at most 38 digits, of which at most 38 stand behind the point. Sums,
// products and comparisons are exact as long as they fit; what does not fit is rounded at the end of the fraction, half
// away from zero; what overflows is nothing (FHIRPath: "overflow … the result is empty").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace salus::fhir::path {

class Decimal {
 public:
  using Wide = __int128;
  static constexpr int digits_max = 38;
  // Fraction digits of quotients, roots, logarithms and powers that do not end earlier.
  static constexpr int computed_digits = 16;

  Decimal() = default;
  // Requires: 0 <= scale <= 38 and |coefficient| < 10^38.
  Decimal(Wide coefficient, int scale) : coefficient_(coefficient), scale_(scale) {}
  explicit Decimal(std::int64_t integer) : coefficient_(integer) {}

  // "-1.50", "2e3": sign, digits, fraction, exponent. Nothing else, and nothing that does not fit.
  static std::optional<Decimal> parse(std::string_view text);

  Wide coefficient() const { return coefficient_; }
  int scale() const { return scale_; }  // digits behind the point as written: 2 for 1.50
  bool is_zero() const { return coefficient_ == 0; }
  bool is_negative() const { return coefficient_ < 0; }
  bool is_integer() const;
  std::optional<std::int64_t> integer() const;  // truncated; nothing beyond 64 bits
  std::string text() const;

  Decimal negated() const { return {-coefficient_, scale_}; }
  Decimal abs() const { return is_negative() ? negated() : *this; }
  Decimal trimmed() const;  // without zeros at the end of the fraction

  enum class Rounding : std::uint8_t { half_away, down, up, to_zero };  // down and up: towards -∞ and +∞
  // With exactly `scale` digits behind the point; nothing when that does not fit.
  std::optional<Decimal> with_scale(int scale, Rounding rounding = Rounding::half_away) const;

  friend std::optional<Decimal> add(const Decimal& a, const Decimal& b);
  friend std::optional<Decimal> multiply(Decimal a, Decimal b);
  // Nothing for a zero divisor.
  friend std::optional<Decimal> divide(Decimal a, Decimal b, int digits);
  // -1, 0, 1.
  friend int compare(const Decimal& a, const Decimal& b);

 private:
  Wide coefficient_ = 0;
  int scale_ = 0;
};

std::optional<Decimal> add(const Decimal& a, const Decimal& b);
std::optional<Decimal> multiply(Decimal a, Decimal b);
std::optional<Decimal> divide(Decimal a, Decimal b, int digits = Decimal::computed_digits);
int compare(const Decimal& a, const Decimal& b);

inline bool operator==(const Decimal& a, const Decimal& b) {
  return compare(a, b) == 0;
}

// Rounded to `computed_digits`; nothing where the number is not real or does not fit.
std::optional<Decimal> square_root(const Decimal& value);
std::optional<Decimal> natural_logarithm(const Decimal& value);
std::optional<Decimal> logarithm(const Decimal& value, const Decimal& base);
std::optional<Decimal> exponential(const Decimal& value);
std::optional<Decimal> power(const Decimal& value, const Decimal& exponent);

}  // namespace salus::fhir::path
