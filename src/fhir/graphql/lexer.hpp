// Lexical tokens of GraphQL (October 2021, 2.1). Pure.
#pragma once

#include "fhir/graphql/syntax.hpp"

namespace salus::fhir::graphql {

struct Token {
  enum class Kind : std::uint8_t { end, punctuator, name, integer, real, string };
  Kind kind = Kind::end;
  std::string text = {};  // a string's without quotes and escapes
  Location at;

  bool is(std::string_view punctuator) const { return kind == Kind::punctuator && text == punctuator; }
  bool is_name(std::string_view word) const { return kind == Kind::name && text == word; }
};

// All tokens, `end` last. Errors: invalid, with the place.
Parsed<std::vector<Token>> tokens_of(std::string_view text);

}  // namespace salus::fhir::graphql
