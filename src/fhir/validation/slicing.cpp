// Which slice an item belongs to: its discriminators say where to look, the slice what must be there.
#include <algorithm>

#include "fhir/validation/conformance.hpp"

namespace salus::fhir::validation {
namespace {

// The url of extension('url'); nothing for other steps.
std::optional<std::string_view> extension_of(std::string_view step) {
  if (!step.starts_with("extension(") || step.size() < 13) return std::nullopt;
  return step.substr(11, step.size() - 13);
}

}  // namespace

bool Conformance::in_slice(const ElementProfile& whole, const ElementProfile& slice, const Node& node) {
  using Type = Discriminator::Type;
  if (!spend(1 + node.count)) return false;
  // Extensions are told apart by their url, and a choice by its type, without being told so.
  if (whole.discriminators.empty()) {
    const Discriminator by{
        .type = node.type == d_.known().extension ? Type::value : Type::type,
        .path = node.type == d_.known().extension ? std::vector<std::string>{"url"} : std::vector<std::string>{}};
    return (by.type == Type::value ? value(slice, node, by.path) : type_match(slice, node, by)) == Match::yes;
  }
  for (const Discriminator& by : whole.discriminators) {
    Match match = Match::unknown;
    switch (by.type) {
      case Type::value:
        match = value(slice, node, by.path);
        break;
      case Type::exists: {
        const ElementProfile* wanted = below(slice, by.path);
        const bool there = !walk(node, by.path).empty();
        if (wanted != nullptr) match = (wanted->max == 0 ? !there : wanted->min == 0 || there) ? Match::yes : Match::no;
        break;
      }
      case Type::type:
        match = type_match(slice, node, by);
        break;
      case Type::profile: {
        const ElementProfile* wanted = below(slice, by.path);
        for (const Node* at : walk(node, by.path))
          for (const ElementProfile::TypeRef& ref :
               wanted == nullptr ? std::vector<ElementProfile::TypeRef>{} : wanted->types)
            for (const std::string& profile : ref.profiles)
              if (depth_ < 10 && conforms(*at, profile) == true) match = Match::yes;
        break;
      }
    }
    if (match != Match::yes) return false;
  }
  return true;
}

// What the slice fixes at `path` below `node`, on the way there, or below it.
Conformance::Match Conformance::value(const ElementProfile& slice, const Node& node,
                                      std::span<const std::string> path) {
  if (!spend(1 + node.count)) return Match::unknown;
  if (slice.fixed != nullptr)
    return exactly(document_, node, profile_->document, *slice.fixed) ? Match::yes : Match::no;
  if (slice.pattern != nullptr)
    return at_least(document_, node, profile_->document, *slice.pattern) ? Match::yes : Match::no;
  if (path.empty()) {
    if (!slice.value_set.empty() && node.has_value())
      if (const auto set = d_.value_set(slice.value_set))
        return d_.has_code(*set, document_.text(node)) ? Match::yes : Match::no;
    return values_below(slice, node);
  }
  const ElementProfile* next = extension_of(path.front()) ? nullptr : slice.child(d_.name(path.front()));
  // An extension's profile is its url.
  if (next == nullptr || (path.size() == 1 && next->fixed == nullptr && next->pattern == nullptr))
    if (node.type == d_.known().extension && path.front() == "url")
      for (const ElementProfile::TypeRef& ref : slice.types)
        for (const std::string& profile : ref.profiles)
          return document_.text_of(node, d_.known().url) == profile.substr(0, profile.find('|')) ? Match::yes
                                                                                                 : Match::no;
  if (next == nullptr) return Match::unknown;
  Match match = Match::unknown;
  std::vector<const ElementProfile*> wanted{next};
  for (const auto& inner : next->slices) wanted.push_back(inner.get());
  for (const Node* child : walk(node, path.first(1)))
    for (const ElementProfile* one : wanted) {
      const Match here = value(*one, *child, path.subspan(1));
      if (here == Match::yes) return here;
      if (here == Match::no) match = here;
    }
  return match;
}

Conformance::Match Conformance::values_below(const ElementProfile& slice, const Node& node) {
  Match match = Match::unknown;
  for (const auto& child : slice.children) {
    bool any = false, told = false;
    const Nodes nodes = children(node, *child);
    if (nodes.empty() && child->min > 0 && (child->fixed != nullptr || child->pattern != nullptr)) return Match::no;
    for (const Node* at : nodes) {
      const Match here = value(*child, *at, {});
      any |= here == Match::yes;
      told |= here != Match::unknown;
    }
    if (told && !any) return Match::no;
    if (any) match = Match::yes;
  }
  return match;
}

Conformance::Nodes Conformance::walk(const Node& node, std::span<const std::string> path) {
  if (path.empty()) return {&node};
  Nodes found;
  const auto url = extension_of(path.front());
  const NameId name = url ? d_.known().extension_name : d_.name(path.front());
  if (path.front().starts_with("ofType(") || path.front() == "resolve()") return walk(node, path.subspan(1));
  for (const Node& child : document_.children(node)) {
    if (child.name != name || (url && document_.text_of(child, d_.known().url) != *url)) continue;
    const Nodes deeper = walk(child, path.subspan(1));
    found.insert(found.end(), deeper.begin(), deeper.end());
  }
  return found;
}

const ElementProfile* Conformance::below(const ElementProfile& slice, std::span<const std::string> path) const {
  const ElementProfile* at = &slice;
  for (const std::string& step : path) {
    if (step == "resolve()" || step.starts_with("ofType(")) continue;
    const auto url = extension_of(step);
    const ElementProfile* next = at->child(url ? d_.known().extension_name : d_.name(step));
    if (next != nullptr && url)
      for (const auto& inner : next->slices)
        for (const ElementProfile::TypeRef& ref : inner->types)
          if (std::ranges::find(ref.profiles, *url) != ref.profiles.end()) next = inner.get();
    if (next == nullptr) return nullptr;
    at = next;
  }
  return at;
}

Conformance::Match Conformance::type_match(const ElementProfile& slice, const Node& node, const Discriminator& by) {
  const ElementProfile* wanted = below(slice, by.path);
  if (wanted == nullptr || wanted->types.empty()) return Match::unknown;
  const bool resolves = !by.path.empty() && by.path.back() == "resolve()";
  for (const Node* at : walk(node, by.path)) {
    const TypeId type = resolves ? referred_type(*at) : at->type;
    for (const ElementProfile::TypeRef& ref : wanted->types) {
      if (!resolves && d_.is_a(type, ref.type)) return Match::yes;
      for (const std::string& canonical : ref.targets) {
        const Profile* profile = options_.profile_set->find(canonical);
        if (resolves && type != TypeId::none &&
            d_.is_a(type, profile != nullptr ? profile->type : d_.type_by_url(canonical)))
          return Match::yes;
      }
    }
  }
  return Match::no;
}

// By the text of the reference or its type; none when they do not say.
TypeId Conformance::referred_type(const Node& reference) const {
  const TypeId told = d_.type(document_.text_of(reference, d_.known().type_name));
  if (d_.is_resource(told)) return told;
  std::string_view text = document_.text_of(reference, d_.known().reference_name);
  text = text.substr(0, text.find_first_of("?#"));
  text = text.substr(0, text.find("/_history/"));
  const std::size_t slash = text.rfind('/');
  const std::string_view before = slash == std::string_view::npos ? text : text.substr(0, slash);
  const TypeId type = d_.type(before.substr(before.rfind('/') + 1));
  return d_.is_resource(type) ? type : TypeId::none;
}

}  // namespace salus::fhir::validation
