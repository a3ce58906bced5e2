// One evaluation. Functions return false once something went wrong; the error is then kept.
#pragma once

#include <span>

#include "fhir/path/expression.hpp"
#include "fhir/path/functions.hpp"

namespace salus::fhir::path {

class Evaluator {
 public:
  Evaluator(const Syntax& syntax, const Environment& environment, NodeRef context)
      : syntax_(syntax), environment_(environment), context_(context), steps_(environment.limits.steps_max) {}

  Result<Collection> run();

 private:
  // What $this, $index and $total are.
  struct Scope {
    const Collection* self = nullptr;
    std::int64_t index = -1;
    const Collection* total = nullptr;
  };

  bool refuse(std::string message, ErrorCode code = ErrorCode::invalid);
  bool step(std::uint64_t count = 1);
  bool put(Collection& out, Value value);
  bool put_text(Collection& out, std::string text);
  bool put_bool(Collection& out, std::optional<bool> value);

  // Puts the result of `id` into `out`. Requires: `out` is empty, for unions look at what is there already.
  bool evaluate(ExprId id, const Scope& scope, Collection& out);
  bool evaluate_node(const Expr& expr, const Scope& scope, Collection& out);
  bool name(const Expr& expr, const Scope& scope, Collection& out);
  bool member(const Expr& expr, const Value& item, Collection& out);
  bool path(const Expr& expr, const Scope& scope, Collection& out, bool& done);
  bool walk(std::span<const Expr* const> steps, const NodeRef& from, Collection& out);
  bool external(const Expr& expr, Collection& out);
  bool item(const Expr& expr, const Scope& scope, Collection& out);

  // operators.cpp
  bool binary(const Expr& expr, const Scope& scope, Collection& out);
  bool logic(const Expr& expr, const Scope& scope, Collection& out);
  bool arithmetic(const Expr& expr, const Collection& a, const Collection& b, Collection& out);
  bool quantities(Op op, const Value& a, const Value& b, Collection& out);
  bool shift_time(Op op, const Temporal& time, const Value& by, Collection& out);
  bool equality(Op op, const Collection& a, const Collection& b, Collection& out);
  bool comparison(Op op, const Collection& a, const Collection& b, Collection& out);
  bool negate(const Collection& a, bool minus, Collection& out);
  bool types(const Expr& expr, const Collection& items, Collection& out);

  // The rules of singletons: nothing for an empty collection; an error for several items.
  bool single(const Collection& items, const Value*& out);
  bool truth(const Collection& items, std::optional<bool>& out);
  // A criterion for one item: empty counts as false.
  bool criterion(ExprId id, const Scope& scope, bool& out);

  // Sets.
  bool contains(const Collection& items, const Value& value, bool& out);
  bool put_distinct(Collection& out, const Value& value);
  bool put_all_distinct(Collection& out, const Collection& more);
  bool same_collections(const Collection& a, const Collection& b, std::optional<bool>& out);
  bool equivalent_collections(const Collection& a, const Collection& b, bool& out);

  // Functions, by what they work on.
  bool call(const Expr& expr, const Scope& scope, Collection& out);
  bool lazy(const Expr& expr, const Scope& scope, const Collection& input, Collection& out);
  bool sort(const Expr& expr, const Collection& input, Collection& out);
  bool aggregate(const Expr& expr, const Scope& scope, const Collection& input, Collection& out);
  bool collections(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out);
  bool booleans(Function function, const Collection& input, Collection& out);
  bool conversions(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out);
  bool strings(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out);
  bool patterns(Function function, std::string_view text, std::string_view pattern, const Collection* with,
                Collection& out);
  bool codings(Function function, std::string_view text, std::string_view format, Collection& out);
  bool numbers(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out);
  bool boundaries(Function function, const Collection& input, std::span<const Collection> args, Collection& out);
  bool tree(Function function, const Collection& input, Collection& out);
  bool fhir(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out);
  bool resolve(const Value& item, Collection& out);
  bool conforms(const Value& item, std::string_view profile, Collection& out);

  const Definitions& definitions() const { return *syntax_.definitions; }

  const Syntax& syntax_;
  const Environment& environment_;
  NodeRef context_;
  std::uint64_t steps_;
  int depth_ = 0;
  bool failed_ = false;
  Error error_;
};

// Whether `value` is of the type that `spec` names (a subtype counts).
bool is_of_type(const Definitions& definitions, const Value& value, const Expr& spec);

}  // namespace salus::fhir::path
