#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {
namespace {

constexpr int decimal_digits = 8;  // boundaries of Decimals without a precision
constexpr int decimal_digits_max = 31;

std::optional<Decimal> decimal_boundary(const Decimal& value, std::int64_t digits, bool high) {
  if (digits < 0 || digits > decimal_digits_max) return std::nullopt;
  // Half a unit of the last digit that is known.
  if (value.scale() + 1 > Decimal::digits_max) return std::nullopt;
  const auto moved = add(value, Decimal{high ? 5 : -5, value.scale() + 1});
  return moved ? moved->with_scale(static_cast<int>(digits), high ? Decimal::Rounding::up : Decimal::Rounding::down)
               : std::nullopt;
}

}  // namespace

bool Evaluator::boundaries(Function function, const Collection& input, std::span<const Collection> args,
                           Collection& out) {
  const bool high = function == Function::high_boundary;
  std::optional<std::int64_t> digits;
  if (!args.empty()) {
    const Value* arg = nullptr;
    if (!single(args[0], arg)) return false;
    if (arg != nullptr && !(digits = integer_of(*arg))) return refuse("A precision is an Integer.");
  }
  const Value held = system_value(input.front());
  if (const Temporal* time = held.as<Temporal>()) {
    constexpr std::int64_t most[] = {8, 17, 9};
    const std::int64_t wanted = digits.value_or(most[static_cast<std::size_t>(time->kind)]);
    const auto bound = wanted < 0 || wanted > 17 ? std::nullopt : boundary(*time, static_cast<int>(wanted), high);
    return !bound || put(out, *bound);
  }
  if (const Quantity* quantity = held.quantity()) {
    const auto bound = decimal_boundary(quantity->value, digits.value_or(decimal_digits), high);
    return !bound || put(out, Quantity{*bound, quantity->unit, quantity->calendar});
  }
  const auto number = decimal_of(held);
  if (!number) return refuse("Boundaries are those of numbers, quantities, dates and times.");
  const auto bound = decimal_boundary(*number, digits.value_or(decimal_digits), high);
  return !bound || put(out, *bound);
}

bool Evaluator::numbers(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out) {
  const Function f = expr.function;
  const Value* value = nullptr;
  if (!single(input, value)) return false;
  if (value == nullptr) return true;
  if (f == Function::low_boundary || f == Function::high_boundary) return boundaries(f, input, args, out);
  const Value held = system_value(*value);
  const Value* arg = nullptr;
  if (!args.empty()) {
    if (!single(args[0], arg)) return false;
    if (arg == nullptr) return true;
  }
  if (f == Function::precision) {
    if (const Temporal* time = held.as<Temporal>()) return put(out, static_cast<std::int64_t>(time->digits()));
    const auto number = decimal_of(held);
    return number ? put(out, static_cast<std::int64_t>(number->scale()))
                  : refuse("Only numbers, dates and times have a precision.");
  }
  if (f == Function::comparable) {
    const auto a = quantity_of(held), b = quantity_of(*arg);
    return a && b ? put(out, path::comparable(*a, *b)) : refuse("comparable() asks Quantities.");
  }
  const Quantity* quantity = held.quantity();
  const auto number = quantity != nullptr ? std::optional{quantity->value} : decimal_of(held);
  if (!number) return refuse("A number is expected here.");
  const bool whole = held.as<std::int64_t>() != nullptr;
  const auto give = [&](const std::optional<Decimal>& result) {
    if (!result) return true;
    return quantity != nullptr ? put(out, Quantity{*result, quantity->unit, quantity->calendar}) : put(out, *result);
  };
  const auto give_integer = [&](Decimal::Rounding rounding) {
    const auto rounded = number->with_scale(0, rounding);
    const auto integer = rounded ? rounded->integer() : std::nullopt;
    if (quantity != nullptr) return give(rounded);
    return !integer || *integer > INT32_MAX || *integer < INT32_MIN || put(out, *integer);
  };
  const auto second = arg == nullptr ? std::nullopt : decimal_of(*arg);
  if (arg != nullptr && !second) return refuse("A number is expected here.");
  switch (f) {
    case Function::abs:
      return whole ? put(out, *number->abs().integer()) : give(number->abs());
    case Function::ceiling:
      return give_integer(Decimal::Rounding::up);
    case Function::floor:
      return give_integer(Decimal::Rounding::down);
    case Function::truncate:
      return give_integer(Decimal::Rounding::to_zero);
    case Function::round: {
      const auto digits = second ? second->integer() : std::optional{std::int64_t{0}};
      if (!digits || *digits < 0) return refuse("Digits are at least none.");
      return *digits >= number->scale() ? give(number) : give(number->with_scale(static_cast<int>(*digits)));
    }
    case Function::sqrt:
      return give(square_root(*number));
    case Function::exp:
      return give(exponential(*number));
    case Function::ln:
      return give(natural_logarithm(*number));
    case Function::log:
      return give(logarithm(*number, *second));
    default: {  // power
      const auto result = power(*number, *second);
      const bool integers = whole && system_value(*arg).as<std::int64_t>() != nullptr && !second->is_negative();
      const auto integer = result && integers ? result->integer() : std::nullopt;
      if (!integers) return give(result);
      return !integer || *integer > INT32_MAX || *integer < INT32_MIN || put(out, *integer);
    }
  }
}

}  // namespace salus::fhir::path
