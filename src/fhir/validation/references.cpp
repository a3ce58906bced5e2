// Whether a reference leads to a type that its element takes, as far as its text, its type member, the contained
// resources and the Bundle around it say. What nothing says is taken.
#include <fmt/format.h>

#include <algorithm>

#include "fhir/validation/walker.hpp"

namespace salus::fhir::validation {

// The type that a reference names; `known` becomes false when nothing says it. none for a name that is no type.
TypeId Walker::type_of(const Node& node, std::string_view reference, bool& known) {
  const auto& names = d_.known();
  known = true;
  if (reference.starts_with('#')) {
    const Node* holder = &document_.resource_of(node);
    if (holder->name == names.contained) holder = &document_.resource_of(document_.parent(*holder));
    if (reference.size() == 1) return holder->type;
    for (const Node& child : document_.children(*holder))
      if (child.name == names.contained && document_.text_of(child, names.id_name) == reference.substr(1))
        return child.type;
    return known = false, TypeId::none;  // ref-1 says so
  }
  if (document_.root().type == names.bundle) {
    if (!full_urls_read_) {
      full_urls_read_ = true;
      for (const Node& entry : document_.children(document_.root())) {
        const Node* resource = entry.name == names.entry ? document_.child(entry, names.resource_name) : nullptr;
        if (resource != nullptr) full_urls_.emplace(document_.text_of(entry, names.full_url), resource->type);
      }
    }
    const auto at = full_urls_.find(reference);
    if (at != full_urls_.end()) return at->second;
  }
  std::string_view path = reference.substr(0, reference.find_first_of("?#"));
  const std::size_t version = path.find("/_history/");
  path = path.substr(0, version);
  const bool absolute = path.find(':') != std::string_view::npos;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {  // Practitioner?identifier=…
    const TypeId type = d_.type(path);
    known = path.size() < reference.size() && d_.is_resource(type);
    return type;
  }
  const std::string_view before = path.substr(0, slash);
  const TypeId type = d_.type(before.substr(before.rfind('/') + 1));
  if (d_.is_resource(type) && !d_.is_abstract(type)) return type;
  known = !absolute && before.find('/') == std::string_view::npos;  // Foo/1
  return TypeId::none;
}

void Walker::reference(const Node& node) {
  const auto& names = d_.known();
  const Node* text = document_.child(node, names.reference_name);
  const std::string_view told = document_.text_of(node, type_);
  const TypeId type = d_.type(told);
  const auto refs = d_.types_of(node.element);
  const auto own =
      std::ranges::find_if(refs, [&](const table::Ref& ref) { return TypeId{ref.type} == names.reference; });
  const auto targets = d_.targets(*own);
  const auto taken = [&](TypeId leads) {
    return targets.empty() || std::ranges::any_of(targets, [&](TypeId target) { return d_.is_a(leads, target); });
  };
  if (text == nullptr || !text->has_value()) {
    if (!told.empty() && d_.is_resource(type) && !taken(type))
      report(options_.references, Kind::value, node, fmt::format("A reference to {} is not taken here", d_.name(type)));
    return;
  }
  bool known = false;
  const TypeId leads = type_of(*text, document_.text(*text), known);
  if (!known) return;
  if (leads == TypeId::none) {
    report(options_.references, Kind::value, *text, "The reference names no resource type");
  } else if (!taken(leads)) {
    report(options_.references, Kind::value, *text, fmt::format("A reference to {} is not taken here", d_.name(leads)));
  } else if (d_.is_resource(type) && type != leads) {
    report(options_.references, Kind::value, node,
           fmt::format("The reference leads to {} and its type says {}", d_.name(leads), d_.name(type)));
  }
}

// dom-3.
bool Walker::all_referred(const Node& resource) const {
  const auto& names = d_.known();
  if (document_.child(resource, names.contained) == nullptr) return true;
  std::vector<std::string_view> within;  // references that begin with '#', of the resource and all that it contains
  std::vector<const Node*> open;
  const TypeId canonical = d_.type("canonical"), url = d_.type("url");
  const auto collect = [&](const Node& from, auto&& take) {
    open = {&from};
    while (!open.empty()) {
      const Node* at = open.back();
      open.pop_back();
      const bool refers =
          at->name == names.reference_name || at->type == canonical || at->type == names.uri || at->type == url;
      if (refers && at->has_value() && document_.text(*at).starts_with('#')) take(*at);
      for (const Node& child : document_.children(*at)) open.push_back(&child);
    }
  };
  collect(resource, [&](const Node& node) { within.push_back(document_.text(node).substr(1)); });
  std::ranges::sort(within);
  for (const Node& child : document_.children(resource)) {
    if (child.name != names.contained) continue;
    bool referred = std::ranges::binary_search(within, document_.text_of(child, names.id_name)) &&
                    !document_.text_of(child, names.id_name).empty();
    if (!referred)
      collect(child, [&](const Node& node) {
        referred |= document_.text(node).size() == 1 && (node.name == names.reference_name || node.type == canonical);
      });
    if (!referred) return false;
  }
  return true;
}

// bdl-3, bdl-4.
bool Walker::entries_have(const Node& bundle, NameId member, std::initializer_list<std::string_view> types) const {
  const bool wanted = std::ranges::find(types, document_.text_of(bundle, type_)) != types.end();
  return std::ranges::all_of(document_.children(bundle), [&](const Node& entry) {
    return entry.name != d_.known().entry || (document_.child(entry, member) != nullptr) == wanted;
  });
}

}  // namespace salus::fhir::validation
