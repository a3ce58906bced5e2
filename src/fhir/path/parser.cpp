// Precedence climbing over FHIRPath's thirteen levels. Depth and length are bounded, so that the evaluator may recurse.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/path/functions.hpp"
#include "fhir/path/lexer.hpp"
#include "fhir/path/syntax.hpp"

namespace salus::fhir::path {
namespace {

constexpr std::size_t source_max = 64 * 1024;
constexpr int depth_max = 100;
constexpr std::size_t nodes_max = 20'000;
// A path of 5,000 steps is as deep as it is long for the evaluator.
constexpr int chain_max = 500;

struct Infix {
  std::string_view word;
  int level;  // the higher, the tighter
  Op op;
};
constexpr Infix infixes[] = {{"*", 11, Op::multiply},    {"/", 11, Op::divide},
                             {"div", 11, Op::div},       {"mod", 11, Op::mod},
                             {"+", 10, Op::add},         {"-", 10, Op::subtract},
                             {"&", 10, Op::concatenate}, {"is", 9, Op::is},
                             {"as", 9, Op::as},          {"|", 8, Op::unite},
                             {"<=", 7, Op::less_equal},  {"<", 7, Op::less},
                             {">", 7, Op::greater},      {">=", 7, Op::greater_equal},
                             {"=", 6, Op::equal},        {"~", 6, Op::equivalent},
                             {"!=", 6, Op::not_equal},   {"!~", 6, Op::not_equivalent},
                             {"in", 5, Op::in},          {"contains", 5, Op::contains},
                             {"and", 4, Op::and_},       {"or", 3, Op::or_},
                             {"xor", 3, Op::xor_},       {"implies", 2, Op::implies}};

constexpr std::string_view system_types[] = {"Boolean",  "String", "Integer",  "Decimal", "Date",
                                             "DateTime", "Time",   "Quantity", "Any"};

class Parser {
 public:
  Parser(std::string_view source, const Definitions& definitions) : source_(source), lexer_(source) {
    syntax_.definitions = &definitions;
    advance();
  }

  Reading<Syntax> parse() {
    if (source_.size() > source_max) refuse("The expression is too long", ErrorCode::too_large);
    syntax_.root = expression(1);
    if (!failed() && token_.kind != Token::Kind::end) refuse("An operator is missing");
    if (lexer_.failed()) return tl::make_unexpected(lexer_.issue());
    if (failed_) return tl::make_unexpected(issue_);
    return std::move(syntax_);
  }

 private:
  bool failed() const { return failed_ || lexer_.failed(); }

  ExprId refuse(std::string message, ErrorCode code = ErrorCode::invalid) {
    if (!failed_) {
      issue_ = {.code = code, .message = std::move(message)};
      place(issue_, source_, token_.at);
    }
    failed_ = true;
    token_ = {};
    return no_expr;
  }

  void advance() { token_ = failed_ ? Token{} : lexer_.next(); }
  bool take(std::string_view symbol) {
    if (!token_.is(symbol)) return false;
    advance();
    return true;
  }
  void expect(std::string_view symbol) {
    if (!take(symbol)) refuse(fmt::format("'{}' is missing", symbol));
  }

  ExprId make(Expr expr) {
    if (syntax_.nodes.size() >= nodes_max) return refuse("The expression is too long", ErrorCode::too_large);
    syntax_.nodes.push_back(std::move(expr));
    return static_cast<ExprId>(syntax_.nodes.size() - 1);
  }

  const Infix* infix() const {
    if (token_.kind != Token::Kind::symbol && token_.kind != Token::Kind::name) return nullptr;
    const auto* found = std::ranges::find(infixes, token_.text, &Infix::word);
    return found == std::end(infixes) ? nullptr : found;
  }

  ExprId expression(int level) {
    if (++depth_ > depth_max) return refuse("The expression is nested too deeply", ErrorCode::too_large);
    ExprId left = unary();
    int chain = 0;
    for (const Infix* op = infix(); !failed() && op != nullptr && op->level >= level; op = infix()) {
      if (++chain > chain_max) return refuse("The expression is too long", ErrorCode::too_large);
      const std::uint32_t at = token_.at;
      advance();
      if (op->op == Op::is || op->op == Op::as) {
        Expr expr{.op = op->op, .at = at, .a = left};
        type_name(expr);
        left = make(std::move(expr));
      } else {
        const ExprId right = expression(op->level + 1);
        left = make({.op = op->op, .at = at, .a = left, .b = right});
      }
    }
    --depth_;
    return left;
  }

  ExprId unary() {
    if (!token_.is("-") && !token_.is("+")) return invocation();
    const Op op = token_.is("-") ? Op::negate : Op::plus_sign;
    const std::uint32_t at = token_.at;
    advance();
    if (++depth_ > depth_max) return refuse("The expression is nested too deeply", ErrorCode::too_large);
    const ExprId inner = unary();
    --depth_;
    return make({.op = op, .at = at, .a = inner});
  }

  ExprId invocation() {
    ExprId left = term();
    for (int chain = 0; !failed(); ++chain) {
      if (chain > chain_max) return refuse("The expression is too long", ErrorCode::too_large);
      const std::uint32_t at = token_.at;
      if (take(".")) {
        left = step(left);
      } else if (take("[")) {
        const ExprId index = expression(1);
        expect("]");
        left = make({.op = Op::item, .at = at, .a = left, .b = index});
      } else {
        break;
      }
    }
    return left;
  }

  bool is_identifier() const {
    if (token_.kind == Token::Kind::quoted_name) return true;
    if (token_.kind != Token::Kind::name) return false;
    constexpr std::string_view reserved[] = {"and", "or", "xor", "implies", "div", "mod", "true", "false"};
    return std::ranges::find(reserved, token_.text) == std::end(reserved);
  }

  ExprId step(ExprId left) {
    if (token_.kind == Token::Kind::special) return special();
    // After a dot nothing but a name can stand: Narrative.div needs no quotes, as FHIR's own examples write it.
    const bool div = token_.kind == Token::Kind::name && token_.text == "div";
    if (!div && !is_identifier()) return refuse("A name is missing");
    return named(left, Op::member);
  }

  ExprId named(ExprId left, Op op) {
    Expr expr{.op = op, .at = token_.at, .a = left, .text = token_.text};
    const bool plain = token_.kind == Token::Kind::name;
    advance();
    if (plain && token_.is("(")) return call(std::move(expr));
    const Definitions& d = *syntax_.definitions;
    expr.name = d.name(expr.text);
    if (op == Op::name && !expr.text.empty() && expr.text[0] >= 'A' && expr.text[0] <= 'Z')
      expr.type = d.type(expr.text);
    return make(std::move(expr));
  }

  ExprId call(Expr expr) {
    const FunctionInfo* info = find_function(expr.text);
    if (info == nullptr) return refuse(fmt::format("There is no function '{}'", expr.text));
    expr.op = Op::call;
    expr.function = info->function;
    expect("(");
    if (info->type_arg) {
      type_name(expr);
    } else if (!token_.is(")")) {
      do {
        expr.args.push_back(expression(1));
      } while (!failed() && take(","));
    }
    expect(")");
    if (!info->type_arg && (expr.args.size() < info->args_min || expr.args.size() > info->args_max))
      return refuse(fmt::format("The function '{}' takes another number of arguments", info->name));
    return make(std::move(expr));
  }

  // Patient, FHIR.Patient, System.Integer, `Patient`. `is` and `as` as functions take no other expression.
  void type_name(Expr& expr) {
    if (!is_identifier()) return void(refuse("A type is missing"));
    std::string space, name = token_.text;
    advance();
    while (take(".")) {
      if (!is_identifier()) return void(refuse("A type is missing"));
      space = space.empty() ? name : space + '.' + name;
      name = token_.text;
      advance();
    }
    const Definitions& d = *syntax_.definitions;
    const bool fhir = space.empty() || space == "FHIR", system = space.empty() || space == "System";
    expr.type = fhir ? d.type(name) : TypeId::none;
    expr.system_type = system && std::ranges::find(system_types, name) != std::end(system_types);
    expr.text = expr.op == Op::call ? expr.text : name;
    expr.value.clear();
    expr.value.emplace_back(TypeInfo{space, name});
  }

  ExprId special() {
    Expr expr{.at = token_.at};
    if (token_.text == "this") {
      expr.op = Op::self;
    } else if (token_.text == "index") {
      expr.op = Op::index;
    } else if (token_.text == "total") {
      expr.op = Op::total;
    } else {
      return refuse("There are $this, $index and $total");
    }
    advance();
    return make(std::move(expr));
  }

  ExprId literal(Value value) {
    Expr expr{.op = Op::literal, .at = token_.at};
    expr.value.push_back(std::move(value));
    advance();
    return make(std::move(expr));
  }

  ExprId number() {
    const bool decimal = token_.text.find('.') != std::string::npos;
    const auto value = Decimal::parse(token_.text);
    if (!value) return refuse("The number has too many digits");
    const std::uint32_t at = token_.at;
    const auto integer = decimal ? std::nullopt : value->integer();
    if (!decimal && (!integer || *integer > 2'147'483'648)) return refuse("An Integer is at most 2147483647");
    advance();
    Expr expr{.op = Op::literal, .at = at};
    const bool word = token_.kind == Token::Kind::name && calendar_span(token_.text).has_value();
    if (word || token_.kind == Token::Kind::text) {
      expr.value.emplace_back(Quantity{*value, token_.text, word});
      advance();
    } else if (decimal) {
      expr.value.emplace_back(*value);
    } else {
      expr.value.emplace_back(*integer);
    }
    return make(std::move(expr));
  }

  ExprId temporal() {
    const auto value = token_.kind == Token::Kind::date        ? Temporal::parse_date(token_.text)
                       : token_.kind == Token::Kind::date_time ? Temporal::parse_date_time(token_.text)
                                                               : Temporal::parse_time(token_.text);
    return value ? literal(*value) : refuse("There is no such date or time");
  }

  ExprId term() {
    switch (token_.kind) {
      case Token::Kind::number:
        return number();
      case Token::Kind::text:
        return literal(token_.text);
      case Token::Kind::date:
      case Token::Kind::date_time:
      case Token::Kind::time:
        return temporal();
      case Token::Kind::special:
        return special();
      case Token::Kind::external: {
        Expr expr{.op = Op::external, .at = token_.at, .text = token_.text};
        advance();
        return make(std::move(expr));
      }
      default:
        break;
    }
    if (token_.is_word("true") || token_.is_word("false")) return literal(token_.text == "true");
    if (token_.is("{")) {
      const std::uint32_t at = token_.at;
      advance();
      expect("}");
      return make({.op = Op::empty, .at = at});
    }
    if (take("(")) {
      const ExprId inner = expression(1);
      expect(")");
      return inner;
    }
    if (is_identifier()) return named(no_expr, Op::name);
    return refuse("An expression is missing");
  }

  std::string_view source_;
  Lexer lexer_;
  Token token_;
  Syntax syntax_;
  int depth_ = 0;
  bool failed_ = false;
  Issue issue_;
};

}  // namespace

Reading<Syntax> parse(std::string_view source, const Definitions& definitions) {
  return Parser{source, definitions}.parse();
}

}  // namespace salus::fhir::path
