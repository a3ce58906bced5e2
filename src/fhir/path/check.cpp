// What can be told of an expression without a document. Types flow from the context through the tree; where nothing is
// known any more (values of FHIRPath's own, resolve(), variables) everything is allowed.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {
namespace {

struct Known {
  bool any = true;           // nothing is known
  std::set<TypeId> types{};  // one of these
  bool ordered = true;
  bool boolean = false, not_boolean = false;
};

class Checker {
 public:
  Checker(const Syntax& syntax, std::string_view source, CheckOptions options)
      : syntax_(syntax), d_(*syntax.definitions), source_(source), options_(options) {}

  Reading<void> check(TypeId context) {
    visit(syntax_.root, {.any = false, .types = {context}});
    if (failed_) return tl::make_unexpected(issue_);
    return {};
  }

 private:
  Known refuse(const Expr& expr, std::string message) {
    if (!failed_) {
      issue_ = {.code = ErrorCode::invalid, .message = std::move(message)};
      place(issue_, source_, expr.at);
    }
    failed_ = true;
    return {};
  }

  Known visit(ExprId id, const Known& self) {
    if (failed_ || id == no_expr) return {};
    if (++depth_ > 700) return refuse(syntax_.nodes[id], "The expression is nested too deeply");
    Known known = of(syntax_.nodes[id], self);
    --depth_;
    return known;
  }

  Known of(const Expr& expr, const Known& self) {
    switch (expr.op) {
      case Op::self:
        return self;
      case Op::literal: {
        const bool boolean = expr.value.front().as<bool>() != nullptr;
        return {.boolean = boolean, .not_boolean = !boolean};
      }
      case Op::name:
        if (expr.type != TypeId::none && !self.any) {
          Known narrowed = narrow(self, expr.type);
          if (!narrowed.types.empty()) return narrowed;
        } else if (expr.type != TypeId::none) {
          return {};
        }
        return member(expr, self);
      case Op::member:
        return member(expr, visit(expr.a, self));
      case Op::item: {
        Known items = visit(expr.a, self);
        visit(expr.b, self);
        return items;
      }
      case Op::as:
        return cast(expr, visit(expr.a, self));
      case Op::unite: {
        Known left = visit(expr.a, self), right = visit(expr.b, self);
        left.any |= right.any;
        left.types.insert(right.types.begin(), right.types.end());
        left.ordered = false;
        left.boolean = left.not_boolean = false;
        return left;
      }
      case Op::call:
        return call(expr, self);
      default:
        visit(expr.a, self);
        visit(expr.b, self);
        return {};
    }
  }

  Known narrow(const Known& from, TypeId wanted) const {
    Known known{.any = false, .types = {}, .ordered = from.ordered};
    for (const TypeId type : from.types) {
      if (d_.is_a(type, wanted)) known.types.insert(type);
      if (type != wanted && d_.is_a(wanted, type)) known.types.insert(wanted);
    }
    return known;
  }

  Known cast(const Expr& expr, const Known& from) {
    if (expr.type == TypeId::none) return {};
    if (from.any) return {.any = false, .types = {expr.type}, .ordered = from.ordered};
    return narrow(from, expr.type);
  }

  Known member(const Expr& expr, const Known& from) {
    if (from.any) return {};
    Known known{.any = false, .types = {}, .ordered = from.ordered};
    bool found = from.types.empty();
    for (const TypeId type : from.types) {
      if (d_.is_resource(type) && d_.is_abstract(type)) return {};
      if (d_.is_primitive(type) && expr.name == d_.known().value) return {};
      const ElementId element = expr.name == NameId::none ? ElementId::none : d_.element_named(type, expr.name);
      if (element == ElementId::none) continue;
      found = true;
      for (const table::Ref& ref : d_.types_of(element)) known.types.insert(TypeId{ref.type});
    }
    if (!found) return refuse(expr, fmt::format("There is no element '{}' here", expr.text));
    return known;
  }

  Known call(const Expr& expr, const Known& self) {
    const Known input = expr.a == no_expr ? self : visit(expr.a, self);
    const Function f = expr.function;
    Known item = input;
    item.ordered = true;
    Known last;
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      const bool lazy = info(f).lazy && f != Function::aggregate && !(f == Function::trace && i == 0);
      const Known arg = visit(expr.args[i], lazy ? item : f == Function::aggregate ? Known{} : self);
      if ((f == Function::iif || f == Function::where || f == Function::all || f == Function::exists) && i == 0 &&
          arg.not_boolean)
        return refuse(expr, fmt::format("The criterion of {}() is no Boolean", expr.text));
      if (f == Function::select) last = arg;
    }
    switch (f) {
      case Function::first:
      case Function::last:
      case Function::tail:
      case Function::skip:
      case Function::take:
        if (options_.ordered && !input.ordered)
          return refuse(expr, fmt::format("{}() is asked of items without an order", expr.text));
        return input;
      case Function::where:
      case Function::single:
      case Function::distinct:
      case Function::trace:
      case Function::intersect:
      case Function::exclude:
      case Function::sort:
        return input;
      case Function::select:
        return last;
      case Function::of_type:
      case Function::as:
        return cast(expr, input);
      case Function::extension:
        return {.any = false, .types = {d_.known().extension}};
      case Function::children:
      case Function::descendants:
        return {.ordered = false};
      default:
        return {};
    }
  }

  const Syntax& syntax_;
  const Definitions& d_;
  std::string_view source_;
  CheckOptions options_;
  int depth_ = 0;
  bool failed_ = false;
  Issue issue_;
};

}  // namespace

Reading<void> Expression::check(TypeId context, CheckOptions options) const {
  return Checker{syntax_, source_, options}.check(context);
}

}  // namespace salus::fhir::path
