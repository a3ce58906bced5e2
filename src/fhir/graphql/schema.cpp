#include "fhir/graphql/schema.hpp"

#include <fmt/format.h>

namespace salus::fhir::graphql {
namespace {

using Kind = Field::Kind;

constexpr std::string_view kList = "List", kConnection = "Connection", kEdge = "Edge";

std::optional<TypeId> searched(const Definitions& definitions, std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  const TypeId type = definitions.type(name.substr(0, name.size() - suffix.size()));
  return is_queried(definitions, type) ? std::optional(type) : std::nullopt;
}

std::optional<Field> search_field(const Definitions& definitions, std::string_view name) {
  if (const auto type = searched(definitions, name, kList))
    return Field{.kind = Kind::list, .type = *type, .repeats = true};
  if (const auto type = searched(definitions, name, kConnection)) return Field{.kind = Kind::connection, .type = *type};
  return std::nullopt;
}

std::optional<Field> object_field(const Definitions& definitions, TypeId type, std::string_view name) {
  const bool is_resource = definitions.is_resource(type);
  if (is_resource && name == "resourceType") return Field{.kind = Kind::resource_type};
  if (type == definitions.known().reference && name == "resource") return Field{.kind = Kind::target};
  const bool is_sibling = name.starts_with('_');
  const NameId id = definitions.name(is_sibling ? name.substr(1) : name);
  if (id != NameId::none) {
    const Member member = definitions.member(type, id);
    const bool is_primitive = member.element != ElementId::none && definitions.is_primitive(member.type);
    if (member.element != ElementId::none && (is_primitive || !is_sibling))
      return Field{.kind = is_sibling ? Kind::sibling : Kind::element,
                   .member = member,
                   .type = is_sibling ? definitions.known().element : member.type,
                   .repeats = definitions.repeats(member.element)};
  }
  return is_resource ? search_field(definitions, name) : std::nullopt;
}

}  // namespace

bool is_queried(const Definitions& definitions, TypeId type) {
  return type != TypeId::none && definitions.is_resource(type) && !definitions.is_abstract(type) &&
         definitions.name(type) != "SubscriptionStatus";
}

std::optional<Scope> Field::inside(const Definitions& definitions) const {
  switch (kind) {
    case Kind::type_name:
    case Kind::resource_type:
    case Kind::number:
    case Kind::text:
      return std::nullopt;
    case Kind::element:
      if (definitions.is_primitive(type) || type == definitions.known().xhtml) return std::nullopt;
      if (definitions.is_resource(type) && definitions.is_abstract(type)) return Scope{Scope::Kind::any_resource};
      return Scope{Scope::Kind::object, type};
    case Kind::target:
      return Scope{Scope::Kind::any_resource};
    case Kind::connection:
      return Scope{Scope::Kind::connection, type};
    case Kind::edges:
      return Scope{Scope::Kind::edge, type};
    case Kind::sibling:
    case Kind::by_id:
    case Kind::list:
    case Kind::match:
      return Scope{Scope::Kind::object, type};
  }
  return std::nullopt;
}

std::optional<Field> find_field(const Definitions& definitions, Scope scope, std::string_view name) {
  if (name == "__typename") return Field{.kind = Kind::type_name};
  switch (scope.kind) {
    case Scope::Kind::system:
      if (const TypeId type = definitions.type(name); is_queried(definitions, type))
        return Field{.kind = Kind::by_id, .type = type};
      return search_field(definitions, name);
    case Scope::Kind::object:
      return object_field(definitions, scope.type, name);
    case Scope::Kind::any_resource:
      // What one of the resource types has, others may lack: each resource is asked for what its own type has.
      for (std::uint32_t i = 1; i < definitions.type_count(); ++i)
        if (is_queried(definitions, TypeId{i}))
          if (auto field = object_field(definitions, TypeId{i}, name)) return field;
      return std::nullopt;
    case Scope::Kind::connection:
      if (name == "count" || name == "offset" || name == "pagesize") return Field{.kind = Kind::number};
      if (name == "first" || name == "previous" || name == "next" || name == "last") return Field{.kind = Kind::text};
      if (name == "edges") return Field{.kind = Kind::edges, .type = scope.type, .repeats = true};
      return std::nullopt;
    case Scope::Kind::edge:
      if (name == "mode") return Field{.kind = Kind::text};
      if (name == "score") return Field{.kind = Kind::number};
      if (name == "resource") return Field{.kind = Kind::match, .type = scope.type};
      return std::nullopt;
  }
  return std::nullopt;
}

Narrowed narrow(const Definitions& definitions, Scope scope, std::string_view type) {
  if (type == type_name(definitions, scope)) return {true, scope};
  const TypeId wanted = definitions.type(type);
  if (wanted == TypeId::none) {
    const bool is_other =
        type == "Query" || searched(definitions, type, kConnection) || searched(definitions, type, kEdge);
    return {is_other, std::nullopt};
  }
  if (scope.kind == Scope::Kind::any_resource && definitions.is_resource(wanted))
    return {true, definitions.is_abstract(wanted) ? scope : Scope{Scope::Kind::object, wanted}};
  if (scope.kind == Scope::Kind::object && definitions.is_a(scope.type, wanted)) return {true, scope};
  return {true, std::nullopt};
}

std::string type_name(const Definitions& definitions, Scope scope) {
  switch (scope.kind) {
    case Scope::Kind::system:
      return "Query";
    case Scope::Kind::any_resource:
      return "Resource";
    case Scope::Kind::object:
      return std::string(definitions.name(scope.type));
    case Scope::Kind::connection:
      return fmt::format("{}{}", definitions.name(scope.type), kConnection);
    case Scope::Kind::edge:
      return fmt::format("{}{}", definitions.name(scope.type), kEdge);
  }
  return {};
}

}  // namespace salus::fhir::graphql
