// Which fields of selections an object answers: fragments spread, @skip and @include decided (October 2021, 6.3.2).
#pragma once

#include <map>

#include "fhir/graphql/schema.hpp"
#include "fhir/graphql/variables.hpp"

namespace salus::fhir::graphql {

// Fields that are merged into one: same key, name and arguments.
struct FieldGroup {
  std::vector<const Selection*> fields;  // never empty

  const Selection& head() const { return *fields.front(); }
  std::vector<const SelectionSet*> selections() const {
    std::vector<const SelectionSet*> out;
    for (const Selection* one : fields) out.push_back(&one->selections);
    return out;
  }
};

// `scope` is what the object is: of a resource its own type. In the order in which keys first stand. Throws Problem.
std::vector<FieldGroup> collect(const Query& query, const Variables& variables, const Definitions& definitions,
                                const std::vector<const SelectionSet*>& sets, Scope scope);

// A directive's or field's argument; null where it is not given, or null. Throws Problem where it is no scalar.
Value argument_of(const std::vector<Argument>& arguments, std::string_view name, const Variables& variables);

}  // namespace salus::fhir::graphql
