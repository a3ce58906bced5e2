// A copy of a document in which the children of one node are others. Everything else stays as it is.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "fhir/document/document.hpp"

namespace salus::fhir::patch {

// A value that is not in the document yet.
struct NewChild {
  std::string json_name;  // "valueQuantity"
  const Document* document = nullptr;
  const Node* value = nullptr;         // a value[x], or a resource
  std::vector<NewChild> members = {};  // instead of `value`: those of an inline element
};
using Child = std::variant<const Node*, NewChild>;

// Elements that become empty vanish, with those around them that become empty by that.
// Requires: `parent` is of `document`, as are the Node of `children`; NewChild name members of its type.
// Errors: invalid, too_large, as the readers of documents.
Reading<Document> rewrite(const Document& document, const Node& parent, const std::vector<Child>& children,
                          const DocumentLimits& limits);

}  // namespace salus::fhir::patch
