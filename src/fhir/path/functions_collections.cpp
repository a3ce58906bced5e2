#include <algorithm>

#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {

bool Evaluator::booleans(Function function, const Collection& input, Collection& out) {
  bool all_true = true, all_false = true;
  for (const Value& value : input) {
    const auto held = boolean_of(value);
    if (!held) return refuse("Booleans are expected here.");
    all_true &= *held;
    all_false &= !*held;
  }
  switch (function) {
    case Function::all_true:
      return put(out, all_true);
    case Function::all_false:
      return put(out, all_false);
    case Function::any_true:
      return put(out, !all_false);
    default:
      return put(out, !all_true);
  }
}

bool Evaluator::collections(const Expr& expr, const Collection& input, std::span<const Collection> args,
                            Collection& out) {
  const auto append = [&](auto first, auto last) {
    for (; first != last; ++first)
      if (!put(out, *first)) return false;
    return true;
  };
  const auto all_in = [&](const Collection& some, const Collection& all) {
    for (const Value& value : some) {
      bool found = false;
      if (!contains(all, value, found)) return false;
      if (!found) return put(out, false);
    }
    return put(out, true);
  };
  switch (expr.function) {
    case Function::empty:
      return put(out, input.empty());
    case Function::count:
      return put(out, static_cast<std::int64_t>(input.size()));
    case Function::all_true:
    case Function::all_false:
    case Function::any_true:
    case Function::any_false:
      return booleans(expr.function, input, out);
    case Function::not_: {
      std::optional<bool> held;
      return truth(input, held) && put_bool(out, held ? std::optional{!*held} : std::nullopt);
    }
    case Function::subset_of:
      return all_in(input, args[0]);
    case Function::superset_of:
      return all_in(args[0], input);
    case Function::distinct:
      return put_all_distinct(out, input);
    case Function::is_distinct: {
      Collection known;
      if (!put_all_distinct(known, input)) return false;
      return put(out, known.size() == input.size());
    }
    case Function::single: {
      const Value* value = nullptr;
      return single(input, value) && (value == nullptr || put(out, *value));
    }
    case Function::first:
      return input.empty() || put(out, input.front());
    case Function::last:
      return input.empty() || put(out, input.back());
    case Function::tail:
      return input.empty() || append(input.begin() + 1, input.end());
    case Function::skip:
    case Function::take: {
      const Value* value = nullptr;
      if (!single(args[0], value)) return false;
      const auto number = value == nullptr ? std::nullopt : integer_of(*value);
      if (!number) return value == nullptr || refuse("A number of items is an Integer.");
      const auto at = input.begin() + std::clamp<std::int64_t>(*number, 0, static_cast<std::int64_t>(input.size()));
      return expr.function == Function::skip ? append(at, input.end()) : append(input.begin(), at);
    }
    case Function::intersect:
    case Function::exclude:
      for (const Value& value : input) {
        bool found = false;
        if (!contains(args[0], value, found)) return false;
        if (expr.function == Function::exclude ? !found && !put(out, value) : found && !put_distinct(out, value))
          return false;
      }
      return true;
    case Function::union_:
      return put_all_distinct(out, input) && put_all_distinct(out, args[0]);
    case Function::combine:
      return append(input.begin(), input.end()) && append(args[0].begin(), args[0].end());
    case Function::coalesce:
      for (const Collection& arg : args)
        if (!arg.empty()) return append(arg.begin(), arg.end());
      return true;
    case Function::now:
      return put(out, Temporal::from(environment_.now));
    case Function::today: {
      Temporal today = Temporal::from(environment_.now);
      today.kind = Temporal::Kind::date;
      today.precision = Temporal::Precision::day;
      today.fraction_digits = 0;
      today.offset_minutes.reset();
      return put(out, today);
    }
    case Function::time_of_day: {
      Temporal time = Temporal::from(environment_.now);
      time.kind = Temporal::Kind::time;
      time.offset_minutes.reset();
      return put(out, time);
    }
    case Function::type:
      for (const Value& value : input)
        if (!put(out, type_of(value))) return false;
      return true;
    default:
      return refuse("This function is not there.");
  }
}

bool Evaluator::tree(Function function, const Collection& input, Collection& out) {
  std::vector<NodeRef> open;
  for (const Value& value : input)
    if (const NodeRef* ref = value.node()) open.push_back(*ref);
  // Level by level; the input itself is not part of it.
  for (std::size_t i = 0; i < open.size(); ++i) {
    const NodeRef at = open[i];
    for (const Node& child : at.document->children(*at.node)) {
      const NodeRef ref{at.document, &child};
      if (!put(out, ref)) return false;
      if (function == Function::descendants) open.push_back(ref);
    }
  }
  return true;
}

}  // namespace salus::fhir::path
