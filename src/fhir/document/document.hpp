// A FHIR resource as a tree that can be walked quickly and written back as it came.
//
// All nodes lie in one array, the children of a node side by side, and all texts in one buffer: a document costs three
// allocations however large it is, and moving it moves pointers. A repeating element is several nodes of one name side
// by side; a primitive is one node with its value as text, its `_name` sibling's id and extensions as children.
// Numbers keep their digits ("1.00"), members their order.
//
// Lifetime: nodes and texts live as long as the document; moving the document keeps them valid.
// Threads:  any; nothing changes after it is built.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/definitions.hpp"
#include "fhir/document/issue.hpp"

namespace salus::fhir {

enum class Shape : std::uint8_t {
  object,   // members are its children
  string,   // text, without quotes and escapes
  number,   // text, as it was written
  boolean,  // text is true or false
  absent,   // a primitive without a value: only id or extension
};

struct Node {
  NameId name =
      NameId::none;  // the element's: "value" also for valueQuantity; of the root and of unknown members: theirs
  TypeId type = TypeId::none;  // none where no definition knows the member
  ElementId element = ElementId::none;
  std::uint32_t parent = 0;  // the root is its own
  std::uint32_t text_at = 0, text_size = 0;
  std::uint32_t first = 0, count = 0;  // children
  Shape shape = Shape::object;
  bool in_array = false;  // stood in an array

  bool has_value() const { return shape != Shape::object && shape != Shape::absent; }
};

// Bounds of what is read. Over them: too_large.
struct DocumentLimits {
  std::size_t bytes_max = 64u << 20;
  std::uint32_t depth_max = 100;  // objects within objects
  std::uint32_t nodes_max = 4'000'000;
  std::uint32_t members_max = 256;  // of one object
  std::uint32_t digits_max = 64;    // of a number, sign and exponent included
};

class Document {
 public:
  const Definitions& definitions() const { return *definitions_; }
  const Node& root() const { return nodes_.back(); }
  TypeId type() const { return root().type; }
  std::size_t size() const { return nodes_.size(); }

  std::uint32_t index(const Node& node) const { return static_cast<std::uint32_t>(&node - nodes_.data()); }
  const Node& node(std::uint32_t index) const { return nodes_[index]; }
  const Node& parent(const Node& node) const { return nodes_[node.parent]; }
  std::span<const Node> children(const Node& node) const { return {nodes_.data() + node.first, node.count}; }
  // A primitive's value; empty for objects and absent values.
  std::string_view text(const Node& node) const { return std::string_view{text_}.substr(node.text_at, node.text_size); }
  // First child called `name`; null when there is none.
  const Node* child(const Node& node, NameId name) const {
    for (const Node& child : children(node))
      if (child.name == name) return &child;
    return nullptr;
  }
  const Node* child(const Node& node, std::string_view name) const;
  // Text of the first child called `name`; empty when there is none.
  std::string_view text_of(const Node& node, NameId name) const;

  // "value" of valueQuantity; also of members that no definition knows.
  std::string_view name(const Node& node) const;
  // The member's name in JSON: "valueQuantity".
  std::string json_name(const Node& node) const;
  // "Observation.component[1].value". The index is there where the element repeats.
  std::string location(const Node& node) const;
  // The resource that holds `node` (itself, when it is one): a contained resource, an entry's, or the root.
  const Node& resource_of(const Node& node) const;

  bool is_resource(const Node& node) const { return definitions_->is_resource(node.type); }

 private:
  friend class DocumentBuilder;
  const Definitions* definitions_ = nullptr;
  std::vector<Node> nodes_;  // the root last
  std::string text_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> names_;  // (at, size) of names that no definition knows
};

// Whether both say the same: type, elements, values digit by digit. The order of different members does not matter.
bool same(const Document& a, const Document& b);

}  // namespace salus::fhir
