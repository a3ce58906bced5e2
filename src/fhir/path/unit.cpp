#include "fhir/path/unit.hpp"

#include <algorithm>

#include "fhir/path/ucum_table.hpp"

namespace salus::fhir::path {
namespace {

Decimal ten_to(int exponent) {
  Decimal value{1};
  for (; exponent > 0; --exponent) value = *multiply(value, Decimal{10});
  return value;
}

// Numerator and denominator stay whole and short: their common tens go away.
bool reduce(Unit& unit) {
  const auto whole = [](Decimal& value, Decimal& other) {
    value = value.trimmed();
    const auto scaled = multiply(other, ten_to(value.scale()));
    if (!scaled) return false;
    other = *scaled;
    value = {value.coefficient(), 0};
    return true;
  };
  if (!whole(unit.numerator, unit.denominator) || !whole(unit.denominator, unit.numerator)) return false;
  Decimal::Wide a = unit.numerator.coefficient(), b = unit.denominator.coefficient();
  while (b != 0) {
    const Decimal::Wide rest = a % b;
    a = b;
    b = rest;
  }
  if (a == 0) return false;
  unit.numerator = {unit.numerator.coefficient() / a, 0};
  unit.denominator = {unit.denominator.coefficient() / a, 0};
  return true;
}

bool times(Unit& unit, const Unit& factor, int exponent) {
  for (std::size_t i = 0; i < unit.dimension.size(); ++i) {
    const int sum = unit.dimension[i] + factor.dimension[i] * exponent;
    if (sum > 100 || sum < -100) return false;
    unit.dimension[i] = static_cast<std::int8_t>(sum);
  }
  if (factor.own != 0) {
    if (unit.own != 0 && unit.own != factor.own) return false;
    const int sum = unit.own_exponent + factor.own_exponent * exponent;
    if (sum > 100 || sum < -100) return false;
    unit.own_exponent = static_cast<std::int8_t>(sum);
    unit.own = sum == 0 ? 0 : factor.own;
  }
  for (int i = 0; i < std::abs(exponent); ++i) {
    const auto up = multiply(unit.numerator, exponent > 0 ? factor.numerator : factor.denominator);
    const auto down = multiply(unit.denominator, exponent > 0 ? factor.denominator : factor.numerator);
    if (!up || !down) return false;
    unit.numerator = *up;
    unit.denominator = *down;
    if (!reduce(unit)) return false;
  }
  return true;
}

class UnitParser {
 public:
  explicit UnitParser(std::string_view text) : rest_(text) {}

  std::optional<Unit> parse() {
    Unit unit;
    if (rest_.empty() || rest_.size() > 200 || !term(unit, 0) || !rest_.empty()) return std::nullopt;
    return unit;
  }

 private:
  bool term(Unit& unit, int depth) {
    if (depth > 20) return false;
    int sign = 1;
    if (take('/')) sign = -1;
    for (;;) {
      Unit factor;
      if (take('(')) {
        if (!term(factor, depth + 1) || !take(')')) return false;
      } else if (!component(factor)) {
        return false;
      }
      if (!times(unit, factor, sign)) return false;
      if (take('.')) {
        sign = 1;
      } else if (take('/')) {
        sign = -1;
      } else {
        return true;
      }
    }
  }

  bool component(Unit& unit) {
    if (rest_.starts_with('{')) return annotation();
    const std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits > 0 && !rest_.starts_with("10*") && !rest_.starts_with("10^")) {
      const auto number = digits <= 15 ? Decimal::parse(rest_.substr(0, digits)) : std::nullopt;
      if (!number || number->is_zero()) return false;
      rest_.remove_prefix(digits);
      unit.numerator = *number;
      return !rest_.starts_with('{') || annotation();
    }
    Unit simple;
    if (digits > 0) {
      rest_.remove_prefix(3);
      simple.numerator = Decimal{10};
    } else if (!simple_unit(simple)) {
      return false;
    }
    int exponent = 1;
    if (!read_exponent(exponent) || !times(unit, simple, exponent)) return false;
    return !rest_.starts_with('{') || annotation();
  }

  bool annotation() {
    const std::size_t end = rest_.find('}');
    if (end == std::string_view::npos) return false;
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool read_exponent(int& out) {
    std::size_t at = rest_.starts_with('-') || rest_.starts_with('+') ? 1 : 0;
    const bool negative = rest_.starts_with('-');
    int value = 0;
    const std::size_t first = at;
    for (; at < rest_.size() && at < first + 3 && rest_[at] >= '0' && rest_[at] <= '9'; ++at)
      value = value * 10 + (rest_[at] - '0');
    if (at == first) return first == 0;
    if (value > 40) return false;
    rest_.remove_prefix(at);
    out = negative ? -value : value;
    return true;
  }

  // The longest run that may be a unit: to the next operator, digit or annotation outside brackets.
  bool simple_unit(Unit& unit) {
    std::size_t end = 0;
    for (bool bracket = false; end < rest_.size(); ++end) {
      const char c = rest_[end];
      if (c == '[') bracket = true;
      if (c == ']') bracket = false;
      if (!bracket &&
          (c == '.' || c == '/' || c == '(' || c == ')' || c == '{' || c == '-' || c == '+' || (c >= '0' && c <= '9')))
        break;
    }
    const std::string_view code = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (named(code, unit)) return true;
    for (const auto& [prefix, exponent] : prefixes) {
      if (!code.starts_with(prefix) || code.size() == prefix.size()) continue;
      const Atom* atom = find(code.substr(prefix.size()));
      if (atom == nullptr || !atom->metric || !value_of(*atom, unit)) continue;
      Unit scale;
      (exponent > 0 ? scale.numerator : scale.denominator) = ten_to(std::abs(exponent));
      return times(unit, scale, 1);
    }
    return false;
  }

  static const Atom* find(std::string_view code) {
    const auto* found = std::ranges::find(atoms, code, &Atom::code);
    return found == std::end(atoms) ? nullptr : found;
  }

  static bool named(std::string_view code, Unit& unit) {
    const Atom* atom = find(code);
    return atom != nullptr && value_of(*atom, unit);
  }

  // The table defines units by earlier ones, so this ends.
  static bool value_of(const Atom& atom, Unit& unit) {
    const Decimal value = *Decimal::parse(atom.value);
    if (atom.of.empty()) {
      unit.dimension[static_cast<std::size_t>(*value.integer())] = 1;
      return true;
    }
    if (atom.of == "!") {
      unit.own = static_cast<std::int32_t>(*value.integer());
      unit.own_exponent = 1;
      return true;
    }
    const auto base = parse_unit(atom.of);
    if (!base) return false;
    unit = *base;
    Unit factor;
    factor.numerator = value;
    return times(unit, factor, 1);
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

constexpr std::pair<std::string_view, Span> words[] = {
    {"year", Span::year}, {"month", Span::month},   {"week", Span::week},     {"day", Span::day},
    {"hour", Span::hour}, {"minute", Span::minute}, {"second", Span::second}, {"millisecond", Span::millisecond}};

// The unit of a quantity; a calendar year is twelve calendar months, and neither is a UCUM year.
std::optional<Unit> unit_of(const Quantity& quantity, bool calendar_as_ucum) {
  if (!quantity.calendar) return parse_unit(quantity.unit);
  const auto span = calendar_span(quantity.unit);
  if (!span) return std::nullopt;
  if (calendar_as_ucum || (*span != Span::year && *span != Span::month)) return parse_unit(ucum_of(*span));
  constexpr std::int32_t calendar_month = 100;
  Unit unit;
  unit.own = calendar_month;
  unit.own_exponent = 1;
  if (*span == Span::year) unit.numerator = Decimal{12};
  return unit;
}

// a's value in the other's unit is value × up / down.
struct Pair {
  Unit a, b;
};
std::optional<Pair> pair_of(const Quantity& a, const Quantity& b, bool calendar_as_ucum) {
  const auto x = unit_of(a, calendar_as_ucum), y = unit_of(b, calendar_as_ucum);
  if (!x || !y || !x->comparable(*y)) return std::nullopt;
  return Pair{*x, *y};
}

// value × numerator of its own unit × denominator of the other's: both sides of a comparison without division.
std::optional<Decimal> scaled(const Decimal& value, const Unit& own, const Unit& other) {
  Unit ratio = own;
  if (!times(ratio, other, -1)) return std::nullopt;
  const auto up = multiply(value, ratio.numerator);
  return up ? divide(*up, ratio.denominator, 20) : std::nullopt;
}

}  // namespace

std::optional<Unit> parse_unit(std::string_view ucum) {
  return UnitParser{ucum}.parse();
}

std::optional<Span> calendar_span(std::string_view word) {
  for (const auto& [name, span] : words)
    if (word == name || (word.ends_with('s') && word.substr(0, word.size() - 1) == name)) return span;
  return std::nullopt;
}

std::optional<Span> ucum_span(std::string_view unit) {
  for (const Span span : {Span::week, Span::day, Span::hour, Span::minute, Span::second, Span::millisecond})
    if (unit == ucum_of(span)) return span;
  return std::nullopt;
}

std::string_view ucum_of(Span span) {
  constexpr std::string_view codes[] = {"a", "mo", "wk", "d", "h", "min", "s", "ms"};
  return codes[static_cast<std::size_t>(span)];
}

std::string Quantity::text() const {
  return calendar ? value.text() + ' ' + unit : value.text() + " '" + unit + '\'';
}

std::optional<int> compare(const Quantity& a, const Quantity& b) {
  if (a.unit == b.unit && a.calendar == b.calendar) return compare(a.value, b.value);
  const auto units = pair_of(a, b, false);
  if (!units) return std::nullopt;
  // Without a division, so that nothing is rounded.
  Unit ratio = units->a;
  if (!times(ratio, units->b, -1)) return std::nullopt;
  const auto left = multiply(a.value, ratio.numerator), right = multiply(b.value, ratio.denominator);
  if (!left || !right) return std::nullopt;
  return compare(*left, *right);
}

std::optional<bool> equivalent(const Quantity& a, const Quantity& b) {
  const auto units = pair_of(a, b, true);
  if (!units) {
    if (a.unit != b.unit || a.calendar != b.calendar) return std::nullopt;
    const int same_scale = std::min(a.value.trimmed().scale(), b.value.trimmed().scale());
    return compare(*a.value.with_scale(same_scale), *b.value.with_scale(same_scale)) == 0;
  }
  // In the larger of both units, whose digits are the fewer.
  const auto in_b = scaled(Decimal{1}, units->a, units->b);
  if (!in_b) return std::nullopt;
  const bool a_larger = compare(*in_b, Decimal{1}) >= 0;
  const auto x = a_larger ? std::optional{a.value} : scaled(a.value, units->a, units->b);
  const auto y = a_larger ? scaled(b.value, units->b, units->a) : std::optional{b.value};
  if (!x || !y) return std::nullopt;
  const int scale = std::min(x->trimmed().scale(), y->trimmed().scale());
  return compare(*x->with_scale(scale), *y->with_scale(scale)) == 0;
}

bool comparable(const Quantity& a, const Quantity& b) {
  return (a.unit == b.unit && a.calendar == b.calendar) || pair_of(a, b, false).has_value();
}

std::optional<Quantity> add(const Quantity& a, const Quantity& b, bool subtract) {
  const Decimal other = subtract ? b.value.negated() : b.value;
  if (a.unit == b.unit && a.calendar == b.calendar) {
    const auto sum = add(a.value, other);
    return sum ? std::optional{Quantity{*sum, a.unit, a.calendar}} : std::nullopt;
  }
  const auto units = pair_of(a, b, false);
  const auto converted = units ? scaled(other, units->b, units->a) : std::nullopt;
  const auto sum = converted ? add(a.value, *converted) : std::nullopt;
  return sum ? std::optional{Quantity{*sum, a.unit, a.calendar}} : std::nullopt;
}

namespace {

std::string ucum_text(const Quantity& quantity) {
  const auto span = quantity.calendar ? calendar_span(quantity.unit) : std::nullopt;
  return span ? std::string{ucum_of(*span)} : quantity.unit;
}

}  // namespace

std::optional<Quantity> multiply(const Quantity& a, const Quantity& b) {
  const auto value = multiply(a.value, b.value);
  if (!value) return std::nullopt;
  const std::string x = ucum_text(a), y = ucum_text(b);
  return Quantity{*value, x == "1" ? y : y == "1" ? x : '(' + x + ").(" + y + ')', false};
}

std::optional<Quantity> divide(const Quantity& a, const Quantity& b) {
  const auto value = divide(a.value, b.value);
  if (!value) return std::nullopt;
  const std::string x = ucum_text(a), y = ucum_text(b);
  const bool simple = y.find_first_of("./") == std::string::npos;
  return Quantity{*value, x == y ? "1" : y == "1" ? x : x + (simple ? '/' + y : "/(" + y + ')'), false};
}

}  // namespace salus::fhir::path
