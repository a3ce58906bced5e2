// An executable GraphQL document (specification of October 2021) as a tree.
//
// Lifetime: owns all of its texts. Threads: any; nothing changes after it is parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace salus::fhir::graphql {

struct Location {
  std::uint32_t line = 0, column = 0;  // from 1, columns count bytes; 0: nowhere in the document
};

// A response key, or an index in a list.
using PathPart = std::variant<std::string, std::size_t>;

// One of `errors`. The message never has a value of the record.
struct Problem {
  std::string message;
  Location at = {};
  std::vector<PathPart> path = {};  // of field errors alone
  ErrorCode code = ErrorCode::invalid;
};

template <class T>
using Parsed = tl::expected<T, Problem>;

struct Value {
  enum class Kind : std::uint8_t { null, variable, integer, real, string, boolean, enumeration, list, object };
  Kind kind = Kind::null;
  std::string text = {};  // a scalar's, as it was written (a string's without quotes and escapes); a variable's name
  std::vector<Value> items = {};
  std::vector<std::pair<std::string, Value>> fields = {};

  bool is_scalar() const { return kind != Kind::null && kind != Kind::list && kind != Kind::object; }
};

bool same(const Value& a, const Value& b);

struct Argument {
  std::string name;
  Value value;
  Location at;
};

// The order does not matter.
bool same(const std::vector<Argument>& a, const std::vector<Argument>& b);

struct Directive {
  std::string name;
  std::vector<Argument> arguments;
  Location at;
};

struct Selection;
using SelectionSet = std::vector<Selection>;

struct Selection {
  enum class Kind : std::uint8_t { field, spread, inline_fragment };
  Kind kind = Kind::field;
  Location at;
  std::string name = {};   // of the field or fragment
  std::string alias = {};  // empty: none
  std::string type = {};   // condition of an inline fragment; empty: none
  std::vector<Argument> arguments = {};
  std::vector<Directive> directives = {};
  SelectionSet selections = {};

  const std::string& key() const { return alias.empty() ? name : alias; }
  const Directive* directive(std::string_view wanted) const {
    for (const Directive& one : directives)
      if (one.name == wanted) return &one;
    return nullptr;
  }
};

struct VariableType {
  std::string name = {};                        // of a named type
  std::shared_ptr<const VariableType> of = {};  // of a list's items
  bool required = false;                        // ends with !
};

struct Variable {
  std::string name;
  VariableType type;
  bool has_default = false;
  Value default_value = {};
  Location at;
};

struct Operation {
  std::string name = {};  // empty: anonymous
  std::vector<Variable> variables = {};
  std::vector<Directive> directives = {};
  SelectionSet selections = {};
  Location at;
};

struct Fragment {
  std::string name, type;
  std::vector<Directive> directives = {};
  SelectionSet selections = {};
  Location at;
};

struct Query {
  std::vector<Operation> operations;
  std::vector<Fragment> fragments;

  const Fragment* fragment(std::string_view name) const {
    for (const Fragment& one : fragments)
      if (one.name == name) return &one;
    return nullptr;
  }
};

}  // namespace salus::fhir::graphql
