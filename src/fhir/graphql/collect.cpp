#include "fhir/graphql/collect.hpp"

#include <algorithm>
#include <set>

namespace salus::fhir::graphql {
namespace {

class Collector {
 public:
  Collector(const Query& query, const Variables& variables, const Definitions& definitions, Scope scope)
      : query_(query), variables_(variables), definitions_(definitions), scope_(scope) {}

  void add(const SelectionSet& set) {
    for (const Selection& one : set) {
      if (!is_wanted(one)) continue;
      if (one.kind == Selection::Kind::field) {
        field(one);
      } else if (one.kind == Selection::Kind::inline_fragment) {
        if (applies(one.type)) add(one.selections);
      } else if (const Fragment* found = query_.fragment(one.name);
                 found != nullptr && spread_.insert(found).second && applies(found->type)) {
        add(found->selections);
      }
    }
  }
  std::vector<FieldGroup> take() { return std::move(groups_); }

 private:
  bool is_wanted(const Selection& one) const {
    for (const Directive& directive : one.directives) {
      if (directive.name != "include" && directive.name != "skip") continue;
      const Value value = argument_of(directive.arguments, "if", variables_);
      if (value.kind != Value::Kind::boolean)
        throw Problem{.message = fmt::format("`if` of @{} is true or false.", directive.name), .at = directive.at};
      if ((value.text == "true") != (directive.name == "include")) return false;
    }
    return true;
  }
  bool applies(const std::string& type) const {
    return type.empty() || narrow(definitions_, scope_, type).scope.has_value();
  }
  void field(const Selection& one) {
    const auto is_same = [&](const FieldGroup& group) {
      // check() has made sure that fields of one key differ in nothing, but for the type of a `resource`.
      return group.head().key() == one.key() && same(group.head().arguments, one.arguments);
    };
    if (const auto at = std::ranges::find_if(groups_, is_same); at != groups_.end())
      at->fields.push_back(&one);
    else
      groups_.push_back({{&one}});
  }

  const Query& query_;
  const Variables& variables_;
  const Definitions& definitions_;
  const Scope scope_;
  std::vector<FieldGroup> groups_;
  std::set<const Fragment*> spread_;
};

}  // namespace

std::vector<FieldGroup> collect(const Query& query, const Variables& variables, const Definitions& definitions,
                                const std::vector<const SelectionSet*>& sets, Scope scope) {
  Collector collector{query, variables, definitions, scope};
  for (const SelectionSet* set : sets) collector.add(*set);
  return collector.take();
}

Value argument_of(const std::vector<Argument>& arguments, std::string_view name, const Variables& variables) {
  const auto at = std::ranges::find(arguments, name, &Argument::name);
  if (at == arguments.end()) return {};
  Value value = resolved(at->value, variables);
  if (value.kind != Value::Kind::null && !value.is_scalar())
    throw Problem{.message = fmt::format("'{}' is one value.", name), .at = at->at};
  return value;
}

}  // namespace salus::fhir::graphql
