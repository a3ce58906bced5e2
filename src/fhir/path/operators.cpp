#include <fmt/format.h>

#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {

bool is_of_type(const Definitions& definitions, const Value& value, const Expr& spec) {
  if (const NodeRef* ref = value.node()) return spec.type != TypeId::none && definitions.is_a(ref->type(), spec.type);
  const std::string& wanted = spec.value.front().type_info()->name;
  return spec.system_type && (wanted == "Any" || type_of(value).name == wanted);
}

namespace {

// `as` and ofType() tell primitives apart exactly: a code is a string, but `as string` leaves it out, so that
// (source as uri) and (source as canonical) are two things.
bool is_exactly(const Definitions& d, const Value& value, const Expr& spec) {
  if (!is_of_type(d, value, spec)) return false;
  const NodeRef* ref = value.node();
  return ref == nullptr || !d.is_primitive(spec.type) || ref->type() == spec.type;
}

constexpr std::int64_t integer_max = 2'147'483'647;

// Overflow gives an empty collection.
std::optional<Value> integer(std::int64_t value) {
  if (value > integer_max || value < -integer_max - 1) return std::nullopt;
  return Value{value};
}

}  // namespace

bool Evaluator::types(const Expr& expr, const Collection& items, Collection& out) {
  const TypeInfo& wanted = *expr.value.front().type_info();
  if (expr.type == TypeId::none && !expr.system_type && definitions().type(wanted.name) == TypeId::none)
    return refuse(fmt::format("There is no type '{}'.", wanted.name));
  if (expr.op == Op::call && expr.function == Function::of_type) {
    for (const Value& value : items)
      if (is_exactly(definitions(), value, expr) && !put(out, value)) return false;
    return true;
  }
  const Value* value = nullptr;
  if (!single(items, value)) return false;
  if (value == nullptr) return true;
  const bool is = expr.op == Op::is || (expr.op == Op::call && expr.function == Function::is);
  if (is) return put(out, is_of_type(definitions(), *value, expr));
  return !is_exactly(definitions(), *value, expr) || put(out, *value);
}

bool Evaluator::logic(const Expr& expr, const Scope& scope, Collection& out) {
  Collection left, right;
  std::optional<bool> a, b;
  if (!evaluate(expr.a, scope, left) || !truth(left, a)) return false;
  if (!evaluate(expr.b, scope, right) || !truth(right, b)) return false;
  switch (expr.op) {
    case Op::and_:
      return put_bool(out, a == false || b == false ? std::optional{false}
                           : a && b                 ? std::optional{true}
                                                    : std::nullopt);
    case Op::or_:
      return put_bool(out, a == true || b == true ? std::optional{true} : a && b ? std::optional{false} : std::nullopt);
    case Op::xor_:
      return put_bool(out, a && b ? std::optional{*a != *b} : std::nullopt);
    default:
      return put_bool(out, a == false || b == true ? std::optional{true}
                           : a == true && b        ? std::optional{*b}
                                                   : std::nullopt);
  }
}

bool Evaluator::binary(const Expr& expr, const Scope& scope, Collection& out) {
  Collection a, b;
  if (!evaluate(expr.a, scope, a) || !evaluate(expr.b, scope, b)) return false;
  switch (expr.op) {
    case Op::unite:
      return put_all_distinct(out, a) && put_all_distinct(out, b);
    case Op::equal:
    case Op::not_equal:
    case Op::equivalent:
    case Op::not_equivalent:
      return equality(expr.op, a, b, out);
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return comparison(expr.op, a, b, out);
    case Op::in:
    case Op::contains: {
      const Collection& items = expr.op == Op::in ? b : a;
      const Value* value = nullptr;
      bool found = false;
      if (!single(expr.op == Op::in ? a : b, value)) return false;
      return value == nullptr || (contains(items, *value, found) && put(out, found));
    }
    default:
      return arithmetic(expr, a, b, out);
  }
}

bool Evaluator::equality(Op op, const Collection& a, const Collection& b, Collection& out) {
  if (op == Op::equivalent || op == Op::not_equivalent) {
    bool same = false;
    return equivalent_collections(a, b, same) && put(out, same == (op == Op::equivalent));
  }
  std::optional<bool> same;
  if (!same_collections(a, b, same)) return false;
  return put_bool(out, same ? std::optional{*same == (op == Op::equal)} : std::nullopt);
}

bool Evaluator::comparison(Op op, const Collection& a, const Collection& b, Collection& out) {
  const Value *x = nullptr, *y = nullptr;
  if (!single(a, x) || !single(b, y)) return false;
  if (x == nullptr || y == nullptr) return true;
  const auto compared = order(*x, *y);
  if (!compared) return refuse("These types have no order.");
  switch (*compared) {
    case Order::unknown:
      return true;
    case Order::less:
      return put(out, op == Op::less || op == Op::less_equal);
    case Order::equal:
      return put(out, op == Op::less_equal || op == Op::greater_equal);
    case Order::greater:
      return put(out, op == Op::greater || op == Op::greater_equal);
  }
  return true;
}

bool Evaluator::negate(const Collection& a, bool minus, Collection& out) {
  const Value* value = nullptr;
  if (!single(a, value)) return false;
  if (value == nullptr) return true;
  const Value held = system_value(*value);
  if (const auto* number = held.as<std::int64_t>()) {
    const auto result = integer(minus ? -*number : *number);
    return !result || put(out, *result);
  }
  if (const auto* number = held.as<Decimal>()) return put(out, minus ? number->negated() : *number);
  if (const Quantity* quantity = held.quantity())
    return put(out, Quantity{minus ? quantity->value.negated() : quantity->value, quantity->unit, quantity->calendar});
  return refuse("Only a number has a sign.");
}

bool Evaluator::arithmetic(const Expr& expr, const Collection& a, const Collection& b, Collection& out) {
  const Value *x = nullptr, *y = nullptr;
  if (!single(a, x) || !single(b, y)) return false;
  if (expr.op == Op::concatenate) {
    std::string text;
    for (const Value* value : {x, y})
      if (value != nullptr) {
        const auto part = string_of(*value);
        if (!part) return refuse("'&' joins Strings.");
        text += *part;
      }
    return put_text(out, std::move(text));
  }
  if (x == nullptr || y == nullptr) return true;
  if (expr.op == Op::add) {
    const auto s = string_of(*x), t = string_of(*y);
    if (s && t) return put_text(out, std::string{*s} + std::string{*t});
  }
  if (const auto time = temporal_of(*x)) return shift_time(expr.op, *time, *y, out);
  const Value p = system_value(*x), q = system_value(*y);
  if (p.quantity() != nullptr || q.quantity() != nullptr) return quantities(expr.op, p, q, out);
  const auto u = decimal_of(p), v = decimal_of(q);
  if (!u || !v) return refuse("These types have no such operation.");
  const auto *i = p.as<std::int64_t>(), *j = q.as<std::int64_t>();
  const bool whole = i != nullptr && j != nullptr;
  std::optional<Decimal> result;
  switch (expr.op) {
    case Op::add:
      result = add(*u, *v);
      break;
    case Op::subtract:
      result = add(*u, v->negated());
      break;
    case Op::multiply:
      result = multiply(*u, *v);
      break;
    case Op::divide:
      result = divide(*u, *v);
      return !result || put(out, *result);
    default: {  // div and mod, truncated
      const auto quotient = divide(*u, *v, 0);
      if (!quotient) return true;
      const int scale = std::max(u->scale(), v->scale());
      const auto left = u->with_scale(scale), right = v->with_scale(scale);
      if (!left || !right) return true;
      const Decimal::Wide rest = left->coefficient() % right->coefficient();
      const Decimal::Wide times = left->coefficient() / right->coefficient();
      result = expr.op == Op::mod ? Decimal{rest, scale} : Decimal{times, 0};
      if (expr.op == Op::div) {
        const auto number = result->integer();
        const auto held = number ? integer(*number) : std::nullopt;
        return !held || put(out, *held);
      }
    }
  }
  if (!result) return true;
  if (!whole) return put(out, *result);
  const auto number = result->integer();
  const auto held = number ? integer(*number) : std::nullopt;
  return !held || put(out, *held);
}

bool Evaluator::quantities(Op op, const Value& a, const Value& b, Collection& out) {
  const auto x = quantity_of(a), y = quantity_of(b);
  if (!x || !y) return refuse("These types have no such operation.");
  std::optional<Quantity> result;
  switch (op) {
    case Op::add:
    case Op::subtract:
      result = add(*x, *y, op == Op::subtract);
      break;
    case Op::multiply:
      result = multiply(*x, *y);
      break;
    case Op::divide:
      result = divide(*x, *y);
      break;
    default:
      return refuse("Quantities have no div and mod.");
  }
  return !result || put(out, std::move(*result));
}

bool Evaluator::shift_time(Op op, const Temporal& time, const Value& by, Collection& out) {
  const Value held = system_value(by);
  const Quantity* quantity = held.quantity();
  if ((op != Op::add && op != Op::subtract) || quantity == nullptr)
    return refuse("To a date or time a quantity of time is added: 7 days.");
  auto span = calendar_span(quantity->unit);
  if (!span) span = ucum_span(quantity->unit);
  if (!span) return refuse(fmt::format("'{}' is no calendar unit; write year, month, week, day …", quantity->unit));
  const auto count = quantity->value.integer();
  if (!count || *count == INT64_MIN) return true;
  if (time.kind == Temporal::Kind::time && *span < Span::hour) return refuse("A time of day takes hours and less.");
  const auto result = plus(time, op == Op::add ? *count : -*count, *span);
  return !result || put(out, *result);
}

}  // namespace salus::fhir::path
