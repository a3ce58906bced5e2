// toX() gives a value or nothing; convertsToX() says which of both.
#include <algorithm>

#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {
namespace {

std::optional<Value> to_boolean(const Value& value) {
  if (const auto held = boolean_of(value)) return Value{*held};
  if (const auto number = decimal_of(value)) {
    if (*number == Decimal{1}) return Value{true};
    if (number->is_zero()) return Value{false};
    return std::nullopt;
  }
  const auto text = string_of(value);
  if (!text || text->size() > 5) return std::nullopt;
  std::string word{*text};
  std::ranges::transform(word, word.begin(),
                         [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  for (const std::string_view yes : {"true", "t", "yes", "y", "1", "1.0"})
    if (word == yes) return Value{true};
  for (const std::string_view no : {"false", "f", "no", "n", "0", "0.0"})
    if (word == no) return Value{false};
  return std::nullopt;
}

std::optional<Value> to_integer(const Value& value) {
  if (const auto held = boolean_of(value)) return Value{std::int64_t{*held}};
  if (const auto held = integer_of(value)) return Value{*held};
  const auto text = string_of(value);
  if (!text || text->find_first_of(".eE") != std::string_view::npos) return std::nullopt;
  const auto number = Decimal::parse(*text);
  const auto integer = number ? number->integer() : std::nullopt;
  if (!integer || *integer > INT32_MAX || *integer < INT32_MIN) return std::nullopt;
  return Value{*integer};
}

std::optional<Value> to_decimal(const Value& value) {
  if (const auto held = boolean_of(value)) return Value{Decimal{held.value() ? 10 : 0, 1}};
  if (const auto held = decimal_of(value)) return Value{*held};
  const auto text = string_of(value);
  const auto number =
      text && text->find_first_of("eE") == std::string_view::npos ? Decimal::parse(*text) : std::nullopt;
  return number ? std::optional<Value>{*number} : std::nullopt;
}

std::optional<Value> to_text(const Value& value) {
  const Value held = system_value(value);
  if (held.type_info() != nullptr) return std::nullopt;
  if (const NodeRef* ref = held.node(); ref != nullptr && !ref->node->has_value()) return std::nullopt;
  return Value{text_of(held)};
}

std::optional<Value> to_temporal(const Value& value, Temporal::Kind kind) {
  if (auto held = temporal_of(value)) {
    if (held->kind == kind) return Value{*held};
    if (held->kind == Temporal::Kind::time || kind == Temporal::Kind::time) return std::nullopt;
    held->kind = kind;
    if (kind == Temporal::Kind::date) {
      held->precision = std::min(held->precision, Temporal::Precision::day);
      held->fraction_digits = 0;
      held->offset_minutes.reset();
    }
    return Value{*held};
  }
  const auto text = string_of(value);
  if (!text) return std::nullopt;
  const auto read = kind == Temporal::Kind::date        ? Temporal::parse_date(*text)
                    : kind == Temporal::Kind::date_time ? Temporal::parse_date_time(*text)
                                                        : Temporal::parse_time(*text);
  return read ? std::optional<Value>{*read} : std::nullopt;
}

// "4 days", "1.5 'mg'", "7".
std::optional<Quantity> read_quantity(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("+-0123456789."), text.size());
  const auto number = Decimal::parse(text.substr(0, end));
  if (!number) return std::nullopt;
  std::string_view unit = text.substr(end);
  if (unit.empty()) return Quantity{*number, "1", false};
  const std::size_t from = unit.find_first_not_of(' ');
  if (from == std::string_view::npos) return std::nullopt;
  unit.remove_prefix(from);
  if (unit.size() > 2 && unit.starts_with('\'') && unit.ends_with('\'')) {
    unit = unit.substr(1, unit.size() - 2);
    return unit.find('\'') == std::string_view::npos ? std::optional{Quantity{*number, std::string{unit}, false}}
                                                     : std::nullopt;
  }
  if (from == 0 || !calendar_span(unit)) return std::nullopt;
  return Quantity{*number, std::string{unit}, true};
}

std::optional<Value> to_quantity(const Value& value, std::string_view unit) {
  std::optional<Quantity> quantity;
  if (const auto held = boolean_of(value)) {
    quantity = Quantity{Decimal{held.value() ? 10 : 0, 1}, "1", false};
  } else if (auto number = quantity_of(value)) {
    quantity = std::move(number);
  } else if (const auto text = string_of(value)) {
    quantity = read_quantity(*text);
  }
  if (!quantity || unit.empty() || unit == quantity->unit)
    return quantity ? std::optional<Value>{*quantity} : std::nullopt;
  const Quantity none{Decimal{0}, std::string{unit}, calendar_span(unit).has_value()};
  auto converted = add(none, *quantity, false);
  return converted ? std::optional<Value>{std::move(*converted)} : std::nullopt;
}

}  // namespace

bool Evaluator::conversions(const Expr& expr, const Collection& input, std::span<const Collection> args,
                            Collection& out) {
  const Value* value = nullptr;
  if (!single(input, value)) return false;
  if (value == nullptr) return true;
  std::string unit;
  if (!args.empty()) {
    const Value* arg = nullptr;
    if (!single(args[0], arg)) return false;
    if (arg == nullptr) return true;
    const auto text = string_of(*arg);
    if (!text) return refuse("A unit is a String.");
    unit = *text;
  }
  const bool asked = expr.function >= Function::converts_to_boolean;
  const auto offset =
      static_cast<int>(expr.function) - static_cast<int>(asked ? Function::converts_to_boolean : Function::to_boolean);
  std::optional<Value> result;
  switch (static_cast<Function>(static_cast<int>(Function::to_boolean) + offset)) {
    case Function::to_boolean:
      result = to_boolean(*value);
      break;
    case Function::to_integer:
      result = to_integer(*value);
      break;
    case Function::to_decimal:
      result = to_decimal(*value);
      break;
    case Function::to_string:
      result = to_text(*value);
      break;
    case Function::to_date:
      result = to_temporal(*value, Temporal::Kind::date);
      break;
    case Function::to_date_time:
      result = to_temporal(*value, Temporal::Kind::date_time);
      break;
    case Function::to_time:
      result = to_temporal(*value, Temporal::Kind::time);
      break;
    default:
      result = to_quantity(*value, unit);
  }
  if (asked) return put(out, result.has_value());
  return !result || put(out, std::move(*result));
}

}  // namespace salus::fhir::path
