// What the definitions ask of each type, prepared for validation: one row a type and one an element, invariants
// compiled, value sets found.
#pragma once

#include <memory>
#include <vector>

#include "fhir/path/expression.hpp"
#include "fhir/validation/primitive.hpp"

namespace salus::fhir::validation {

// Invariants that nearly every element has, answered without FHIRPath; a test compares their answers with it.
enum class Native : std::uint8_t {
  none,
  ele_1,      // hasValue() or (children().count() > id.count())
  ext_1,      // extension.exists() != value.exists()
  contained,  // dom-2, dom-4, dom-5: true without contained resources, else FHIRPath answers
  dom_3,      // every contained resource is referred to, or refers to what holds it
  bdl_3,      // entries have a request where the type is batch, transaction or history, and else none
  bdl_4,      // entries have a response where the type is that of an answer or history, and else none
  ref_1,      // true unless the reference begins with '#', else FHIRPath answers
  per_1,      // true unless there are both start and end, else FHIRPath answers
  txt_1,      // narrative.hpp, more than htmlChecks() does here
  txt_2,
};

struct Rule {
  std::string key, human;
  bool is_error = true;
  bool best_practice = false;
  bool empty_holds = false;  // nothing is as good as true
  Native native = Native::none;
  path::Expression expression;
};

struct ElementRules {
  std::uint32_t min = 0, max = 1;
  bool repeats = false;
  bool reference = false;                                                     // has Reference among its types
  enum class Form : std::uint8_t { none, mime, currency } form = Form::none;  // of codes that no list holds
  std::uint32_t value_set = no_value_set;                                     // of a required binding
  bool extensible = false;                                                    // its binding
  std::vector<const Rule*> rules;                                             // beside those of the type
  static constexpr std::uint32_t no_value_set = 0xFFFFFFFF;
};

struct TypeRules {
  std::uint32_t first = 0, count = 0;  // elements
  Primitive primitive = Primitive::none;
  TypeKind kind = TypeKind::none;
  std::vector<std::uint32_t> required;  // elements that must be there, from 0
  std::vector<const Rule*> rules;
};

class Rules {
 public:
  static const Rules& r4();
  const TypeRules& type(TypeId id) const { return types_[static_cast<std::size_t>(id)]; }
  const ElementRules& element(ElementId id) const { return elements_[static_cast<std::size_t>(id)]; }
  // Keys of invariants that are not evaluated here (not_checked.txt).
  const std::vector<std::string>& skipped() const { return skipped_; }
  std::uint32_t elements_of_one_type_max() const { return elements_of_one_type_max_; }

 private:
  Rules();
  std::vector<const Rule*> compile(const std::vector<Invariant>& invariants);

  std::vector<std::unique_ptr<Rule>> made_;
  std::vector<TypeRules> types_;
  std::vector<ElementRules> elements_;
  std::vector<std::string> skipped_;
  std::uint32_t elements_of_one_type_max_ = 0;
};

}  // namespace salus::fhir::validation
