#include "fhir/document/document.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace salus::fhir {

Error Issue::error() const {
  std::string text = location.empty() ? message : location + ": " + message;
  if (line > 0) text += fmt::format(" (line {}, column {})", line, column);
  return {code, text + '.'};
}

void place(Issue& issue, std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  issue.line = static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t start = before.rfind('\n');
  issue.column =
      static_cast<std::uint32_t>(start == std::string_view::npos ? before.size() : before.size() - start - 1);
  ++issue.column;
}

const Node* Document::child(const Node& node, std::string_view name) const {
  for (const Node& child : children(node))
    if (this->name(child) == name) return &child;
  return nullptr;
}

std::string_view Document::text_of(const Node& node, NameId name) const {
  const Node* found = child(node, name);
  return found == nullptr ? std::string_view{} : text(*found);
}

std::string_view Document::name(const Node& node) const {
  const auto number = static_cast<std::uint32_t>(node.name);
  const std::uint32_t first = definitions_->name_count();
  if (number < first) return definitions_->name(node.name);
  const auto [at, size] = names_[number - first];
  return std::string_view{text_}.substr(at, size);
}

std::string Document::json_name(const Node& node) const {
  std::string name{this->name(node)};
  if (node.element != ElementId::none && definitions_->is_choice(node.element)) {
    const std::string_view type = definitions_->name(node.type);
    name += static_cast<char>(type[0] >= 'a' && type[0] <= 'z' ? type[0] - 'a' + 'A' : type[0]);
    name += type.substr(1);
  }
  return name;
}

std::string Document::location(const Node& node) const {
  const std::uint32_t own = index(node);
  if (own == node.parent) return std::string{definitions_->name(node.type)};
  const Node& above = parent(node);
  std::string text = location(above);
  text += '.';
  text += name(node);
  const bool repeats = node.element == ElementId::none ? node.in_array : definitions_->repeats(node.element);
  if (!repeats) return text;
  std::uint32_t place = 0;
  for (const Node& sibling : children(above)) {
    if (&sibling == &node) break;
    place += sibling.name == node.name ? 1 : 0;
  }
  return text + fmt::format("[{}]", place);
}

const Node& Document::resource_of(const Node& node) const {
  const Node* at = &node;
  while (!is_resource(*at) && at->parent != index(*at)) at = &parent(*at);
  return *at;
}

namespace {

// Children in an order that does not depend on how they were written: by name, those of one name as they stand.
std::vector<const Node*> by_name(const Document& document, const Node& node) {
  std::vector<const Node*> sorted;
  for (const Node& child : document.children(node)) sorted.push_back(&child);
  std::ranges::sort(sorted, [&](const Node* a, const Node* b) {
    const std::string_view x = document.name(*a), y = document.name(*b);
    return x != y ? x < y : a < b;
  });
  return sorted;
}

bool same(const Document& a, const Node& x, const Document& b, const Node& y) {
  if (x.type != y.type || x.shape != y.shape || x.in_array != y.in_array || x.count != y.count ||
      a.name(x) != b.name(y) || a.text(x) != b.text(y))
    return false;
  const auto xs = by_name(a, x), ys = by_name(b, y);
  return std::ranges::equal(xs, ys, [&](const Node* p, const Node* q) { return same(a, *p, b, *q); });
}

}  // namespace

bool same(const Document& a, const Document& b) {
  return same(a, a.root(), b, b.root());
}

}  // namespace salus::fhir
