#include "fhir/graphql/items.hpp"

#include <algorithm>
#include <charconv>

#include "fhir/document/json.hpp"

namespace salus::fhir::graphql {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  write_json_string(text, out);
  return out;
}

Item leaf(std::string json) {
  Item out;
  out.leaf = std::move(json);
  return out;
}

// The children of `node` that are the member, each of its items.
template <class Visit>
void each_child(const Document& document, const Node& node, Member member, const Visit& visit) {
  const Definitions& definitions = document.definitions();
  const NameId name = definitions.element_name(member.element);
  const bool is_choice = definitions.is_choice(member.element);
  for (const Node& child : document.children(node))
    if (child.name == name && (!is_choice || child.type == member.type)) visit(child);
}

// Of a search's parameters, those that steer the field itself.
bool is_own(std::string_view name) {
  return name == "_reference" || name == "fhirpath" || name == "_count" || name == "_offset" || name == "cursor" ||
         name == "_cursor";
}

// Whether a selection of a connection has a field of one of these names, also within fragments.
bool selects(const Query& query, const SelectionSet& set, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(set, [&](const Selection& one) {
    if (one.kind == Selection::Kind::field) return std::ranges::find(names, one.name) != names.end();
    if (one.kind == Selection::Kind::inline_fragment) return selects(query, one.selections, names);
    const Fragment* fragment = query.fragment(one.name);
    return fragment != nullptr && selects(query, fragment->selections, names);
  });
}

}  // namespace

template <class T>
T Items::taken(Result<T> result, Location at) const {
  if (result) return std::move(*result);
  Problem problem{.message = result.error().message, .at = at, .code = result.error().code};
  if (source_.is_spent() || problem.code == ErrorCode::damaged || problem.code == ErrorCode::unavailable)
    throw Spent{std::move(problem)};
  throw problem;
}

Item Items::object(const Resource& resource, const Node& node) const {
  return {.place = {.scope = {Scope::Kind::object, node.type}, .resource = resource, .node = &node}};
}

std::vector<Item> Items::of(const Place& place, const Field& field, const FieldGroup& group) {
  using Kind = Field::Kind;
  const Selection& one = group.head();
  switch (field.kind) {
    case Kind::type_name:
      return {leaf(quoted(type_name(definitions_, place.scope)))};
    case Kind::resource_type:
      return {leaf(quoted(definitions_.name(place.node->type)))};
    case Kind::element:
      return elements(place, field, one);
    case Kind::sibling:
      return siblings(place, field);
    case Kind::target:
      return target(place, one);
    case Kind::by_id:
      return by_id(field, one);
    case Kind::list:
    case Kind::connection:
      return search(place, field, group);
    case Kind::number:
    case Kind::text:
      return of_connection(place, one);
    case Kind::edges: {
      std::vector<Item> out;
      for (std::size_t i = 0; i < place.found->resources.size(); ++i)
        out.push_back({.place = {.scope = {Scope::Kind::edge, field.type}, .found = place.found, .edge = i}});
      return out;
    }
    case Kind::match:
      return {object(place.found->resources[place.edge])};
  }
  return {};
}

std::vector<Item> Items::elements(const Place& place, const Field& field, const Selection& one) {
  const Document& document = *place.resource;
  const Argument* path = nullptr;
  std::vector<const Argument*> filters;
  for (const Argument& argument : one.arguments) {
    if (argument.name == "fhirpath")
      path = &argument;
    else if (argument.name != "_count" && argument.name != "_offset")
      filters.push_back(&argument);
  }
  std::optional<std::set<const Node*>> chosen;
  if (path != nullptr) {
    const Value expression = argument_of(one.arguments, "fhirpath", asked_.variables);
    if (expression.kind == Value::Kind::string)
      chosen = paths_.where(document, *place.node, definitions_.name(definitions_.element_name(field.member.element)),
                            expression.text, path->at);
    else if (expression.kind != Value::Kind::null)
      throw Problem{.message = "`fhirpath` is a text.", .at = path->at};
  }
  std::vector<Item> out;
  std::size_t offset = number(one, "_offset").value_or(0);
  const std::size_t count = number(one, "_count").value_or(std::string::npos);
  each_child(document, *place.node, field.member, [&](const Node& child) {
    if (chosen && !chosen->contains(&child)) return;
    if (!std::ranges::all_of(filters, [&](const Argument* filter) { return passes(document, child, *filter); })) return;
    if (offset > 0) {
      --offset;
      return;
    }
    if (out.size() == count) return;
    if (child.shape == Shape::object) return out.push_back(object(place.resource, child));
    Item item;
    item.is_null = child.shape == Shape::absent;
    item.place = object(place.resource, child).place;
    if (!item.is_null) write_json(document, child, {}, item.leaf);
    out.push_back(std::move(item));
  });
  const bool has_values = std::ranges::any_of(out, [](const Item& item) { return !item.is_null; });
  return has_values ? std::move(out) : std::vector<Item>{};
}

bool Items::passes(const Document& document, const Node& node, const Argument& filter) const {
  const Value wanted = resolved(filter.value, asked_.variables);
  if (wanted.kind == Value::Kind::null) return true;  // as if it was not given
  const Member member = definitions_.member(node.type, definitions_.name(filter.name));
  if (member.element == ElementId::none) return false;
  bool found = false;
  each_child(document, node, member, [&](const Node& child) {
    const std::string_view text = document.text(child);
    if (wanted.kind != Value::Kind::list) found |= child.has_value() && text == wanted.text;
    for (const Value& item : wanted.items) found |= child.has_value() && item.is_scalar() && text == item.text;
  });
  return found;
}

std::vector<Item> Items::siblings(const Place& place, const Field& field) const {
  std::vector<Item> out;
  bool has_any = false;
  each_child(*place.resource, *place.node, field.member, [&](const Node& child) {
    Item item = object(place.resource, child);
    item.place.scope.type = definitions_.known().element;
    item.is_null = child.count == 0;
    has_any |= !item.is_null;
    out.push_back(std::move(item));
  });
  return has_any ? std::move(out) : std::vector<Item>{};
}

std::vector<Item> Items::target(const Place& place, const Selection& one) {
  const Document& document = *place.resource;
  const std::string_view reference = document.text_of(*place.node, definitions_.known().reference_name);
  const bool is_optional = argument_of(one.arguments, "optional", asked_.variables).text == "true";
  std::optional<Item> found;
  if (reference.starts_with('#')) {
    const Node* container = &document.resource_of(*place.node);
    if (container->name == definitions_.known().contained && container != &document.root())
      container = &document.resource_of(document.parent(*container));
    if (reference == "#") found = object(place.resource, *container);
    for (const Node& child : document.children(*container))
      if (child.name == definitions_.known().contained &&
          document.text_of(child, definitions_.known().id_name) == reference.substr(1))
        found = object(place.resource, child);
  } else if (!reference.empty()) {
    const Resource resource = taken(source_.resolve(reference), one.at);
    if (resource != nullptr) found = object(resource);
  }
  if (!found) {
    if (is_optional) return {};
    throw Problem{.message = "What this refers to is not here; `optional: true` leaves it out.",
                  .at = one.at,
                  .code = ErrorCode::not_found};
  }
  const auto type = std::ranges::find(one.arguments, "type", &Argument::name);
  if (type == one.arguments.end()) return {*found};
  const Value wanted = resolved(type->value, asked_.variables);
  const std::string_view name = definitions_.name(found->place.node->type);
  const auto is_it = [&](const Value& value) { return value.is_scalar() && value.text == name; };
  if (wanted.kind == Value::Kind::null || is_it(wanted) || std::ranges::any_of(wanted.items, is_it)) return {*found};
  return {};
}

std::vector<Item> Items::by_id(const Field& field, const Selection& one) {
  const Value id = argument_of(one.arguments, one.arguments.front().name, asked_.variables);
  if (id.kind == Value::Kind::null) throw Problem{.message = "Which id?", .at = one.at};
  const Resource resource = taken(source_.read(field.type, id.text), one.at);
  if (resource == nullptr)
    throw Problem{.message = fmt::format("There is no {} of this id.", definitions_.name(field.type)),
                  .at = one.at,
                  .code = ErrorCode::not_found};
  return {object(resource)};
}

std::vector<Item> Items::search(const Place& place, const Field& field, const FieldGroup& group) {
  const Selection& one = group.head();
  SearchAsked asked{.type = field.type, .is_connection = field.kind == Field::Kind::connection};
  asked.count = number(one, "_count");
  asked.offset = number(one, "_offset").value_or(0);
  for (const Argument& argument : one.arguments) {
    if (argument.name == "cursor" || argument.name == "_cursor")
      asked.cursor = argument_of(one.arguments, argument.name, asked_.variables).text;
    if (argument.name == "_reference") {
      const std::string_view id = place.resource->text_of(*place.node, definitions_.known().id_name);
      if (place.node != &place.resource->root() || id.empty())
        throw Problem{.message = "Nothing refers to what stands within another resource.", .at = argument.at};
      std::string by = argument_of(one.arguments, "_reference", asked_.variables).text;
      std::ranges::replace(by, '_', '-');
      asked.parameters.emplace_back(std::move(by), fmt::format("{}/{}", definitions_.name(place.node->type), id));
    }
    if (is_own(argument.name)) continue;
    std::string name = argument.name;
    std::replace(name.begin() + 1, name.end(), '_', '-');
    const Value value = resolved(argument.value, asked_.variables);
    if (value.kind == Value::Kind::null) continue;
    std::string text = value.text;
    for (const Value& item : value.items) {
      if (!item.is_scalar())
        throw Problem{.message = fmt::format("'{}' is a list of single values.", argument.name), .at = argument.at};
      text += (text.empty() ? "" : ",") + item.text;
    }
    if (value.kind == Value::Kind::object)
      throw Problem{.message = fmt::format("'{}' is no object.", argument.name), .at = argument.at};
    asked.parameters.emplace_back(std::move(name), std::move(text));
  }
  for (const SelectionSet* set : group.selections()) {
    if (!asked.is_connection) break;
    asked.with_total |= selects(asked_.query, *set, {"count", "last"});
  }
  if (asked.is_connection && !std::ranges::any_of(group.selections(), [&](const SelectionSet* set) {
        return selects(asked_.query, *set, {"edges"});
      }))
    asked.with_resources = false;
  auto found = std::make_shared<SearchFound>(taken(source_.search(asked), one.at));
  if (const Value path = argument_of(one.arguments, "fhirpath", asked_.variables); path.kind != Value::Kind::null)
    std::erase_if(found->resources, [&](const Resource& resource) {
      return paths_.where(*resource, resource->root(), {}, path.text, one.at).empty();
    });
  if (asked.is_connection)
    return {{.place = {.scope = {Scope::Kind::connection, field.type}, .found = std::move(found)}}};
  std::vector<Item> out;
  for (const Resource& resource : found->resources) out.push_back(object(resource));
  return out;
}

std::vector<Item> Items::of_connection(const Place& place, const Selection& one) const {
  const SearchFound& found = *place.found;
  if (one.name == "mode") return {leaf("\"match\"")};
  if (one.name == "score") return {};  // matches are not scored
  if (one.name == "offset") return {leaf(std::to_string(found.offset))};
  if (one.name == "pagesize") return {leaf(std::to_string(found.page_size))};
  if (one.name == "count")
    return found.total ? std::vector<Item>{leaf(std::to_string(*found.total))} : std::vector<Item>{};
  const std::string& cursor = one.name == "first"      ? found.first
                              : one.name == "previous" ? found.previous
                              : one.name == "next"     ? found.next
                                                       : found.last;
  return cursor.empty() ? std::vector<Item>{} : std::vector<Item>{leaf(quoted(cursor))};
}

std::optional<std::size_t> Items::number(const Selection& one, std::string_view name) const {
  const Value value = argument_of(one.arguments, name, asked_.variables);
  if (value.kind == Value::Kind::null) return std::nullopt;
  std::size_t out = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [read, error] = std::from_chars(value.text.data(), end, out);
  if (value.kind != Value::Kind::integer || error != std::errc{} || read != end || out > 1'000'000'000)
    throw Problem{.message = fmt::format("'{}' is a whole number of 0 or more.", name), .at = one.at};
  return out;
}

}  // namespace salus::fhir::graphql
