// What can be selected where: FHIR's definitions as GraphQL sees them (https://hl7.org/fhir/R4/graphql.html).
#pragma once

#include <optional>
#include <string_view>

#include "fhir/definitions/definitions.hpp"

namespace salus::fhir::graphql {

// What a set of selections is of.
struct Scope {
  enum class Kind : std::uint8_t {
    system,        // the root at [base]/$graphql
    object,        // a resource or an element of `type`
    any_resource,  // a resource whose type is not known before it is read
    connection,    // of a search for `type`
    edge,          // a match of one
  };
  Kind kind = Kind::system;
  TypeId type = TypeId::none;
};

struct Field {
  enum class Kind : std::uint8_t {
    type_name,      // __typename
    resource_type,  // resourceType
    element,        // a member as FHIR's JSON calls it
    sibling,        // _birthDate: id and extensions of a primitive
    target,         // `resource` of a Reference
    by_id,          // Patient(id: …)
    list,           // PatientList
    connection,     // PatientConnection
    number,         // count, offset, pagesize; score of an edge
    text,           // first, previous, next, last; mode of an edge
    edges,
    match,  // `resource` of an edge
  };
  Kind kind{};
  Member member = {};          // element, sibling
  TypeId type = TypeId::none;  // of what is selected from: by_id, list, connection, match, and element
  bool repeats = false;

  // What its own selections are of; nothing where it is a leaf.
  std::optional<Scope> inside(const Definitions& definitions) const;
};

// Nothing where there is no such field.
std::optional<Field> find_field(const Definitions& definitions, Scope scope, std::string_view name);

// What is left of `scope` in a fragment on `type`: nothing where none of it can be of that type; none of `known` where
// there is no such type.
struct Narrowed {
  bool is_known = false;
  std::optional<Scope> scope = {};
};
Narrowed narrow(const Definitions& definitions, Scope scope, std::string_view type);

// "Patient", "PatientConnection", "Query".
std::string type_name(const Definitions& definitions, Scope scope);

// A resource type that is kept here.
bool is_queried(const Definitions& definitions, TypeId type);

}  // namespace salus::fhir::graphql
