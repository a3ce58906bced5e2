// What expressions work on: nodes of documents, and FHIRPath's own values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fhir/document/document.hpp"
#include "fhir/path/decimal.hpp"
#include "fhir/path/temporal.hpp"
#include "fhir/path/unit.hpp"

namespace salus::fhir::path {

// A place in a document, which must outlive the value.
struct NodeRef {
  const Document* document = nullptr;
  const Node* node = nullptr;

  std::string_view text() const { return document->text(*node); }
  TypeId type() const { return node->type; }
  bool operator==(const NodeRef&) const = default;
};

// What type() gives: "FHIR" and "Patient", "System" and "Integer".
struct TypeInfo {
  std::string space, name;
  bool operator==(const TypeInfo&) const = default;
};

// Text of an expression's own: shared, so that values are cheap to copy.
using Text = std::shared_ptr<const std::string>;
inline Text make_text(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class Value {
 public:
  using Any = std::variant<NodeRef, bool, std::int64_t, Decimal, Text, Temporal, std::shared_ptr<const Quantity>,
                           std::shared_ptr<const TypeInfo>>;

  Value(NodeRef node) : any_(node) {}
  Value(bool value) : any_(value) {}
  Value(std::int64_t value) : any_(value) {}
  Value(Decimal value) : any_(value) {}
  Value(Text value) : any_(std::move(value)) {}
  Value(std::string value) : any_(make_text(std::move(value))) {}
  Value(Temporal value) : any_(value) {}
  Value(Quantity value) : any_(std::make_shared<const Quantity>(std::move(value))) {}
  Value(TypeInfo value) : any_(std::make_shared<const TypeInfo>(std::move(value))) {}
  Value(const char*) = delete;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&any_);
  }
  const NodeRef* node() const { return as<NodeRef>(); }
  const Quantity* quantity() const {
    const auto* held = as<std::shared_ptr<const Quantity>>();
    return held == nullptr ? nullptr : held->get();
  }
  const TypeInfo* type_info() const {
    const auto* held = as<std::shared_ptr<const TypeInfo>>();
    return held == nullptr ? nullptr : held->get();
  }

 private:
  Any any_;
};

using Collection = std::vector<Value>;

// A primitive's value, or a FHIR Quantity's, as FHIRPath's own; a node that is neither, or has no value, stays a node.
Value system_value(const Value& value);

// Views of system values and of primitives' texts; nothing when the value is of another type.
std::optional<std::string_view> string_of(const Value& value);
std::optional<bool> boolean_of(const Value& value);
std::optional<std::int64_t> integer_of(const Value& value);
std::optional<Decimal> decimal_of(const Value& value);  // integers too
std::optional<Temporal> temporal_of(const Value& value);
std::optional<Quantity> quantity_of(const Value& value);  // numbers too, with the unit '1'

// "FHIR.Patient", "System.Integer".
TypeInfo type_of(const Value& value);

// How a value is printed: a primitive's text, a resource as compact JSON.
std::string text_of(const Value& value);

// true, false, or nothing (empty). Each pair of nodes that is looked at takes a step of `steps`; at 0 everything is
// equal.
std::optional<bool> equal(const Value& a, const Value& b, std::uint64_t& steps);
bool equivalent(const Value& a, const Value& b, std::uint64_t& steps);

// less, equal, greater, unknown; nothing where the types do not compare.
std::optional<Order> order(const Value& a, const Value& b);

}  // namespace salus::fhir::path
