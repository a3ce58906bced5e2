#include "fhir/graphql/check.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace salus::fhir::graphql {
namespace {

[[noreturn]] void refuse(Location at, std::string message, ErrorCode code = ErrorCode::invalid) {
  throw Problem{.message = std::move(message), .at = at, .code = code};
}

class Checker {
 public:
  Checker(const Query& query, const Operation& operation, const Definitions& definitions, QueryLimits limits)
      : query_(query), operation_(operation), definitions_(definitions), limits_(limits) {}

  void run(Scope root) {
    std::set<std::string_view> names;
    for (const Fragment& one : query_.fragments)
      if (!names.insert(one.name).second) refuse(one.at, fmt::format("The fragment '{}' stands twice.", one.name));
    std::set<std::string_view> variables;
    for (const Variable& one : operation_.variables)
      if (!variables.insert(one.name).second) refuse(one.at, fmt::format("The variable '{}' stands twice.", one.name));
    if (!operation_.directives.empty())
      refuse(operation_.directives.front().at, "No directive belongs to an operation.");
    selections({&operation_.selections}, root, 1);
    for (const Fragment& one : query_.fragments)
      if (query_.operations.size() == 1 && !used_.contains(one.name))
        refuse(one.at, fmt::format("The fragment '{}' is not used.", one.name));
  }

 private:
  // Fields of one response key: selections of all of them are merged.
  using Keys = std::map<std::string, std::vector<const Selection*>>;

  void selections(const std::vector<const SelectionSet*>& sets, Scope scope, std::uint32_t depth) {
    if (depth > limits_.depth_max)
      refuse(sets.front()->front().at, fmt::format("The query is nested deeper than {} levels.", limits_.depth_max),
             ErrorCode::too_large);
    Keys keys;
    for (const SelectionSet* set : sets) each(*set, scope, keys, depth);
  }

  void each(const SelectionSet& set, Scope scope, Keys& keys, std::uint32_t depth) {
    for (const Selection& one : set) {
      if (++fields_ > limits_.fields_max)
        refuse(one.at, fmt::format("The query has more than {} fields, with its fragments spread.", limits_.fields_max),
               ErrorCode::too_large);
      directives(one);
      if (one.kind == Selection::Kind::field) {
        field(one, scope, keys, depth);
      } else if (one.kind == Selection::Kind::inline_fragment) {
        fragment(one.at, one.type, one.selections, scope, keys, depth);
      } else {
        const Fragment* found = query_.fragment(one.name);
        if (found == nullptr) refuse(one.at, fmt::format("There is no fragment '{}'.", one.name));
        if (std::ranges::find(open_, found) != open_.end())
          refuse(one.at, fmt::format("The fragment '{}' is spread within itself.", one.name));
        if (!found->directives.empty()) refuse(found->at, "No directive belongs to a fragment's definition.");
        used_.insert(found->name);
        open_.push_back(found);
        fragment(one.at, found->type, found->selections, scope, keys, depth);
        open_.pop_back();
      }
    }
  }

  void fragment(Location at, const std::string& type, const SelectionSet& set, Scope scope, Keys& keys,
                std::uint32_t depth) {
    if (depth >= limits_.depth_max)
      refuse(at, fmt::format("The query is nested deeper than {} levels.", limits_.depth_max), ErrorCode::too_large);
    Keys inner;
    if (type.empty()) return each(set, scope, keys, depth + 1);
    const Narrowed narrowed = narrow(definitions_, scope, type);
    if (!narrowed.is_known) refuse(at, fmt::format("There is no type '{}'.", type));
    if (!narrowed.scope)
      refuse(at, fmt::format("What is selected here is a {}, and never a {}.", type_name(definitions_, scope), type));
    // Fragments on different types are of different objects, so that their keys may mean different things.
    const bool is_same = narrowed.scope->kind == scope.kind && narrowed.scope->type == scope.type;
    each(set, *narrowed.scope, is_same ? keys : inner, depth + 1);
  }

  void field(const Selection& one, Scope scope, Keys& keys, std::uint32_t depth) {
    if (one.name == "__schema" || one.name == "__type")
      refuse(one.at,
             "Introspection is not answered here; fields and arguments are FHIR R4's elements and search "
             "parameters, which /fhir/metadata lists.");
    const auto found = field_of(one, scope);
    if (!found) refuse(one.at, fmt::format("'{}' has no field '{}'.", type_name(definitions_, scope), one.name));
    for (const Argument& argument : one.arguments) value(argument.value, argument.at);
    arguments(one, *found, scope);
    const auto inside = found->inside(definitions_);
    if (!inside && !one.selections.empty()) refuse(one.at, fmt::format("'{}' has no fields of its own.", one.name));
    if (inside && one.selections.empty()) refuse(one.at, fmt::format("Which fields of '{}'? Select some.", one.name));
    if (!inside && one.directive("flatten") != nullptr)
      refuse(one.at, fmt::format("'{}' has nothing to flatten.", one.name));
    std::vector<const Selection*>& same = keys[one.key()];
    for (const Selection* other : same) merge(*other, one);
    same.push_back(&one);
    if (!inside) return;
    Scope within = *inside;
    if (found->kind == Field::Kind::target) within = target_scope(one, within);
    selections({&one.selections}, within, depth + 1);
  }

  // Of a resource of unknown type: the field of that type which has what is selected. Patient.name has fields, and
  // Organization.name has none.
  std::optional<Field> field_of(const Selection& one, Scope scope) const {
    auto any = find_field(definitions_, scope, one.name);
    if (scope.kind != Scope::Kind::any_resource || !any || fits(one, *any)) return any;
    for (std::uint32_t i = 1; i < definitions_.type_count(); ++i)
      if (is_queried(definitions_, TypeId{i}))
        if (auto found = find_field(definitions_, {Scope::Kind::object, TypeId{i}}, one.name);
            found && fits(one, *found))
          return found;
    return any;
  }
  bool fits(const Selection& one, const Field& field) const {
    const auto inside = field.inside(definitions_);
    if (!inside) return one.selections.empty();
    return !one.selections.empty() && std::ranges::all_of(one.selections, [&](const Selection& inner) {
      return inner.kind != Selection::Kind::field || find_field(definitions_, *inside, inner.name);
    });
  }

  // resource(type: Patient) has the fields of a Patient.
  Scope target_scope(const Selection& one, Scope any) const {
    for (const Argument& argument : one.arguments) {
      if (argument.name != "type" || argument.value.kind == Value::Kind::variable) continue;
      if (!argument.value.is_scalar()) continue;
      const TypeId type = definitions_.type(argument.value.text);
      if (!is_queried(definitions_, type)) refuse(argument.at, "`type` names no type of resource in FHIR R4.");
      return Scope{Scope::Kind::object, type};
    }
    return any;
  }

  // Fields of one key are one field, but for `resource`, of which at most one is of the target's type.
  static void merge(const Selection& a, const Selection& b) {
    const bool is_one = a.name == b.name && same(a.arguments, b.arguments);
    if (is_one || (a.name == "resource" && b.name == "resource")) return;
    refuse(b.at, fmt::format("'{}' stands here for two different things; give one of them an alias.", b.key()));
  }

  void value(const Value& value, Location at) const {
    if (value.kind == Value::Kind::variable &&
        std::ranges::none_of(operation_.variables, [&](const Variable& one) { return one.name == value.text; }))
      refuse(at, fmt::format("The variable '${}' is not declared.", value.text));
    for (const Value& item : value.items) this->value(item, at);
    for (const auto& [name, item] : value.fields) this->value(item, at);
  }

  void directives(const Selection& one) const {
    const bool is_field = one.kind == Selection::Kind::field;
    for (const Directive& directive : one.directives) {
      const std::string_view name = directive.name;
      for (const Argument& argument : directive.arguments) value(argument.value, argument.at);
      const std::size_t count = directive.arguments.size();
      if (name == "include" || name == "skip") {
        if (count != 1 || directive.arguments[0].name != "if")
          refuse(directive.at, fmt::format("@{} has one argument, `if`.", name));
      } else if (is_field && name == "slice") {
        const bool fits =
            count == 1 && (directive.arguments[0].name == "path" || directive.arguments[0].name == "fhirpath");
        if (!fits) refuse(directive.at, "@slice has one argument, `path`: a FHIRPath.");
      } else if (is_field && (name == "flatten" || name == "singleton" || name == "first")) {
        if (count != 0) refuse(directive.at, fmt::format("@{} has no arguments.", name));
      } else {
        refuse(directive.at, fmt::format("There is no directive '@{}' here.", name));
      }
    }
  }

  void arguments(const Selection& one, const Field& field, Scope scope) const;

  const Query& query_;
  const Operation& operation_;
  const Definitions& definitions_;
  const QueryLimits limits_;
  std::size_t fields_ = 0;
  std::vector<const Fragment*> open_;
  std::set<std::string_view> used_;
};

void Checker::arguments(const Selection& one, const Field& field, Scope scope) const {
  using Kind = Field::Kind;
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(one.arguments, [&](const Argument& argument) { return argument.name == name; });
  };
  const auto only = [&](const auto& is_known) {
    for (const Argument& argument : one.arguments)
      if (!is_known(argument.name))
        refuse(argument.at, fmt::format("'{}' has no argument '{}' here.", one.name, argument.name));
  };
  switch (field.kind) {
    case Kind::by_id:
      only([](const std::string& name) { return name == "id" || name == "_id"; });
      if (one.arguments.size() != 1) refuse(one.at, fmt::format("Which one? {}(id: \"…\").", one.name));
      return;
    case Kind::target:
      return only([](const std::string& name) { return name == "optional" || name == "type"; });
    case Kind::element:
      if (!field.inside(definitions_)) return only([](const std::string&) { return false; });
      return only([&](const std::string& name) {
        if (name == "fhirpath" || name == "_count" || name == "_offset") return true;
        const auto member = find_field(definitions_, *field.inside(definitions_), name);
        return member && member->kind == Kind::element && !member->inside(definitions_);
      });
    case Kind::list:
    case Kind::connection: {  // search itself says which parameters there are
      const bool is_nested = scope.kind != Scope::Kind::system;
      if (is_nested != has("_reference"))
        refuse(one.at, is_nested ? fmt::format("By which parameter does it refer to this? {}(_reference: …).", one.name)
                                 : "`_reference` belongs within a resource, to find what refers to it.");
      for (const Argument& argument : one.arguments) {
        constexpr std::string_view left_out[] = {"_include",  "_revinclude", "_contained", "_containedType", "_summary",
                                                 "_elements", "_fields",     "_format",    "_pretty",        "_total",
                                                 "_asOf",     "_page",       "explain"};
        if (std::ranges::find(left_out, argument.name) != std::end(left_out))
          refuse(argument.at, fmt::format("GraphQL searches without '{}': the selected fields say what is answered.",
                                          argument.name));
        const bool is_cursor = argument.name == "cursor" || argument.name == "_cursor";
        if (is_cursor && (is_nested || field.kind == Kind::list || one.arguments.size() != 1))
          refuse(argument.at, "A cursor stands alone, in a Connection at the query's root.");
        if (is_nested && (argument.name == "id" || argument.name == "_id"))
          refuse(argument.at, "What refers to a resource is not searched by id.");
      }
      return;
    }
    default:
      return only([](const std::string&) { return false; });
  }
}

}  // namespace

Parsed<const Operation*> operation_of(const Query& query, std::string_view name) {
  const auto wrong = [](Location at, std::string message) {
    return tl::make_unexpected(Problem{.message = std::move(message), .at = at});
  };
  std::set<std::string_view> names;
  for (const Operation& one : query.operations) {
    if (one.name.empty() && query.operations.size() > 1)
      return wrong(one.at, "An operation without a name stands alone.");
    if (!names.insert(one.name).second) return wrong(one.at, fmt::format("The operation '{}' stands twice.", one.name));
  }
  if (query.operations.empty()) return wrong({}, "The document has no operation.");
  if (name.empty()) {
    if (query.operations.size() > 1) return wrong({}, "Which operation? `operationName` says.");
    return &query.operations.front();
  }
  for (const Operation& one : query.operations)
    if (one.name == name) return &one;
  return wrong({}, "The document has no operation of the name that `operationName` says.");
}

Parsed<void> check(const Query& query, const Operation& operation, Scope root, const Definitions& definitions,
                   QueryLimits limits) {
  try {
    Checker{query, operation, definitions, limits}.run(root);
    return {};
  } catch (const Problem& problem) {
    return tl::make_unexpected(problem);
  }
}

}  // namespace salus::fhir::graphql
