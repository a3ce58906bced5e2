#include "fhir/path/decimal.hpp"

#include <algorithm>
#include <array>

namespace salus::fhir::path {
namespace {

using Wide = Decimal::Wide;

constexpr auto powers = [] {
  std::array<Wide, 39> table{};
  table[0] = 1;
  for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
  return table;
}();

Wide ten_to(int exponent) {
  return powers[static_cast<std::size_t>(exponent)];
}

bool fits(Wide value) {
  return value < powers[38] && value > -powers[38];
}

bool times(Wide a, Wide b, Wide& out) {
  return !__builtin_mul_overflow(a, b, &out) && fits(out);
}

Wide divided(Wide value, Wide by, Decimal::Rounding rounding) {
  const Wide quotient = value / by, rest = value % by;
  if (rest == 0) return quotient;
  const Wide away = value < 0 ? -1 : 1;
  switch (rounding) {
    case Decimal::Rounding::half_away: {
      const Wide half = by / 2 + by % 2;
      return quotient + ((rest < 0 ? -rest : rest) >= half ? away : 0);
    }
    case Decimal::Rounding::down:
      return quotient - (value < 0 ? 1 : 0);
    case Decimal::Rounding::up:
      return quotient + (value > 0 ? 1 : 0);
    case Decimal::Rounding::to_zero:
      break;
  }
  return quotient;
}

// One digit of the fraction less.
Decimal shorter(const Decimal& value) {
  return {divided(value.coefficient(), 10, Decimal::Rounding::half_away), value.scale() - 1};
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  std::size_t at = 0;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) ++at;
  Wide coefficient = 0;
  int scale = 0;
  bool digits = false, point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point && digits) {
      point = true;
      digits = false;
      continue;
    }
    if (c < '0' || c > '9') break;
    digits = true;
    if (!times(coefficient, 10, coefficient)) return std::nullopt;
    coefficient += c - '0';
    scale += point ? 1 : 0;
  }
  if (!digits) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    const bool down = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    int exponent = 0;
    const std::size_t first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && exponent < 1000; ++at)
      exponent = exponent * 10 + (text[at] - '0');
    if (at == first) return std::nullopt;
    scale += down ? exponent : -exponent;
    if (scale < 0) {
      if (scale < -digits_max || !times(coefficient, ten_to(-scale), coefficient)) return std::nullopt;
      scale = 0;
    }
  }
  if (at != text.size() || scale > digits_max) return std::nullopt;
  return Decimal{negative ? -coefficient : coefficient, scale};
}

bool Decimal::is_integer() const {
  return coefficient_ % ten_to(scale_) == 0;
}

std::optional<std::int64_t> Decimal::integer() const {
  const Wide whole = coefficient_ / ten_to(scale_);
  if (whole > INT64_MAX || whole < INT64_MIN) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

std::string Decimal::text() const {
  Wide rest = coefficient_ < 0 ? -coefficient_ : coefficient_;
  std::string digits;
  for (; rest != 0 || static_cast<int>(digits.size()) <= scale_; rest /= 10)
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (scale_ > 0) digits.insert(static_cast<std::size_t>(scale_), 1, '.');
  if (coefficient_ < 0) digits += '-';
  std::ranges::reverse(digits);
  return digits;
}

Decimal Decimal::trimmed() const {
  Decimal value = *this;
  while (value.scale_ > 0 && value.coefficient_ % 10 == 0) {
    value.coefficient_ /= 10;
    --value.scale_;
  }
  return value;
}

std::optional<Decimal> Decimal::with_scale(int scale, Rounding rounding) const {
  if (scale < 0 || scale > digits_max) return std::nullopt;
  if (scale <= scale_) return Decimal{divided(coefficient_, ten_to(scale_ - scale), rounding), scale};
  Wide coefficient = 0;
  if (!times(coefficient_, ten_to(scale - scale_), coefficient)) return std::nullopt;
  return Decimal{coefficient, scale};
}

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
  for (int scale = std::max(a.scale_, b.scale_); scale >= 0; --scale) {
    const auto x = a.with_scale(scale), y = b.with_scale(scale);
    if (x && y && fits(x->coefficient_ + y->coefficient_)) return Decimal{x->coefficient_ + y->coefficient_, scale};
  }
  return std::nullopt;
}

std::optional<Decimal> multiply(Decimal a, Decimal b) {
  for (;;) {
    Wide product = 0;
    if (times(a.coefficient_, b.coefficient_, product) && a.scale_ + b.scale_ <= Decimal::digits_max)
      return Decimal{product, a.scale_ + b.scale_};
    Decimal& longer = a.scale_ > b.scale_ ? a : b;
    if (longer.scale_ == 0) return std::nullopt;
    longer = shorter(longer);
  }
}

// Long division, digit by digit, until it ends or has the digits that are computed.
std::optional<Decimal> divide(Decimal a, Decimal b, int digits) {
  b = b.trimmed();
  while (b.scale_ > 0 && (b.coefficient_ > powers[36] || b.coefficient_ < -powers[36])) b = shorter(b);
  if (b.is_zero() || b.coefficient_ > powers[36] || b.coefficient_ < -powers[36]) return std::nullopt;
  const bool negative = a.is_negative() != b.is_negative();
  const Wide by = b.abs().coefficient_;
  Wide quotient = a.abs().coefficient_ / by, rest = a.abs().coefficient_ % by;
  int scale = a.scale_ - b.scale_;
  while (scale < 0 || (rest != 0 && scale < digits)) {
    rest *= 10;
    if (!times(quotient, 10, quotient)) {
      if (scale < 0) return std::nullopt;
      break;
    }
    quotient += rest / by;
    rest %= by;
    ++scale;
  }
  if (rest >= by - rest) ++quotient;
  if (!fits(quotient)) return std::nullopt;
  Decimal result{negative ? -quotient : quotient, scale};
  return rest == 0 ? result : result.trimmed();
}

int compare(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale_, b.scale_);
  const auto x = a.with_scale(scale), y = b.with_scale(scale);
  // What does not fit at the other's scale is the greater in magnitude.
  if (!x) return a.is_negative() ? -1 : 1;
  if (!y) return b.is_negative() ? 1 : -1;
  return x->coefficient_ < y->coefficient_ ? -1 : x->coefficient_ > y->coefficient_ ? 1 : 0;
}

}  // namespace salus::fhir::path
