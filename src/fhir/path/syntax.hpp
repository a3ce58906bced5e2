// The compiled form of an expression: a tree in one array, names interned, literals read, functions found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fhir/path/value.hpp"

namespace salus::fhir::path {

enum class Op : std::uint8_t {
  empty,      // {}
  literal,    // value
  self,       // $this
  index,      // $index
  total,      // $total
  external,   // %text
  name,       // text at the beginning of a path: a type's name or a member's
  member,     // a.text
  call,       // a.text(args); a is none for a call at the beginning of a path
  item,       // a[b]
  negate,     // -a
  plus_sign,  // +a
  multiply,
  divide,
  div,
  mod,
  add,
  subtract,
  concatenate,
  is,  // a is text
  as,  // a as text
  unite,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  equivalent,
  not_equivalent,
  in,
  contains,
  and_,
  or_,
  xor_,
  implies,
};

enum class Function : std::uint8_t;  // functions.hpp

using ExprId = std::uint32_t;
inline constexpr ExprId no_expr = 0xFFFFFFFF;

struct Expr {
  Op op = Op::empty;
  Function function{};
  std::uint32_t at = 0;  // byte of the source, for messages
  ExprId a = no_expr, b = no_expr;
  std::vector<ExprId> args = {};  // of a call
  std::string text = {};          // name, function, variable, or type
  NameId name = NameId::none;     // of `text`, when some definition knows it
  TypeId type = TypeId::none;     // FHIR type that `text` names
  bool system_type = false;       // `text` names one of FHIRPath's own types
  Collection value = {};          // of a literal
};

struct Syntax {
  std::vector<Expr> nodes;
  ExprId root = no_expr;
  const Definitions* definitions = nullptr;
};

// Errors: invalid, with line and column of the source.
Reading<Syntax> parse(std::string_view source, const Definitions& definitions);

}  // namespace salus::fhir::path
