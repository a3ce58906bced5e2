#include "fhir/validation/rules.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace salus::fhir::validation {
namespace {

Native native_of(const Invariant& invariant) {
  const std::string_view key = invariant.key;
  if (key == "ele-1" && invariant.expression == "hasValue() or (children().count() > id.count())") return Native::ele_1;
  if (key == "ext-1") return Native::ext_1;
  if (key == "dom-2" || key == "dom-4" || key == "dom-5") return Native::contained;
  if (key == "dom-3") return Native::dom_3;
  if (key == "bdl-3") return Native::bdl_3;
  if (key == "bdl-4") return Native::bdl_4;
  if (key == "ref-1") return Native::ref_1;
  if (key == "per-1") return Native::per_1;
  if (key == "txt-1") return Native::txt_1;
  if (key == "txt-2") return Native::txt_2;
  return Native::none;
}

}  // namespace

const Rules& Rules::r4() {
  static const Rules rules;
  return rules;
}

Rules::Rules() {
  const Definitions& d = Definitions::r4();
  types_.resize(d.type_count());
  for (std::uint32_t i = 1; i < d.type_count(); ++i) {
    const TypeId id{i};
    TypeRules& type = types_[i];
    const table::Rows rows = d.elements(id);
    type.first = rows.first;
    type.count = rows.count;
    type.kind = d.kind(id);
    type.primitive = d.is_primitive(id) ? primitive_of(d.name(id)) : Primitive::none;
    SALUS_ASSERT(!d.is_primitive(id) || type.primitive != Primitive::none || d.is_abstract(id));
    type.rules = compile(d.invariants(id));
    elements_of_one_type_max_ = std::max(elements_of_one_type_max_, rows.count);
    if (elements_.size() < rows.first + rows.count) elements_.resize(rows.first + rows.count);
  }
  for (std::uint32_t i = 1; i < d.type_count(); ++i) {
    TypeRules& type = types_[i];
    for (std::uint32_t number = 0; number < type.count; ++number) {
      const ElementId id{type.first + number};
      const Element element = d.element(id);
      ElementRules& rules = elements_[type.first + number];
      rules.min = element.min;
      rules.max = element.max;
      rules.repeats = element.repeats;
      if (element.min > 0) type.required.push_back(number);
      rules.extensible = element.binding == Binding::extensible && !element.value_set.empty();
      if (element.binding == Binding::required) {
        rules.value_set = d.value_set(element.value_set).value_or(ElementRules::no_value_set);
        if (element.value_set.starts_with("http://hl7.org/fhir/ValueSet/mimetypes"))
          rules.form = ElementRules::Form::mime;
        if (element.value_set.starts_with("http://hl7.org/fhir/ValueSet/currencies"))
          rules.form = ElementRules::Form::currency;
      }
      for (const table::Ref& ref : d.types_of(id)) rules.reference |= TypeId{ref.type} == d.known().reference;
      rules.rules = compile(d.invariants(id));
      // What the type asks of itself anyway is not asked twice.
      std::erase_if(rules.rules, [&](const Rule* rule) {
        return std::ranges::all_of(d.types_of(id), [&](const table::Ref& ref) {
          return std::ranges::any_of(types_[ref.type].rules, [&](const Rule* own) { return own->key == rule->key; });
        });
      });
    }
  }
}

std::vector<const Rule*> Rules::compile(const std::vector<Invariant>& invariants) {
  std::vector<const Rule*> rules;
  for (const Invariant& invariant : invariants) {
    const auto known = std::ranges::find_if(made_, [&](const std::unique_ptr<Rule>& rule) {
      return rule->key == invariant.key && rule->human == invariant.human && rule->is_error == invariant.is_error;
    });
    if (known != made_.end()) {
      rules.push_back(known->get());
      continue;
    }
    auto expression = path::Expression::compile(invariant.expression);
    if (!expression) {
      if (std::ranges::find(skipped_, invariant.key) == skipped_.end()) skipped_.emplace_back(invariant.key);
      continue;
    }
    made_.push_back(std::make_unique<Rule>(Rule{.key = std::string{invariant.key},
                                                .human = std::string{invariant.human},
                                                .is_error = invariant.is_error,
                                                .best_practice = invariant.key == "dom-6",
                                                .empty_holds = invariant.key == "per-1",
                                                .native = native_of(invariant),
                                                .expression = std::move(*expression)}));
    rules.push_back(made_.back().get());
  }
  return rules;
}

}  // namespace salus::fhir::validation
