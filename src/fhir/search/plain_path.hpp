// The expressions of search parameters, nearly all of which are a union of member paths with a cast or a filter:
//
//   Patient.name.given    Observation.value.ofType(Quantity)    Patient.telecom.where(system = 'phone')
//   Condition.subject.where(resolve() is Patient)    Bundle.entry[0].resource
//
// These are walked without the evaluator. One difference is meant: resolve() looks at what the reference says, not at
// what it leads to, so that a resource's postings depend on the resource alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/document/document.hpp"
#include "fhir/path/syntax.hpp"

namespace salus::fhir::search {

// The type that a Reference says it leads to ("Patient/1", "http://x/Patient/1/_history/2", or Reference.type); none
// where it says nothing.
TypeId referred_type(const Document& document, const Node& reference);

// Threads: any.
class PlainPath {
 public:
  // For contexts of `type`: the branches of a union that begin with another type are left out. Nothing when the
  // expression is more than a plain path.
  static std::optional<PlainPath> compile(const path::Syntax& syntax, TypeId type);

  bool empty() const { return branches_.empty(); }

  // Calls `found(node)` for each node, in the document's order within a branch; a node that several branches find is
  // found several times.
  template <class Found>
  void walk(const Document& document, const Node& context, const Found& found) const {
    for (const std::vector<Step>& branch : branches_) walk(document, context, branch, 0, found);
  }

 private:
  struct Step {
    enum class Kind : std::uint8_t { member, of_type, where_text, where_refers, item };
    Kind kind = Kind::member;
    bool exact = false;          // of_type: a primitive, without its subtypes
    NameId name = NameId::none;  // member, where_text
    TypeId type = TypeId::none;
    std::string text = {};    // where_text
    std::uint32_t index = 0;  // item: of the member before it
  };
  using Branch = std::vector<Step>;

  bool add(const path::Syntax& syntax, path::ExprId id, TypeId type);
  static bool steps(const path::Syntax& syntax, path::ExprId id, TypeId type, Branch& out, bool& other_type);
  static bool passes(const Document& document, const Node& node, const Step& step);

  template <class Found>
  static void walk(const Document& document, const Node& node, const Branch& branch, std::size_t at,
                   const Found& found) {
    for (; at < branch.size() && branch[at].kind != Step::Kind::member; ++at)
      if (!passes(document, node, branch[at])) return;
    if (at == branch.size()) {
      found(node);
      return;
    }
    const NameId name = branch[at].name;
    const bool one = at + 1 < branch.size() && branch[at + 1].kind == Step::Kind::item;
    std::uint32_t index = 0;
    for (const Node& child : document.children(node)) {
      if (child.name != name) continue;
      if (!one)
        walk(document, child, branch, at + 1, found);
      else if (index++ == branch[at + 1].index)
        walk(document, child, branch, at + 2, found);
    }
  }

  std::vector<Branch> branches_;
};

}  // namespace salus::fhir::search
