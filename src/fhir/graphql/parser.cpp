#include "fhir/graphql/parser.hpp"

#include <algorithm>

#include "fhir/graphql/lexer.hpp"

namespace salus::fhir::graphql {
namespace {

// Where something is wrong, a Problem is thrown to parse(), which returns it.
class Parser {
 public:
  Parser(std::vector<Token> tokens, QueryLimits limits) : tokens_(std::move(tokens)), limits_(limits) {}

  Query document() {
    Query query;
    do {
      const Token& token = peek();
      if (token.is("{")) {
        query.operations.push_back({.selections = selections(), .at = token.at});
      } else if (token.is_name("query")) {
        query.operations.push_back(operation());
      } else if (token.is_name("fragment")) {
        query.fragments.push_back(fragment());
      } else if (token.is_name("mutation") || token.is_name("subscription")) {
        refuse(
            "Queries alone are answered: what changes the record goes by create, update, patch and delete, "
            "and what tells of changes is a Subscription.");
      } else {
        refuse("A document has queries and fragments.");
      }
    } while (peek().kind != Token::Kind::end);
    return query;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  const Token& next() { return tokens_[peek().kind == Token::Kind::end ? at_ : at_++]; }
  [[noreturn]] void refuse(std::string message, ErrorCode code = ErrorCode::invalid) const {
    throw Problem{.message = std::move(message), .at = peek().at, .code = code};
  }
  void expect(std::string_view punctuator) {
    if (!peek().is(punctuator)) refuse(fmt::format("'{}' is expected here.", punctuator));
    next();
  }
  bool take(std::string_view punctuator) {
    if (!peek().is(punctuator)) return false;
    next();
    return true;
  }
  std::string name(std::string_view what) {
    if (peek().kind != Token::Kind::name) refuse(fmt::format("The name of {} is expected here.", what));
    return next().text;
  }
  struct Depth {
    explicit Depth(Parser& p) : parser(p) {
      if (++parser.depth_ > parser.limits_.depth_max)
        parser.refuse(fmt::format("The query is nested deeper than {} levels.", parser.limits_.depth_max),
                      ErrorCode::too_large);
    }
    ~Depth() { --parser.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    Parser& parser;
  };

  Operation operation() {
    Operation out{.at = next().at};
    if (peek().kind == Token::Kind::name) out.name = next().text;
    if (take("(")) {
      do out.variables.push_back(variable());
      while (!take(")"));
    }
    out.directives = directives(false);
    out.selections = selections();
    return out;
  }

  Variable variable() {
    const Location at = peek().at;
    expect("$");
    Variable out{.name = name("a variable"), .type = {}, .at = at};
    expect(":");
    out.type = type();
    if (take("=")) {
      out.has_default = true;
      out.default_value = value(true);
    }
    directives(true);
    return out;
  }

  VariableType type() {
    const Depth depth{*this};
    VariableType out;
    if (take("[")) {
      out.of = std::make_shared<const VariableType>(type());
      expect("]");
    } else {
      out.name = name("a type");
    }
    out.required = take("!");
    return out;
  }

  Fragment fragment() {
    Fragment out{.name = {}, .type = {}, .at = next().at};
    if (peek().is_name("on")) refuse("A fragment is not called 'on'.");
    out.name = name("a fragment");
    if (!peek().is_name("on")) refuse("'on' and a type come here.");
    next();
    out.type = name("a type");
    out.directives = directives(false);
    out.selections = selections();
    return out;
  }

  SelectionSet selections() {
    const Depth depth{*this};
    expect("{");
    SelectionSet out;
    do out.push_back(selection());
    while (!take("}"));
    return out;
  }

  Selection selection() {
    Selection out{.at = peek().at};
    if (take("...")) {
      if (peek().kind == Token::Kind::name && !peek().is_name("on")) {
        out.kind = Selection::Kind::spread;
        out.name = next().text;
        out.directives = directives(false);
        return out;
      }
      out.kind = Selection::Kind::inline_fragment;
      if (peek().is_name("on")) {
        next();
        out.type = name("a type");
      }
      out.directives = directives(false);
      out.selections = selections();
      return out;
    }
    out.name = name("a field");
    if (take(":")) {
      out.alias = std::move(out.name);
      out.name = name("a field");
    }
    out.arguments = arguments(false);
    out.directives = directives(false);
    if (peek().is("{")) out.selections = selections();
    return out;
  }

  std::vector<Argument> arguments(bool constant) {
    std::vector<Argument> out;
    if (!take("(")) return out;
    // Empty parentheses are no GraphQL, but FHIR's own examples have them.
    while (!take(")")) {
      const Location at = peek().at;
      std::string called = name("an argument");
      if (std::ranges::any_of(out, [&](const Argument& one) { return one.name == called; }))
        throw Problem{.message = fmt::format("The argument '{}' stands twice.", called), .at = at};
      expect(":");
      out.push_back({.name = std::move(called), .value = value(constant), .at = at});
    }
    return out;
  }

  std::vector<Directive> directives(bool constant) {
    std::vector<Directive> out;
    while (peek().is("@")) {
      const Location at = peek().at;
      next();
      std::string called = name("a directive");
      if (std::ranges::any_of(out, [&](const Directive& one) { return one.name == called; }))
        throw Problem{.message = fmt::format("The directive '@{}' stands twice.", called), .at = at};
      out.push_back({.name = std::move(called), .arguments = arguments(constant), .at = at});
    }
    return out;
  }

  Value value(bool constant) {
    const Depth depth{*this};
    using Kind = Value::Kind;
    if (peek().is("$")) {
      if (constant) refuse("A variable cannot stand here.");
      next();
      return {.kind = Kind::variable, .text = name("a variable")};
    }
    if (take("[")) {
      Value out{.kind = Kind::list};
      while (!take("]")) out.items.push_back(value(constant));
      return out;
    }
    if (take("{")) {
      Value out{.kind = Kind::object};
      while (!take("}")) {
        std::string called = name("a field");
        expect(":");
        out.fields.emplace_back(std::move(called), value(constant));
      }
      return out;
    }
    Kind kind{};
    switch (peek().kind) {
      case Token::Kind::integer:
        kind = Kind::integer;
        break;
      case Token::Kind::real:
        kind = Kind::real;
        break;
      case Token::Kind::string:
        kind = Kind::string;
        break;
      case Token::Kind::name:
        kind = peek().text == "null"                             ? Kind::null
               : peek().text == "true" || peek().text == "false" ? Kind::boolean
                                                                 : Kind::enumeration;
        break;
      default:
        refuse("A value is expected here.");
    }
    return {.kind = kind, .text = next().text};
  }

  const std::vector<Token> tokens_;
  const QueryLimits limits_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
};

}  // namespace

Parsed<Query> parse(std::string_view text, QueryLimits limits) {
  if (text.size() > limits.bytes_max)
    return tl::make_unexpected(Problem{.message = fmt::format("A query has at most {} bytes.", limits.bytes_max),
                                       .code = ErrorCode::too_large});
  auto tokens = tokens_of(text);
  if (!tokens) return tl::make_unexpected(std::move(tokens.error()));
  try {
    return Parser{std::move(*tokens), limits}.document();
  } catch (const Problem& problem) {
    return tl::make_unexpected(problem);
  }
}

}  // namespace salus::fhir::graphql
