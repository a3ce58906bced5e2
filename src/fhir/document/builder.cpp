#include "fhir/document/builder.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace salus::fhir {

NameId DocumentBuilder::intern(std::string_view name) {
  const NameId known = definitions().name(name);
  if (known != NameId::none) return known;
  auto& names = document_.names_;
  const NameId next{definitions().name_count() + static_cast<std::uint32_t>(names.size())};
  const auto [at, added] = local_names_.emplace(name, next);
  if (!added) return at->second;
  names.emplace_back(static_cast<std::uint32_t>(document_.text_.size()), static_cast<std::uint32_t>(name.size()));
  document_.text_.append(name);
  return next;
}

std::string_view DocumentBuilder::name(NameId name) const {
  const auto number = static_cast<std::uint32_t>(name);
  const std::uint32_t first = definitions().name_count();
  if (number < first) return definitions().name(name);
  const auto [at, size] = document_.names_[number - first];
  return std::string_view{document_.text_}.substr(at, size);
}

void DocumentBuilder::close(Node& node, std::size_t from) {
  node.first = static_cast<std::uint32_t>(document_.nodes_.size());
  node.count = static_cast<std::uint32_t>(pending.size() - from);
  document_.nodes_.insert(document_.nodes_.end(), pending.begin() + static_cast<std::ptrdiff_t>(from), pending.end());
  pending.resize(from);
}

void DocumentBuilder::set_text(Node& node, Shape shape, std::string_view value) {
  node.shape = shape;
  node.text_at = static_cast<std::uint32_t>(document_.text_.size());
  node.text_size = static_cast<std::uint32_t>(value.size());
  document_.text_.append(value);
}

Reading<Document> DocumentBuilder::finish() {
  SALUS_ASSERT(pending.size() == 1);
  document_.nodes_.push_back(pending.back());
  const auto root = static_cast<std::uint32_t>(document_.nodes_.size() - 1);
  document_.nodes_[root].parent = root;
  if (auto typed = type_resource(root); !typed) return tl::make_unexpected(std::move(typed.error()));
  return std::move(document_);
}

Issue DocumentBuilder::issue_at(std::uint32_t index, ErrorCode code, std::string message) const {
  return {.code = code, .message = std::move(message), .location = document_.location(document_.nodes_[index])};
}

// The XML reader knows the type from the element's name; in JSON it is a member, wherever it stands.
Reading<void> DocumentBuilder::type_resource(std::uint32_t index) {
  auto& nodes = document_.nodes_;
  Node& node = nodes[index];
  if (node.type == TypeId::none) {
    const auto children = nodes.begin() + node.first;
    const auto found =
        std::find_if(children, children + node.count, [](const Node& n) { return n.name == NameId::resource_type; });
    if (node.shape != Shape::object || found == children + node.count || found->shape != Shape::string)
      return tl::make_unexpected(issue_at(index, ErrorCode::invalid, "A resource names its type in 'resourceType'"));
    const TypeId type = definitions().type(document_.text(*found));
    if (!definitions().is_resource(type) || definitions().is_abstract(type))
      return tl::make_unexpected(
          issue_at(index, ErrorCode::invalid, "'resourceType' names no resource type of FHIR R4"));
    std::rotate(children, found, found + 1);
    ++node.first;
    --node.count;
    node.type = type;
  }
  return type_children(index);
}

Reading<void> DocumentBuilder::type_children(std::uint32_t index) {
  auto& nodes = document_.nodes_;
  const Node node = nodes[index];
  const Definitions::Known& known = definitions().known();
  for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
    Node& child = nodes[i];
    child.parent = index;
    const Member member = definitions().member(node.type, child.name);
    if (member.element != ElementId::none) {
      child.name = definitions().element_name(member.element);
      child.element = member.element;
      if (member.type == known.resource) {
        if (auto typed = type_resource(i); !typed) return typed;
        continue;
      }
      child.type = member.type;
    }
    if (child.count > 0)
      if (auto typed = type_children(i); !typed) return typed;
  }
  return {};
}

}  // namespace salus::fhir
