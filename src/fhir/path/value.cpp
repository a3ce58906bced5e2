#include "fhir/path/value.hpp"

#include <algorithm>

#include "fhir/document/json.hpp"

namespace salus::fhir::path {
namespace {

std::optional<Quantity> fhir_quantity(const NodeRef& ref) {
  const Definitions& d = ref.document->definitions();
  const auto& known = d.known();
  const Node* value = ref.document->child(*ref.node, known.value);
  if (value == nullptr || ref.document->child(*ref.node, known.comparator) != nullptr) return std::nullopt;
  const auto number = Decimal::parse(ref.document->text(*value));
  if (!number) return std::nullopt;
  const std::string_view code = ref.document->text_of(*ref.node, known.code_name);
  if (ref.document->text_of(*ref.node, known.system) == "http://unitsofmeasure.org" && !code.empty())
    return Quantity{*number, std::string{code}, false};
  const std::string_view unit = ref.document->text_of(*ref.node, known.unit);
  return Quantity{*number, unit.empty() ? "1" : std::string{unit}, false};
}

Value primitive(const NodeRef& ref) {
  const Definitions& d = ref.document->definitions();
  const auto& known = d.known();
  const std::string_view text = ref.text();
  const TypeId type = ref.type();
  if (ref.node->shape == Shape::boolean) return text == "true";
  if (ref.node->shape == Shape::number) {
    const auto number = Decimal::parse(text);
    if (!number) return ref;
    const bool whole =
        type == TypeId::none ? number->is_integer() && number->scale() == 0 : d.is_a(type, known.integer);
    if (const auto integer = whole && number->is_integer() ? number->integer() : std::nullopt) return *integer;
    return *number;
  }
  std::optional<Temporal> temporal;
  if (type == known.date) temporal = Temporal::parse_date(text);
  if (type == known.date_time || type == known.instant) temporal = Temporal::parse_date_time(text);
  if (type == known.time) temporal = Temporal::parse_time(text);
  return temporal ? Value{*temporal} : Value{ref};
}

bool is_string(const NodeRef& ref) {
  return ref.node->shape == Shape::string;
}

std::string folded(std::string_view text) {
  std::string out;
  bool space = true;  // leading ones go
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (!space) out += ' ';
      space = true;
      continue;
    }
    space = false;
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

bool equal_nodes(const NodeRef& a, const NodeRef& b, std::uint64_t& steps) {
  if (steps == 0) return true;
  --steps;
  if (a == b) return true;
  if (a.node->shape != b.node->shape && (a.node->shape == Shape::object || b.node->shape == Shape::object))
    return false;
  if (a.node->has_value() != b.node->has_value() || a.node->count != b.node->count) return false;
  if (a.node->has_value()) {
    const Value x = primitive(a), y = primitive(b);
    if (x.node() != nullptr || y.node() != nullptr) {
      if (a.text() != b.text()) return false;
    } else if (equal(x, y, steps) != true) {
      return false;
    }
  }
  const auto xs = a.document->children(*a.node), ys = b.document->children(*b.node);
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (a.document->name(xs[i]) != b.document->name(ys[i])) return false;
    if (!equal_nodes({a.document, &xs[i]}, {b.document, &ys[i]}, steps)) return false;
  }
  return true;
}

// Children in any order.
bool equivalent_nodes(const NodeRef& a, const NodeRef& b, std::uint64_t& steps) {
  if (steps == 0) return true;
  --steps;
  if (a == b) return true;
  if (a.node->has_value() != b.node->has_value() || a.node->count != b.node->count) return false;
  if (a.node->has_value() && !equivalent(primitive(a), primitive(b), steps)) return false;
  std::vector<bool> used(b.node->count);
  for (const Node& child : a.document->children(*a.node)) {
    bool found = false;
    const auto others = b.document->children(*b.node);
    for (std::size_t i = 0; i < others.size() && !found; ++i) {
      if (used[i] || a.document->name(child) != b.document->name(others[i])) continue;
      found = used[i] = equivalent_nodes({a.document, &child}, {b.document, &others[i]}, steps);
    }
    if (!found) return false;
  }
  return true;
}

bool is_number(const Value& value) {
  return value.as<std::int64_t>() != nullptr || value.as<Decimal>() != nullptr;
}

bool clock_only(const Temporal& value) {
  return value.kind == Temporal::Kind::time;
}

}  // namespace

Value system_value(const Value& value) {
  const NodeRef* ref = value.node();
  if (ref == nullptr) return value;
  if (ref->node->has_value()) {
    const Value held = primitive(*ref);
    return held.node() != nullptr && is_string(*ref) ? Value{std::string{ref->text()}} : held;
  }
  if (ref->document->definitions().is_a(ref->type(), ref->document->definitions().known().quantity))
    if (auto quantity = fhir_quantity(*ref)) return std::move(*quantity);
  return value;
}

std::optional<std::string_view> string_of(const Value& value) {
  if (const Text* text = value.as<Text>()) return **text;
  if (const NodeRef* ref = value.node(); ref != nullptr && is_string(*ref) && primitive(*ref).node() != nullptr)
    return ref->text();
  return std::nullopt;
}

std::optional<bool> boolean_of(const Value& value) {
  if (const bool* held = value.as<bool>()) return *held;
  if (const NodeRef* ref = value.node(); ref != nullptr && ref->node->shape == Shape::boolean)
    return ref->text() == "true";
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const Value& value) {
  const Value held = system_value(value);
  const auto* integer = held.as<std::int64_t>();
  return integer == nullptr ? std::nullopt : std::optional{*integer};
}

std::optional<Decimal> decimal_of(const Value& value) {
  const Value held = system_value(value);
  if (const auto* integer = held.as<std::int64_t>()) return Decimal{*integer};
  const auto* decimal = held.as<Decimal>();
  return decimal == nullptr ? std::nullopt : std::optional{*decimal};
}

std::optional<Temporal> temporal_of(const Value& value) {
  const Value held = system_value(value);
  const auto* temporal = held.as<Temporal>();
  return temporal == nullptr ? std::nullopt : std::optional{*temporal};
}

std::optional<Quantity> quantity_of(const Value& value) {
  const Value held = system_value(value);
  if (const Quantity* quantity = held.quantity()) return *quantity;
  const auto number = decimal_of(held);
  return number ? std::optional{Quantity{*number, "1", false}} : std::nullopt;
}

TypeInfo type_of(const Value& value) {
  if (const NodeRef* ref = value.node()) {
    const Definitions& d = ref->document->definitions();
    TypeId type = ref->type();
    if (d.kind(type) == TypeKind::backbone) type = d.base(type);
    return {"FHIR", std::string{d.name(type)}};
  }
  if (value.as<bool>() != nullptr) return {"System", "Boolean"};
  if (value.as<std::int64_t>() != nullptr) return {"System", "Integer"};
  if (value.as<Decimal>() != nullptr) return {"System", "Decimal"};
  if (value.as<Text>() != nullptr) return {"System", "String"};
  if (value.quantity() != nullptr) return {"System", "Quantity"};
  if (const Temporal* temporal = value.as<Temporal>()) {
    constexpr std::string_view names[] = {"Date", "DateTime", "Time"};
    return {"System", std::string{names[static_cast<std::size_t>(temporal->kind)]}};
  }
  return {"System", "TypeInfo"};
}

std::string text_of(const Value& value) {
  if (const NodeRef* ref = value.node()) {
    if (ref->node->has_value()) return std::string{ref->text()};
    std::string out;
    write_json(*ref->document, *ref->node, {}, out);
    return out;
  }
  if (const bool* held = value.as<bool>()) return *held ? "true" : "false";
  if (const auto* held = value.as<std::int64_t>()) return std::to_string(*held);
  if (const auto* held = value.as<Decimal>()) return held->text();
  if (const auto* held = value.as<Text>()) return **held;
  if (const auto* held = value.as<Temporal>()) return held->text();
  if (const Quantity* held = value.quantity()) return held->text();
  const TypeInfo* info = value.type_info();
  return info->space + '.' + info->name;
}

std::optional<bool> equal(const Value& a, const Value& b, std::uint64_t& steps) {
  if (steps == 0) return true;
  --steps;
  // Nearly every comparison: a text of the document with one of the expression.
  if (const auto x = string_of(a))
    if (const auto y = string_of(b)) return *x == *y;
  const Value x = system_value(a), y = system_value(b);
  if (x.node() != nullptr && y.node() != nullptr) return equal_nodes(*x.node(), *y.node(), steps);
  if (x.node() != nullptr || y.node() != nullptr) return false;
  if (is_number(x) && is_number(y)) return compare(*decimal_of(x), *decimal_of(y)) == 0;
  if (x.quantity() != nullptr || y.quantity() != nullptr) {
    const auto p = quantity_of(x), q = quantity_of(y);
    if (!p || !q) return false;
    const auto compared = compare(*p, *q);
    if (compared) return *compared == 0;
    // A calendar year and a UCUM year: whether they are equal is not known; grams and metres are not.
    Quantity u = *p, v = *q;
    u.value = v.value = Decimal{1};
    return p->calendar != q->calendar && equivalent(u, v).has_value() ? std::nullopt : std::optional{false};
  }
  const Temporal *s = x.as<Temporal>(), *t = y.as<Temporal>();
  if (s != nullptr && t != nullptr) {
    if (clock_only(*s) != clock_only(*t)) return false;
    const Order compared = compare(*s, *t);
    return compared == Order::unknown ? std::nullopt : std::optional{compared == Order::equal};
  }
  if (const bool* p = x.as<bool>())
    if (const bool* q = y.as<bool>()) return *p == *q;
  if (x.type_info() != nullptr && y.type_info() != nullptr) return *x.type_info() == *y.type_info();
  return false;
}

bool equivalent(const Value& a, const Value& b, std::uint64_t& steps) {
  if (steps == 0) return true;
  --steps;
  if (const auto x = string_of(a))
    if (const auto y = string_of(b)) return folded(*x) == folded(*y);
  const Value x = system_value(a), y = system_value(b);
  if (x.node() != nullptr && y.node() != nullptr) return equivalent_nodes(*x.node(), *y.node(), steps);
  if (is_number(x) && is_number(y)) {
    const Decimal p = decimal_of(x)->trimmed(), q = decimal_of(y)->trimmed();
    const int scale = std::min(p.scale(), q.scale());
    return compare(*p.with_scale(scale), *q.with_scale(scale)) == 0;
  }
  if (x.quantity() != nullptr || y.quantity() != nullptr) {
    const auto p = quantity_of(x), q = quantity_of(y);
    return p && q && equivalent(*p, *q).value_or(false);
  }
  return equal(x, y, steps).value_or(false);
}

std::optional<Order> order(const Value& a, const Value& b) {
  const auto of = [](int compared) {
    return compared < 0 ? Order::less : compared > 0 ? Order::greater : Order::equal;
  };
  if (const auto x = string_of(a))
    if (const auto y = string_of(b)) return of(x->compare(*y));
  const Value x = system_value(a), y = system_value(b);
  if (is_number(x) && is_number(y)) return of(compare(*decimal_of(x), *decimal_of(y)));
  if (x.quantity() != nullptr || y.quantity() != nullptr) {
    const auto p = quantity_of(x), q = quantity_of(y);
    if (!p || !q) return std::nullopt;
    const auto compared = compare(*p, *q);
    return compared ? of(*compared) : Order::unknown;
  }
  const Temporal *s = x.as<Temporal>(), *t = y.as<Temporal>();
  if (s != nullptr && t != nullptr && clock_only(*s) == clock_only(*t)) return compare(*s, *t);
  return std::nullopt;
}

}  // namespace salus::fhir::path
