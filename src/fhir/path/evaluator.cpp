#include "fhir/path/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace salus::fhir::path {
namespace {

constexpr int depth_max = 700;  // expressions within expressions; bounds the stack

}  // namespace

Reading<Expression> Expression::compile(std::string_view source, const Definitions& definitions) {
  auto syntax = parse(source, definitions);
  if (!syntax) return tl::make_unexpected(std::move(syntax.error()));
  return Expression{std::move(*syntax), std::string{source}};
}

Result<Collection> Expression::evaluate(const Document& document, const Node& node,
                                        const Environment& environment) const {
  return Evaluator{syntax_, environment, {&document, &node}}.run();
}

Result<Collection> Evaluator::run() {
  const Collection context{Value{context_}};
  Collection out;
  if (!evaluate(syntax_.root, {.self = &context}, out)) return fail(std::move(error_));
  return out;
}

bool Evaluator::refuse(std::string message, ErrorCode code) {
  if (!failed_) error_ = {code, std::move(message)};
  failed_ = true;
  return false;
}

bool Evaluator::step(std::uint64_t count) {
  if (steps_ < count) {
    steps_ = 0;
    return refuse("The evaluation takes too many steps.", ErrorCode::too_large);
  }
  steps_ -= count;
  return true;
}

bool Evaluator::put(Collection& out, Value value) {
  if (out.size() >= environment_.limits.items_max)
    return refuse("A collection has too many items.", ErrorCode::too_large);
  out.push_back(std::move(value));
  return step();
}

bool Evaluator::put_text(Collection& out, std::string text) {
  if (text.size() > environment_.limits.text_max) return refuse("A text is too long.", ErrorCode::too_large);
  return step(1 + text.size() / 64) && put(out, std::move(text));
}

bool Evaluator::put_bool(Collection& out, std::optional<bool> value) {
  return !value || put(out, *value);
}

bool Evaluator::evaluate(ExprId id, const Scope& scope, Collection& out) {
  if (!step()) return false;
  if (++depth_ > depth_max) return refuse("The expression is nested too deeply.", ErrorCode::too_large);
  const bool done = evaluate_node(syntax_.nodes[id], scope, out);
  --depth_;
  return done;
}

bool Evaluator::evaluate_node(const Expr& expr, const Scope& scope, Collection& out) {
  switch (expr.op) {
    case Op::empty:
      return true;
    case Op::literal:
      return put(out, expr.value.front());
    case Op::self:
      for (const Value& value : *scope.self)
        if (!put(out, value)) return false;
      return true;
    case Op::index:
      return scope.index < 0 || put(out, scope.index);
    case Op::total:
      if (scope.total == nullptr) return refuse("$total stands only in aggregate().");
      for (const Value& value : *scope.total)
        if (!put(out, value)) return false;
      return true;
    case Op::external:
      return external(expr, out);
    case Op::name:
      return name(expr, scope, out);
    case Op::member: {
      bool done = false;
      if (!path(expr, scope, out, done)) return false;
      if (done) return true;
      Collection left;
      if (!evaluate(expr.a, scope, left)) return false;
      for (const Value& value : left)
        if (!member(expr, value, out)) return false;
      return true;
    }
    case Op::call:
      return call(expr, scope, out);
    case Op::item:
      return item(expr, scope, out);
    case Op::negate:
    case Op::plus_sign: {
      Collection inner;
      return evaluate(expr.a, scope, inner) && negate(inner, expr.op == Op::negate, out);
    }
    case Op::is:
    case Op::as: {
      Collection inner;
      return evaluate(expr.a, scope, inner) && types(expr, inner, out);
    }
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::implies:
      return logic(expr, scope, out);
    default:
      return binary(expr, scope, out);
  }
}

// At the beginning of a path a type's name stands for the context, when that is of the type.
bool Evaluator::name(const Expr& expr, const Scope& scope, Collection& out) {
  for (const Value& value : *scope.self) {
    const NodeRef* ref = value.node();
    if (expr.type != TypeId::none && ref != nullptr && definitions().is_a(ref->type(), expr.type)) {
      if (!put(out, value)) return false;
    } else if (!member(expr, value, out)) {
      return false;
    }
  }
  return true;
}

bool Evaluator::member(const Expr& expr, const Value& item, Collection& out) {
  if (const NodeRef* ref = item.node()) {
    if (!step(1 + ref->node->count / 8)) return false;
    for (const Node& child : ref->document->children(*ref->node)) {
      const bool wanted = expr.name != NameId::none ? child.name == expr.name : ref->document->name(child) == expr.text;
      if (wanted && !put(out, NodeRef{ref->document, &child})) return false;
    }
    // A primitive's value as FHIR's definitions call it.
    if (expr.name == definitions().known().value && ref->node->has_value()) {
      const Value held = system_value(item);
      return put(out, held);
    }
    return true;
  }
  if (const Quantity* quantity = item.quantity()) {
    if (expr.text == "value") return put(out, quantity->value);
    if (expr.text == "unit" || expr.text == "code") return put(out, quantity->unit);
  }
  if (const TypeInfo* info = item.type_info()) {
    if (expr.text == "namespace") return put(out, info->space);
    if (expr.text == "name") return put(out, info->name);
  }
  return true;
}

// Patient.name.given in one walk without collections between: what most expressions are made of.
bool Evaluator::path(const Expr& expr, const Scope& scope, Collection& out, bool& done) {
  std::array<const Expr*, 12> steps{};
  std::size_t count = 0;
  const Expr* at = &expr;
  for (; at->op == Op::member; at = &syntax_.nodes[at->a]) {
    if (at->name == NameId::none || at->name == definitions().known().value || count + 1 >= steps.size()) return true;
    steps[count++] = at;
  }
  if (at->op != Op::name && at->op != Op::self) return true;
  bool type = at->op == Op::self;
  for (const Value& value : *scope.self) {
    const NodeRef* ref = value.node();
    if (ref == nullptr) return true;
    if (at->op == Op::name && at->type != TypeId::none) {
      if (!definitions().is_a(ref->type(), at->type)) return true;
      type = true;
    }
  }
  if (!type) {
    if (at->name == NameId::none || at->name == definitions().known().value) return true;
    steps[count++] = at;
  }
  std::reverse(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(count));
  done = true;
  for (const Value& value : *scope.self)
    if (!walk({steps.data(), count}, *value.node(), out)) return false;
  return true;
}

bool Evaluator::walk(std::span<const Expr* const> steps, const NodeRef& from, Collection& out) {
  if (steps.empty()) return put(out, from);
  if (!step(1 + from.node->count / 8)) return false;
  for (const Node& child : from.document->children(*from.node))
    if (child.name == steps.front()->name && !walk(steps.subspan(1), {from.document, &child}, out)) return false;
  return true;
}

bool Evaluator::external(const Expr& expr, Collection& out) {
  const auto given = environment_.variables.find(expr.text);
  if (given != environment_.variables.end()) {
    for (const Value& value : given->second)
      if (!put(out, value)) return false;
    return true;
  }
  const Document& document = *context_.document;
  if (expr.text == "context") return put(out, context_);
  if (expr.text == "resource") return put(out, NodeRef{&document, &document.resource_of(*context_.node)});
  if (expr.text == "rootResource") {
    const Node& resource = document.resource_of(*context_.node);
    const bool contained = resource.name == definitions().known().contained;
    return put(out, NodeRef{&document, contained ? &document.resource_of(document.parent(resource)) : &resource});
  }
  if (expr.text == "sct") return put(out, std::string{"http://snomed.info/sct"});
  if (expr.text == "loinc") return put(out, std::string{"http://loinc.org"});
  if (expr.text == "ucum") return put(out, std::string{"http://unitsofmeasure.org"});
  if (expr.text.starts_with("vs-")) return put(out, "http://hl7.org/fhir/ValueSet/" + expr.text.substr(3));
  if (expr.text.starts_with("ext-")) return put(out, "http://hl7.org/fhir/StructureDefinition/" + expr.text.substr(4));
  return refuse(fmt::format("There is no variable '%{}'.", expr.text));
}

bool Evaluator::item(const Expr& expr, const Scope& scope, Collection& out) {
  Collection items, index;
  if (!evaluate(expr.a, scope, items) || !evaluate(expr.b, scope, index)) return false;
  const Value* value = nullptr;
  if (!single(index, value)) return false;
  if (value == nullptr) return true;
  const auto number = integer_of(*value);
  if (!number) return refuse("An index is an Integer.");
  return *number < 0 || static_cast<std::size_t>(*number) >= items.size() ||
         put(out, items[static_cast<std::size_t>(*number)]);
}

bool Evaluator::single(const Collection& items, const Value*& out) {
  if (items.size() > 1) return refuse("One item is expected here, and there are several.");
  out = items.empty() ? nullptr : &items.front();
  return true;
}

bool Evaluator::truth(const Collection& items, std::optional<bool>& out) {
  const Value* value = nullptr;
  if (!single(items, value)) return false;
  out = value == nullptr ? std::nullopt : std::optional{boolean_of(*value).value_or(true)};
  return true;
}

bool Evaluator::criterion(ExprId id, const Scope& scope, bool& out) {
  Collection items;
  std::optional<bool> answer;
  if (!evaluate(id, scope, items) || !truth(items, answer)) return false;
  out = answer.value_or(false);
  return true;
}

bool Evaluator::contains(const Collection& items, const Value& value, bool& out) {
  out = false;
  for (const Value& item : items) {
    if (equal(item, value, steps_) == true) {
      out = true;
      break;
    }
    if (!step()) return false;
  }
  return steps_ > 0 || step();
}

bool Evaluator::put_distinct(Collection& out, const Value& value) {
  bool known = false;
  return contains(out, value, known) && (known || put(out, value));
}

// Texts, of which there may be thousands, are hashed; other values are compared one with another.
bool Evaluator::put_all_distinct(Collection& out, const Collection& more) {
  std::unordered_set<std::string_view> known;
  bool texts = out.size() + more.size() > 16;
  for (const Value& value : out) {
    const auto text = texts ? string_of(value) : std::nullopt;
    texts = text.has_value();
    if (text) known.insert(*text);
  }
  for (const Value& value : more) {
    const auto text = texts ? string_of(value) : std::nullopt;
    texts = text.has_value();
    if (texts ? known.insert(*text).second && !put(out, value) : !put_distinct(out, value)) return false;
    if (texts && !step()) return false;
  }
  return true;
}

bool Evaluator::same_collections(const Collection& a, const Collection& b, std::optional<bool>& out) {
  if (a.empty() || b.empty()) return out.reset(), true;
  out = a.size() == b.size();
  for (std::size_t i = 0; *out && i < a.size(); ++i) {
    const auto one = equal(a[i], b[i], steps_);
    if (!one) return out.reset(), true;
    out = *one;
    if (!step()) return false;
  }
  return true;
}

bool Evaluator::equivalent_collections(const Collection& a, const Collection& b, bool& out) {
  out = a.size() == b.size();
  std::vector<bool> used(b.size());
  for (std::size_t i = 0; out && i < a.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < b.size() && !found; ++j) {
      if (!step()) return false;
      if (!used[j]) found = used[j] = equivalent(a[i], b[j], steps_);
    }
    out = found;
  }
  return true;
}

}  // namespace salus::fhir::path
