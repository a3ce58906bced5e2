#include "fhir/terminology/code_system.hpp"

#include <algorithm>

namespace salus::fhir::terminology {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string_view child_text(const Document& document, const Node& node, std::string_view name) {
  const Node* child = document.child(node, name);
  return child == nullptr ? std::string_view{} : document.text(*child);
}

}  // namespace

std::string_view CodeSystem::text(std::string_view member) const {
  return child_text(*document_, document_->root(), member);
}

Result<CodeSystem> CodeSystem::make(Document document) {
  CodeSystem out{std::move(document)};
  out.content_ = out.text("content");
  out.ignores_case_ = out.text("caseSensitive") == "false";
  std::vector<std::pair<ConceptId, ConceptId>> pairs;  // above, below
  out.read(out.document_->root(), pairs, std::nullopt);
  for (ConceptId id = 0; id < out.concepts_.size(); ++id) {
    if (!out.by_code_.emplace(out.concepts_[id].code, id).second)
      return fail(ErrorCode::invalid, "The code system {} has the code '{}' twice.", out.url(), out.concepts_[id].code);
    if (out.ignores_case_) out.by_lower_.emplace(lower(out.concepts_[id].code), id);
  }
  for (ConceptId id = 0; id < out.concepts_.size(); ++id) {
    const Node& node = out.document_->node(out.concepts_[id].node);
    for (const Node& child : out.document_->children(node)) {
      if (out.document_->name(child) != "property") continue;
      const std::string_view name = child_text(*out.document_, child, "code"),
                             said = child_text(*out.document_, child, "value");
      if (name == "parent" || name == "child" || name == "subsumedBy") {
        const auto other = out.find(said);
        if (other && name == "child") pairs.emplace_back(id, *other);
        if (other && name != "child") pairs.emplace_back(*other, id);
      }
      Concept& it = out.concepts_[id];
      if (name == "status") it.is_inactive |= said == "retired" || said == "deprecated" || said == "inactive";
      if (name == "inactive") it.is_inactive |= said == "true";
      if (name == "notSelectable" || name == "abstract") it.is_abstract |= said == "true";
    }
  }
  std::ranges::sort(pairs);
  const auto repeated = std::ranges::unique(pairs);
  pairs.erase(repeated.begin(), repeated.end());
  out.children_ = link(pairs, out.concepts_.size());
  for (auto& [above, below] : pairs) std::swap(above, below);
  std::ranges::sort(pairs);
  out.parents_ = link(std::move(pairs), out.concepts_.size());
  return out;
}

// Documents are nested 100 deep at most.
void CodeSystem::read(const Node& holder, std::vector<std::pair<ConceptId, ConceptId>>& pairs,
                      std::optional<ConceptId> parent) {
  for (const Node& child : document_->children(holder)) {
    if (document_->name(child) != "concept") continue;
    const auto id = static_cast<ConceptId>(concepts_.size());
    concepts_.push_back({.code = child_text(*document_, child, "code"),
                         .display = child_text(*document_, child, "display"),
                         .definition = child_text(*document_, child, "definition"),
                         .node = document_->index(child)});
    if (parent) pairs.emplace_back(*parent, id);
    read(child, pairs, id);
  }
}

CodeSystem::Links CodeSystem::link(std::vector<std::pair<ConceptId, ConceptId>> pairs, std::size_t count) {
  Links out;
  out.first.assign(count + 1, 0);
  for (const auto& [from, to] : pairs) {
    ++out.first[from + 1];
    out.to.push_back(to);
  }
  for (std::size_t i = 1; i <= count; ++i) out.first[i] += out.first[i - 1];
  return out;
}

std::optional<ConceptId> CodeSystem::find(std::string_view code) const {
  if (const auto found = by_code_.find(code); found != by_code_.end()) return found->second;
  if (!ignores_case_) return std::nullopt;
  const auto found = by_lower_.find(lower(code));
  return found == by_lower_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<bool> CodeSystem::reach(ConceptId from, Way way) const {
  std::vector<bool> seen(concepts_.size());
  std::vector<ConceptId> open{from};
  seen[from] = true;
  while (!open.empty()) {
    const ConceptId id = open.back();
    open.pop_back();
    for (const ConceptId next : way == Way::down ? children(id) : parents(id))
      if (!seen[next]) {
        seen[next] = true;
        open.push_back(next);
      }
  }
  return seen;
}

bool CodeSystem::subsumes(ConceptId above, ConceptId below) const {
  return reach(below, Way::up)[above];
}

std::vector<std::string_view> CodeSystem::values(ConceptId id, std::string_view property) const {
  const Concept& it = concepts_[id];
  if (property == "code" || property == "concept") return {it.code};
  if (property == "display") return {it.display};
  if (property == "definition") return {it.definition};
  std::vector<std::string_view> out;
  if (property == "parent")
    for (const ConceptId other : parents(id)) out.push_back(at(other).code);
  if (property == "child")
    for (const ConceptId other : children(id)) out.push_back(at(other).code);
  if (property == "parent" || property == "child") return out;
  for (const Node& child : document_->children(document_->node(it.node))) {
    if (document_->name(child) != "property" || child_text(*document_, child, "code") != property) continue;
    if (const Node* value = document_->child(child, "value"))
      out.push_back(value->has_value() ? document_->text(*value) : child_text(*document_, *value, "code"));
  }
  if (out.empty() && property == "inactive") out.emplace_back(it.is_inactive ? "true" : "false");
  if (out.empty() && property == "notSelectable") out.emplace_back(it.is_abstract ? "true" : "false");
  return out;
}

}  // namespace salus::fhir::terminology
