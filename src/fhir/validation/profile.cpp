// StructureDefinitions read into trees. Elements come in an order in which each stands behind what holds it.
#include "fhir/validation/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace salus::fhir::validation {
namespace {

constexpr std::size_t elements_max = 20'000;
constexpr std::size_t path_bytes_max = 1000, path_steps_max = 60;
constexpr std::uint32_t value_nodes_max = 1000;  // of one fixed or pattern value

// Constraints of R4 itself, which are checked anyway.
bool is_known(std::string_view key, std::string_view expression) {
  static const std::set<std::pair<std::string_view, std::string_view>> known = [] {
    const Definitions& d = Definitions::r4();
    std::set<std::pair<std::string_view, std::string_view>> all;
    for (std::uint32_t i = 1; i < d.type_count(); ++i) {
      for (const Invariant& invariant : d.invariants(TypeId{i})) all.emplace(invariant.key, invariant.expression);
      const table::Rows rows = d.elements(TypeId{i});
      for (std::uint32_t e = rows.first; e < rows.first + rows.count; ++e)
        for (const Invariant& invariant : d.invariants(ElementId{e})) all.emplace(invariant.key, invariant.expression);
    }
    return all;
  }();
  return known.contains({key, expression});
}

std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps;
  std::string step;
  int open = 0;
  for (const char c : path) {
    open += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == '.' && open == 0) {
      steps.push_back(std::exchange(step, {}));
    } else {
      step += c;
    }
  }
  steps.push_back(step);
  std::erase(steps, "$this");
  std::erase(steps, "");
  return steps;
}

class Reader {
 public:
  explicit Reader(Profile& profile) : profile_(profile), document_(profile.document), d_(document_.definitions()) {}

  Reading<void> read() {
    const Node& root = document_.root();
    if (d_.name(root.type) != "StructureDefinition") return refuse(root, "A profile is a StructureDefinition");
    profile_.url = text(root, "url");
    profile_.version = text(root, "version");
    profile_.base = text(root, "baseDefinition");
    profile_.type = d_.type(text(root, "type"));
    if (profile_.url.empty() || profile_.type == TypeId::none)
      return refuse(root, "A profile has a url and is of a type of R4");
    const Node* elements = document_.child(root, "snapshot");
    profile_.differential = elements == nullptr;
    if (elements == nullptr) elements = document_.child(root, "differential");
    if (elements == nullptr) return refuse(root, "A profile has a snapshot or a differential");
    if (elements->count > elements_max)
      return tl::make_unexpected(Issue{ErrorCode::too_large, "The profile has too many elements"});
    profile_.root.id = d_.name(profile_.type);
    for (const Node& element : document_.children(*elements))
      if (document_.name(element) == "element")
        if (auto done = place(element); !done) return done;
    return {};
  }

 private:
  tl::unexpected<Issue> refuse(const Node& at, std::string message) const {
    return tl::make_unexpected(
        Issue{.code = ErrorCode::invalid, .message = std::move(message), .location = document_.location(at)});
  }
  std::string_view text(const Node& node, std::string_view name) const {
    const Node* child = document_.child(node, name);
    return child == nullptr ? std::string_view{} : document_.text(*child);
  }

  tl::unexpected<Issue> too_large(const Node& at, std::string message) const {
    return tl::make_unexpected(
        Issue{.code = ErrorCode::too_large, .message = std::move(message), .location = document_.location(at)});
  }
  static bool is_long(std::string_view path) {
    return path.size() > path_bytes_max || std::ranges::count(path, '.') > static_cast<std::ptrdiff_t>(path_steps_max);
  }
  std::uint32_t nodes_of(const Node& node) const {
    std::uint32_t count = 1;
    for (const Node& child : document_.children(node)) count += count > value_nodes_max ? 1 : nodes_of(child);
    return count;
  }

  Reading<void> place(const Node& element) {
    const std::string_view path = text(element, "path"), slice = text(element, "sliceName");
    if (is_long(path)) return too_large(element, "The element's path is too long");
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) {
      if (path != d_.name(profile_.type)) return refuse(element, "An element's path begins with the profile's type");
      last_[std::string{path}] = &profile_.root;
      return fill(element, profile_.root);
    }
    ElementProfile* parent = parent_of(path.substr(0, dot));
    if (parent == nullptr) return refuse(element, "An element's path begins with the profile's type");
    std::string_view name = path.substr(dot + 1);
    if (name.ends_with("[x]")) name.remove_suffix(3);
    auto made = std::make_unique<ElementProfile>();
    made->name = d_.name(name);
    made->id = document_.text_of(element, d_.known().id_name);
    if (made->id.empty()) made->id = slice.empty() ? std::string{path} : fmt::format("{}:{}", path, slice);
    made->slice_name = slice;
    shorten(name, *made);
    ElementProfile* placed = made.get();
    const auto whole = std::ranges::find_if(parent->children, [&](const auto& child) {
      return child->name == made->name && child->only == made->only && child->slice_name.empty();
    });
    if (slice.empty()) {
      parent->children.push_back(std::move(made));
    } else if (whole != parent->children.end()) {
      (*whole)->slices.push_back(std::move(made));
    } else {
      auto holder = std::make_unique<ElementProfile>();
      holder->name = made->name;
      holder->id = path;
      holder->slices.push_back(std::move(made));
      parent->children.push_back(std::move(holder));
    }
    last_[std::string{path}] = placed;
    return fill(element, *placed);
  }

  // What holds `path`; a differential may leave it out.
  ElementProfile* parent_of(std::string_view path) {
    const auto known = last_.find(path);
    if (known != last_.end()) return known->second;
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos)
      return path == d_.name(profile_.type) ? last_[std::string{path}] = &profile_.root : nullptr;
    ElementProfile* above = parent_of(path.substr(0, dot));
    if (above == nullptr) return nullptr;
    std::string_view name = path.substr(dot + 1);
    if (name.ends_with("[x]")) name.remove_suffix(3);
    auto made = std::make_unique<ElementProfile>();
    made->name = d_.name(name);
    made->id = path;
    shorten(name, *made);
    above->children.push_back(std::move(made));
    return last_[std::string{path}] = above->children.back().get();
  }

  // valueQuantity is value[x] where it is a Quantity.
  void shorten(std::string_view name, ElementProfile& made) const {
    for (std::size_t i = 1; i < name.size(); ++i) {
      if (name[i] < 'A' || name[i] > 'Z') continue;
      std::string type{name.substr(i)};
      TypeId found = d_.type(type);
      if (found == TypeId::none) {
        type[0] = static_cast<char>(type[0] - 'A' + 'a');
        found = d_.type(type);
      }
      if (found == TypeId::none || d_.is_resource(found) || !is_choice(name.substr(0, i), d_.name(made.name))) continue;
      made.name = d_.name(name.substr(0, i));
      made.only = found;
      return;
    }
  }

  // Some type has the choice `base` with the member `member`.
  bool is_choice(std::string_view base, std::string_view member) const {
    const NameId name = d_.name(base), whole = d_.name(member);
    for (std::uint32_t i = 1; i < d_.type_count(); ++i) {
      const Member known = d_.member(TypeId{i}, whole);
      if (known.element != ElementId::none)
        return d_.is_choice(known.element) && d_.element_name(known.element) == name;
    }
    return false;
  }

  Reading<void> fill(const Node& element, ElementProfile& out) {
    const auto number = [](std::string_view text, std::uint32_t fallback) {
      std::uint32_t value = fallback;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return value;
    };
    out.min = number(text(element, "min"), 0);
    out.max = number(text(element, "max"), unbounded_max);
    for (const Node& child : document_.children(element)) {
      const std::string_view name = document_.name(child);
      if ((name == "fixed" || name == "pattern") && nodes_of(child) > value_nodes_max)
        return too_large(child, "The value is too large to be compared with");
      if (name == "type") {
        out.types.push_back(type_ref(child));
      } else if (name == "fixed") {
        out.fixed = &child;
      } else if (name == "pattern") {
        out.pattern = &child;
      } else if (name == "maxLength") {
        out.max_length = number(document_.text(child), 0);
      } else if (name == "binding" && text(child, "strength") == "required") {
        out.value_set = text(child, "valueSet");
      } else if (name == "constraint") {
        if (auto done = constraint(child, out); !done) return done;
      } else if (name == "slicing") {
        if (auto done = slicing(child, out); !done) return done;
      }
    }
    return {};
  }

  ElementProfile::TypeRef type_ref(const Node& type) const {
    ElementProfile::TypeRef ref{.type = d_.type(text(type, "code")), .profiles = {}, .targets = {}};
    for (const Node& child : document_.children(type)) {
      if (document_.name(child) == "profile") ref.profiles.emplace_back(document_.text(child));
      if (document_.name(child) == "targetProfile") ref.targets.emplace_back(document_.text(child));
    }
    return ref;
  }

  Reading<void> constraint(const Node& node, ElementProfile& out) const {
    const std::string_view key = text(node, "key"), source = text(node, "expression");
    if (source.empty() || is_known(key, source)) return {};
    auto expression = path::Expression::compile(source);
    if (!expression)
      return refuse(node, fmt::format("The constraint '{}' is no FHIRPath: {}", key, expression.error().message));
    out.constraints.push_back({.key = std::string{key},
                               .human = std::string{text(node, "human")},
                               .is_error = text(node, "severity") != "warning",
                               .expression = std::move(*expression)});
    return {};
  }

  Reading<void> slicing(const Node& node, ElementProfile& out) const {
    out.closed = text(node, "rules") == "closed";
    for (const Node& child : document_.children(node)) {
      if (document_.name(child) != "discriminator") continue;
      const std::string_view type = text(child, "type");
      if (is_long(text(child, "path"))) return too_large(child, "The discriminator's path is too long");
      using Type = Discriminator::Type;
      out.discriminators.push_back({.type = type == "exists"    ? Type::exists
                                            : type == "type"    ? Type::type
                                            : type == "profile" ? Type::profile
                                                                : Type::value,
                                    .path = steps_of(text(child, "path"))});
    }
    return {};
  }

  Profile& profile_;
  const Document& document_;
  const Definitions& d_;
  std::map<std::string, ElementProfile*, std::less<>> last_;  // the element that was last at a path
};

}  // namespace

const ElementProfile* ElementProfile::child(NameId wanted) const {
  for (const auto& held : children)
    if (held->name == wanted && held->only == TypeId::none) return held.get();
  return nullptr;
}

Reading<void> ProfileSet::add(const Document& structure_definition) {
  auto made = std::make_unique<Profile>();
  made->document = structure_definition;
  if (auto read = Reader{*made}.read(); !read) return read;
  by_url_[made->url] = made.get();
  if (!made->version.empty()) by_url_[made->url + '|' + made->version] = made.get();
  profiles_.push_back(std::move(made));
  return {};
}

const Profile* ProfileSet::find(std::string_view canonical) const {
  const auto at = by_url_.find(canonical);
  return at == by_url_.end() ? nullptr : at->second;
}

}  // namespace salus::fhir::validation
