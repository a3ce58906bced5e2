// A code system that can be asked: its concepts by code, and what is above and below each.
//
// A concept's code, texts and properties stay in the document; beside it a concept costs some 80 bytes and its links.
// Lifetime: what it hands out lives as long as it does. Threads: any; nothing changes after it is made.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "fhir/document/document.hpp"

namespace salus::fhir::terminology {

using ConceptId = std::uint32_t;

struct Concept {
  std::string_view code, display, definition;
  std::uint32_t node = 0;    // of the document
  bool is_inactive = false;  // status retired or deprecated, or inactive
  bool is_abstract = false;  // notSelectable
};

class CodeSystem {
 public:
  // Requires: the document is a CodeSystem. Errors: invalid (a code twice).
  static Result<CodeSystem> make(Document document);

  const Document& document() const { return *document_; }
  std::string_view url() const { return text("url"); }
  std::string_view version() const { return text("version"); }
  std::string_view text(std::string_view member) const;
  // Whether its codes are all here; else some (example, fragment) or none (not-present) are.
  bool is_complete() const { return content_ == "complete"; }
  bool is_present() const { return content_ != "not-present"; }
  std::string_view content() const { return content_; }

  std::size_t size() const { return concepts_.size(); }
  const Concept& at(ConceptId id) const { return concepts_[id]; }
  // As it is written; where the system says that case does not matter, in any case.
  std::optional<ConceptId> find(std::string_view code) const;
  std::span<const ConceptId> parents(ConceptId id) const { return links(parents_, id); }
  std::span<const ConceptId> children(ConceptId id) const { return links(children_, id); }
  // Itself and all below, or above, as a set.
  enum class Way : std::uint8_t { down, up };
  std::vector<bool> reach(ConceptId from, Way way) const;
  bool subsumes(ConceptId above, ConceptId below) const;
  // Texts of a property, which may also be code, concept, display, definition, parent, child, inactive and
  // notSelectable.
  std::vector<std::string_view> values(ConceptId id, std::string_view property) const;

 private:
  struct Links {
    std::vector<std::uint32_t> first;  // of each concept; one more at the end
    std::vector<ConceptId> to;
  };
  explicit CodeSystem(Document document) : document_(std::make_unique<const Document>(std::move(document))) {}
  static std::span<const ConceptId> links(const Links& links, ConceptId id) {
    return std::span{links.to}.subspan(links.first[id], links.first[id + 1] - links.first[id]);
  }
  void read(const Node& holder, std::vector<std::pair<ConceptId, ConceptId>>& pairs, std::optional<ConceptId> parent);
  static Links link(std::vector<std::pair<ConceptId, ConceptId>> pairs, std::size_t count);

  std::unique_ptr<const Document> document_;  // stays where it is when this moves: views lead into it
  std::string_view content_;
  bool ignores_case_ = false;
  std::vector<Concept> concepts_;
  std::unordered_map<std::string_view, ConceptId> by_code_;
  std::unordered_map<std::string, ConceptId> by_lower_;  // where case does not matter
  Links parents_, children_;
};

}  // namespace salus::fhir::terminology
