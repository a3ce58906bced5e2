// The order in which the definitions list the children of a node.
#pragma once

#include <algorithm>
#include <vector>

#include "fhir/document/document.hpp"

namespace salus::fhir {

// Elements are numbered in the order of their type's definition; members that no definition knows come last.
inline std::vector<const Node*> in_defined_order(const Document& document, const Node& node) {
  std::vector<const Node*> children;
  children.reserve(node.count);
  for (const Node& child : document.children(node)) children.push_back(&child);
  const auto before = [](const Node* a, const Node* b) {
    return a->element != b->element ? a->element < b->element : a < b;  // those of one element as they stand
  };
  if (!std::ranges::is_sorted(children, before)) std::ranges::sort(children, before);
  return children;
}

}  // namespace salus::fhir
