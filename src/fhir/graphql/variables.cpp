#include "fhir/graphql/variables.hpp"

namespace salus::fhir::graphql {
namespace {

using Kind = Value::Kind;

Value value_of(const json::value& given) {
  switch (given.kind()) {
    case json::kind::null:
      return {};
    case json::kind::bool_:
      return {.kind = Kind::boolean, .text = given.get_bool() ? "true" : "false"};
    case json::kind::int64:
    case json::kind::uint64:
      return {.kind = Kind::integer, .text = json_text(given)};
    case json::kind::double_:
      return {.kind = Kind::real, .text = json_text(given)};
    case json::kind::string:
      return {.kind = Kind::string, .text = std::string(given.get_string())};
    case json::kind::array: {
      Value out{.kind = Kind::list};
      for (const json::value& item : given.get_array()) out.items.push_back(value_of(item));
      return out;
    }
    case json::kind::object: {
      Value out{.kind = Kind::object};
      for (const auto& [name, item] : given.get_object()) out.fields.emplace_back(name, value_of(item));
      return out;
    }
  }
  return {};
}

bool fits_name(const Value& value, std::string_view name) {
  if (name == "Int") return value.kind == Kind::integer;
  if (name == "Float") return value.kind == Kind::integer || value.kind == Kind::real;
  if (name == "String") return value.kind == Kind::string;
  if (name == "ID") return value.kind == Kind::string || value.kind == Kind::integer;
  if (name == "Boolean") return value.kind == Kind::boolean;
  return value.is_scalar();
}

bool fits(const Value& value, const VariableType& type) {
  if (value.kind == Kind::null) return !type.required;
  if (!type.of) return fits_name(value, type.name);
  if (value.kind != Kind::list) return fits(value, *type.of);  // one stands for a list of one
  for (const Value& item : value.items)
    if (!fits(item, *type.of)) return false;
  return true;
}

}  // namespace

Parsed<Variables> variables_of(const Operation& operation, const json::object& given) {
  Variables out;
  for (const Variable& variable : operation.variables) {
    const json::value* said = given.if_contains(variable.name);
    if (said == nullptr && !variable.has_default) {
      if (!variable.type.required) continue;
      return tl::make_unexpected(
          Problem{.message = fmt::format("The variable '${}' must be given.", variable.name), .at = variable.at});
    }
    Value value = said != nullptr ? value_of(*said) : variable.default_value;
    if (!fits(value, variable.type))
      return tl::make_unexpected(
          Problem{.message = fmt::format("The variable '${}' is not of its type.", variable.name), .at = variable.at});
    out.emplace(variable.name, std::move(value));
  }
  return out;
}

Value resolved(const Value& value, const Variables& variables) {
  if (value.kind == Kind::variable) {
    const auto at = variables.find(value.text);
    return at == variables.end() ? Value{} : at->second;
  }
  Value out{.kind = value.kind, .text = value.text};
  for (const Value& item : value.items) out.items.push_back(resolved(item, variables));
  for (const auto& [name, item] : value.fields) out.fields.emplace_back(name, resolved(item, variables));
  return out;
}

}  // namespace salus::fhir::graphql
