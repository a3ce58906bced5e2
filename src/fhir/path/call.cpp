// Calls: which functions evaluate their arguments for each item, and where the others are.
#include <algorithm>

#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {

bool Evaluator::call(const Expr& expr, const Scope& scope, Collection& out) {
  Collection input;
  if (expr.a == no_expr) {
    input = *scope.self;
  } else if (!evaluate(expr.a, scope, input)) {
    return false;
  }
  const Function f = expr.function;
  const FunctionInfo& about = info(f);
  if (about.type_arg) return types(expr, input, out);
  if (about.lazy) return lazy(expr, scope, input, out);
  // Arguments see the $this that the call stands in, not the call's input.
  std::vector<Collection> args(expr.args.size());
  for (std::size_t i = 0; i < args.size(); ++i)
    if (!evaluate(expr.args[i], scope, args[i])) return false;
  if (f >= Function::to_boolean && f <= Function::converts_to_quantity) return conversions(expr, input, args, out);
  if (f >= Function::index_of && f <= Function::unescape) return strings(expr, input, args, out);
  if (f >= Function::abs && f <= Function::comparable) return numbers(expr, input, args, out);
  if (f >= Function::extension) return fhir(expr, input, args, out);
  if (f == Function::children || f == Function::descendants) return tree(f, input, out);
  return collections(expr, input, args, out);
}

bool Evaluator::lazy(const Expr& expr, const Scope& outer, const Collection& input, Collection& out) {
  const Function f = expr.function;
  if (f == Function::sort) return sort(expr, input, out);
  if (f == Function::aggregate) return aggregate(expr, outer, input, out);
  if (f == Function::exists && expr.args.empty()) return put(out, !input.empty());
  if (f == Function::iif) {
    const Value* value = nullptr;
    if (!single(input, value)) return false;
    const Scope scope{.self = value == nullptr ? outer.self : &input, .index = outer.index, .total = outer.total};
    bool yes = false;
    if (!criterion(expr.args[0], scope, yes)) return false;
    if (yes) return evaluate(expr.args[1], scope, out);
    return expr.args.size() < 3 || evaluate(expr.args[2], scope, out);
  }
  if (f == Function::trace) {
    Collection name, shown;
    if (!evaluate(expr.args[0], outer, name)) return false;
    const auto text = name.size() == 1 ? string_of(name.front()) : std::nullopt;
    if (!text) return refuse("trace() takes a name.");
    for (std::size_t i = 0; expr.args.size() > 1 && i < input.size(); ++i) {
      const Collection one{input[i]};
      Collection found;
      if (!evaluate(expr.args[1], {.self = &one, .index = static_cast<std::int64_t>(i), .total = outer.total}, found))
        return false;
      shown.insert(shown.end(), found.begin(), found.end());
      if (shown.size() > environment_.limits.items_max)
        return refuse("A collection has too many items.", ErrorCode::too_large);
    }
    if (environment_.trace) environment_.trace(*text, expr.args.size() > 1 ? shown : input);
    for (const Value& value : input)
      if (!put(out, value)) return false;
    return true;
  }
  if (f == Function::repeat) {
    // Each new item is asked in turn; what is known already is not added again, so this ends.
    Collection queue = input;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const Collection one{queue[i]};
      Collection found;
      if (!evaluate(expr.args[0], {.self = &one, .index = static_cast<std::int64_t>(i), .total = outer.total}, found))
        return false;
      for (const Value& value : found) {
        const std::size_t before = out.size();
        if (!put_distinct(out, value)) return false;
        if (out.size() > before && !put(queue, value)) return false;
      }
    }
    return true;
  }
  Collection one, found;
  for (std::size_t i = 0; i < input.size(); ++i) {
    one.assign(1, input[i]);
    const Scope scope{.self = &one, .index = static_cast<std::int64_t>(i), .total = outer.total};
    if (f == Function::select) {
      // Apart from what earlier items gave, so that a union within is one of this item alone.
      found.clear();
      if (!evaluate(expr.args[0], scope, found)) return false;
      for (Value& value : found)
        if (!put(out, std::move(value))) return false;
      continue;
    }
    bool yes = false;
    if (!criterion(expr.args[0], scope, yes)) return false;
    if (f == Function::where && yes && !put(out, input[i])) return false;
    if (f == Function::exists && yes) return put(out, true);
    if (f == Function::all && !yes) return put(out, false);
  }
  if (f == Function::exists) return put(out, false);
  if (f == Function::all) return put(out, true);
  return true;
}

bool Evaluator::aggregate(const Expr& expr, const Scope& outer, const Collection& input, Collection& out) {
  Collection total;
  if (expr.args.size() > 1 && !evaluate(expr.args[1], outer, total)) return false;
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Collection one{input[i]};
    Collection next;
    if (!evaluate(expr.args[0], {.self = &one, .index = static_cast<std::int64_t>(i), .total = &total}, next))
      return false;
    total = std::move(next);
  }
  out.insert(out.end(), total.begin(), total.end());
  return step(total.size());
}

// Keys with a minus sign descend; what has no key comes last, or first when descending.
bool Evaluator::sort(const Expr& expr, const Collection& input, Collection& out) {
  struct Row {
    std::vector<Collection> keys;
    std::size_t place;
  };
  const std::size_t keys = std::max<std::size_t>(1, expr.args.size());
  std::vector<bool> descending(keys);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Collection one{input[i]};
    Row row{std::vector<Collection>(keys), i};
    if (expr.args.empty()) row.keys[0] = one;
    for (std::size_t k = 0; k < expr.args.size(); ++k) {
      const Expr& key = syntax_.nodes[expr.args[k]];
      descending[k] = key.op == Op::negate;
      const ExprId id = descending[k] ? key.a : expr.args[k];
      const Value* value = nullptr;
      if (!evaluate(id, {.self = &one, .index = static_cast<std::int64_t>(i)}, row.keys[k]) ||
          !single(row.keys[k], value))
        return false;
      // All keys of one kind: then the order is one.
      if (value != nullptr && !order(*value, *value)) return refuse("These types have no order.");
    }
    rows.push_back(std::move(row));
  }
  for (std::size_t k = 0; k < keys; ++k)
    for (std::size_t i = 1; i < rows.size(); ++i)
      if (!rows[0].keys[k].empty() && !rows[i].keys[k].empty() &&
          !order(rows[0].keys[k].front(), rows[i].keys[k].front()))
        return refuse("These types have no order.");
  if (!step(rows.size() * 20)) return false;
  const auto rank = [](const Collection& a, const Collection& b) {
    if (a.empty() || b.empty()) return a.empty() == b.empty() ? 0 : a.empty() ? 1 : -1;
    const auto compared = order(a.front(), b.front());
    return compared == Order::less ? -1 : compared == Order::greater ? 1 : 0;
  };
  // Insertion into place by merging halves: stable, and safe where two values have no known order.
  const auto before = [&](const Row& a, const Row& b) {
    for (std::size_t k = 0; k < keys; ++k)
      if (const int compared = rank(a.keys[k], b.keys[k]); compared != 0) return (compared < 0) != descending[k];
    return a.place < b.place;
  };
  for (std::size_t width = 1; width < rows.size(); width *= 2)
    for (std::size_t from = 0; from + width < rows.size(); from += 2 * width) {
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(from);
      const auto middle = first + static_cast<std::ptrdiff_t>(width);
      const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(from + 2 * width, rows.size()));
      std::vector<Row> merged;
      merged.reserve(static_cast<std::size_t>(last - first));
      auto left = first, right = middle;
      while (left != middle && right != last) merged.push_back(std::move(before(*right, *left) ? *right++ : *left++));
      std::move(left, middle, std::back_inserter(merged));
      std::move(right, last, std::back_inserter(merged));
      std::move(merged.begin(), merged.end(), first);
    }
  for (const Row& row : rows)
    if (!put(out, input[row.place])) return false;
  return true;
}

}  // namespace salus::fhir::path
