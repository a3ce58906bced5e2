// What the JSON and the XML reader share: nodes that grow from the leaves, names, and the types at the end.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "fhir/document/document.hpp"

namespace salus::fhir {

class DocumentBuilder {
 public:
  DocumentBuilder(const Definitions& definitions, DocumentLimits limits) : limits_(limits) {
    document_.definitions_ = &definitions;
  }

  const Definitions& definitions() const { return *document_.definitions_; }
  const DocumentLimits& limits() const { return limits_; }
  std::string& text() { return document_.text_; }

  // The number of `name`; names that no definition knows get one of this document's.
  NameId intern(std::string_view name);
  std::string_view name(NameId name) const;

  // Nodes whose parent is not closed yet, in order. A parent remembers pending.size() when it opens.
  std::vector<Node> pending;

  // Makes pending[from, end) the children of `node`.
  void close(Node& node, std::size_t from);
  std::size_t node_count() const { return document_.nodes_.size() + pending.size(); }

  // The text becomes the node's value.
  void set_text(Node& node, Shape shape, std::string_view value);

  // Gives every node its type, from `resourceType` and the definitions, and takes the resourceType members away.
  // Requires: pending holds the root alone.
  Reading<Document> finish();

 private:
  Reading<void> type_resource(std::uint32_t index);
  Reading<void> type_children(std::uint32_t index);
  Issue issue_at(std::uint32_t index, ErrorCode code, std::string message) const;

  DocumentLimits limits_;
  Document document_;
  std::unordered_map<std::string, NameId> local_names_;  // those that no definition knows
};

}  // namespace salus::fhir
