#include "fhir/search/plain_path.hpp"

#include "fhir/path/functions.hpp"

namespace salus::fhir::search {
namespace {

using path::Expr;
using path::Function;
using path::Op;

// ofType(DateTime) in R4's own definitions means dateTime.
TypeId type_of_name(const Definitions& definitions, const Expr& spec) {
  if (spec.type != TypeId::none) return spec.type;
  std::string name = spec.value.empty() || spec.value.front().type_info() == nullptr
                         ? spec.text
                         : spec.value.front().type_info()->name;
  if (const TypeId type = definitions.type(name); type != TypeId::none) return type;
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] = static_cast<char>(name[0] + 32);
  return definitions.type(name);
}

}  // namespace

TypeId referred_type(const Document& document, const Node& reference) {
  const Definitions& d = document.definitions();
  if (d.is_resource(reference.type)) return reference.type;
  std::string_view text = document.text_of(reference, d.known().reference_name);
  if (const std::size_t history = text.find("/_history/"); history != std::string_view::npos)
    text = text.substr(0, history);
  if (const std::size_t slash = text.rfind('/'); slash != std::string_view::npos && slash > 0) {
    const std::size_t before = text.rfind('/', slash - 1);
    const std::size_t from = before == std::string_view::npos ? 0 : before + 1;
    if (const TypeId type = d.type(text.substr(from, slash - from)); type != TypeId::none && d.is_resource(type))
      return type;
  }
  return d.type(document.text_of(reference, d.known().type_name));
}

std::optional<PlainPath> PlainPath::compile(const path::Syntax& syntax, TypeId type) {
  PlainPath out;
  if (!out.add(syntax, syntax.root, type)) return std::nullopt;
  return out;
}

bool PlainPath::add(const path::Syntax& syntax, path::ExprId id, TypeId type) {
  const Expr& expr = syntax.nodes[id];
  if (expr.op == Op::unite) return add(syntax, expr.a, type) && add(syntax, expr.b, type);
  Branch branch;
  bool other_type = false;
  if (!steps(syntax, id, type, branch, other_type)) return false;
  if (!other_type) branches_.push_back(std::move(branch));
  return true;
}

bool PlainPath::steps(const path::Syntax& syntax, path::ExprId id, TypeId type, Branch& out, bool& other_type) {
  const Definitions& d = *syntax.definitions;
  const Expr& expr = syntax.nodes[id];
  if (expr.op == Op::name) {
    if (expr.type != TypeId::none && d.is_resource(expr.type)) {
      other_type = !d.is_a(type, expr.type);
      return true;
    }
    if (expr.name == NameId::none) return false;
    out.push_back({.kind = Step::Kind::member, .name = expr.name});
    return true;
  }
  if (expr.a == path::no_expr || !steps(syntax, expr.a, type, out, other_type)) return false;
  switch (expr.op) {
    case Op::member:
      if (expr.name == NameId::none) return false;
      out.push_back({.kind = Step::Kind::member, .name = expr.name});
      return true;
    case Op::item: {
      const Expr& index = syntax.nodes[expr.b];
      if (index.op != Op::literal || out.size() != 1 || out.back().kind != Step::Kind::member) return false;
      const auto* number = index.value.front().as<std::int64_t>();
      if (number == nullptr || *number < 0) return false;
      out.push_back({.kind = Step::Kind::item, .index = static_cast<std::uint32_t>(*number)});
      return true;
    }
    case Op::as:
    case Op::call: {
      if (expr.op == Op::as || expr.function == Function::of_type || expr.function == Function::as) {
        const TypeId wanted = type_of_name(d, expr);
        if (wanted == TypeId::none) return false;
        out.push_back({.kind = Step::Kind::of_type, .exact = d.is_primitive(wanted), .type = wanted});
        return true;
      }
      if (expr.function != Function::where || expr.args.size() != 1) return false;
      const Expr& criterion = syntax.nodes[expr.args.front()];
      if (criterion.op == Op::is) {
        const Expr& of = syntax.nodes[criterion.a];
        if (of.op != Op::call || of.function != Function::resolve || of.a != path::no_expr) return false;
        out.push_back({.kind = Step::Kind::where_refers, .type = type_of_name(d, criterion)});
        return out.back().type != TypeId::none;
      }
      if (criterion.op != Op::equal) return false;
      const Expr &left = syntax.nodes[criterion.a], &right = syntax.nodes[criterion.b];
      if (left.op != Op::name || left.name == NameId::none || right.op != Op::literal) return false;
      const auto text = path::string_of(right.value.front());
      if (!text) return false;
      out.push_back({.kind = Step::Kind::where_text, .name = left.name, .text = std::string(*text)});
      return true;
    }
    default:
      return false;
  }
}

bool PlainPath::passes(const Document& document, const Node& node, const Step& step) {
  const Definitions& d = document.definitions();
  switch (step.kind) {
    case Step::Kind::of_type:
      return step.exact ? node.type == step.type : d.is_a(node.type, step.type);
    case Step::Kind::where_text:
      return document.text_of(node, step.name) == step.text;
    case Step::Kind::where_refers:
      return referred_type(document, node) == step.type;
    default:
      return true;
  }
}

}  // namespace salus::fhir::search
