// Roots, logarithms and powers in decimal arithmetic: series with 18 digits behind the point, rounded to 15. No libm,
// whose last bit differs between machines.
#include "fhir/path/decimal.hpp"

namespace salus::fhir::path {
namespace {

constexpr int guard_digits = 18;  // two numbers below 10 with so many digits multiply within 38

std::optional<Decimal> product(const Decimal& a, const Decimal& b) {
  const auto exact = multiply(a, b);
  return exact && exact->scale() > guard_digits ? exact->with_scale(guard_digits) : exact;
}

Decimal constant(const char* text) {
  return *Decimal::parse(text);
}

// ln 2 and ln 10 to more digits than are kept.
const Decimal& ln2() {
  static const Decimal value = constant("0.69314718055994530941723");
  return value;
}

// ln(1 + x) - ln(1 - x) with x = (m - 1) / (m + 1); |x| <= 1/3.
std::optional<Decimal> logarithm_near_one(const Decimal& m) {
  const auto below = add(m, Decimal{-1}), above = add(m, Decimal{1});
  if (!below || !above) return std::nullopt;
  const auto ratio = divide(*below->with_scale(guard_digits), *above, guard_digits);
  if (!ratio) return std::nullopt;
  const auto square = product(*ratio, *ratio);
  Decimal term = *ratio, sum = *ratio;
  for (int n = 3; n < 120 && !term.is_zero(); n += 2) {
    term = *product(term, *square);
    const auto part = divide(term, Decimal{n}, guard_digits);
    if (!part) return std::nullopt;
    sum = *add(sum, *part);
  }
  return add(sum, sum);
}

std::optional<Decimal> finished(const std::optional<Decimal>& value) {
  if (!value) return std::nullopt;
  const auto rounded = value->with_scale(Decimal::computed_digits - 1);
  return rounded ? std::optional{rounded->trimmed()} : std::nullopt;
}

std::optional<Decimal> raw_logarithm(Decimal value) {
  if (value.is_zero() || value.is_negative()) return std::nullopt;
  int twos = 0;
  const Decimal two{2}, half{5, 1}, low{7, 1}, high{14, 1};
  for (; compare(value, high) > 0 && twos < 200; ++twos) {
    const auto next = product(value, half);
    if (!next) return std::nullopt;
    value = next->scale() > guard_digits ? *next->with_scale(guard_digits) : *next;
  }
  for (; compare(value, low) < 0 && twos > -200; --twos) {
    const auto next = multiply(value, two);
    if (!next) return std::nullopt;
    value = *next;
  }
  const auto near = logarithm_near_one(value);
  const auto far = multiply(ln2(), Decimal{twos});
  return near && far ? add(*near, *far) : std::nullopt;
}

std::optional<Decimal> integer_power(Decimal base, std::int64_t exponent) {
  Decimal result{1};
  for (std::uint64_t rest = static_cast<std::uint64_t>(exponent < 0 ? -exponent : exponent); rest > 0; rest >>= 1) {
    if (rest & 1) {
      const auto next = multiply(result, base);
      if (!next) return std::nullopt;
      result = *next;
    }
    if (rest > 1) {
      const auto square = multiply(base, base);
      if (!square) return std::nullopt;
      base = *square;
    }
  }
  return exponent < 0 ? divide(Decimal{1}, result) : std::optional{result};
}

}  // namespace

// Newton's iteration on whole numbers: the root of coefficient × 10^(2k).
std::optional<Decimal> square_root(const Decimal& value) {
  if (value.is_negative()) return std::nullopt;
  if (value.is_zero()) return Decimal{0};
  int scale = value.scale() + value.scale() % 2;
  auto widened = value.with_scale(scale);
  while (widened && scale < 2 * Decimal::computed_digits) {
    const auto next = widened->with_scale(scale + 2);
    if (!next) break;
    widened = next;
    scale += 2;
  }
  if (!widened) return std::nullopt;
  const Decimal::Wide wanted = widened->coefficient();
  Decimal::Wide root = 1;
  while (root < wanted / root) root *= 2;
  for (;;) {
    const Decimal::Wide next = (root + wanted / root) / 2;
    if (next >= root) break;
    root = next;
  }
  return Decimal{root, scale / 2}.trimmed();
}

std::optional<Decimal> natural_logarithm(const Decimal& value) {
  return finished(raw_logarithm(value));
}

std::optional<Decimal> logarithm(const Decimal& value, const Decimal& base) {
  const auto up = raw_logarithm(value), down = raw_logarithm(base);
  return up && down ? finished(divide(*up, *down)) : std::nullopt;
}

// e^x = 2^k × e^r with |r| <= 0.35; the series of e^r ends quickly.
std::optional<Decimal> exponential(const Decimal& value) {
  if (compare(value, Decimal{87}) > 0) return std::nullopt;
  if (compare(value, Decimal{-87}) < 0) return Decimal{0};
  const auto turns = divide(value, ln2());
  const std::int64_t k = *turns->with_scale(0)->integer();
  const auto rest = add(value, multiply(ln2(), Decimal{-k})->with_scale(guard_digits).value());
  if (!rest) return std::nullopt;
  Decimal term{1}, sum{1};
  const Decimal r = rest->scale() > guard_digits ? *rest->with_scale(guard_digits) : *rest;
  for (int n = 1; n < 60 && !term.is_zero(); ++n) {
    const auto next = product(term, r);
    const auto part = next ? divide(*next, Decimal{n}, guard_digits) : std::nullopt;
    if (!part) return std::nullopt;
    term = *part;
    sum = *add(sum, term);
  }
  const auto scaled = integer_power(Decimal{2}, k);
  return scaled ? finished(product(sum, *scaled)) : std::nullopt;
}

std::optional<Decimal> power(const Decimal& value, const Decimal& exponent) {
  if (exponent.is_integer()) {
    const auto whole = exponent.integer();
    if (!whole || *whole > 10'000 || *whole < -10'000) return std::nullopt;
    return integer_power(value, *whole);
  }
  if (exponent == Decimal{5, 1}) return square_root(value);
  if (value.is_zero()) return Decimal{0};
  const auto log = raw_logarithm(value);
  const auto product_of = log ? multiply(*log, exponent) : std::nullopt;
  return product_of ? exponential(*product_of) : std::nullopt;
}

}  // namespace salus::fhir::path
