// Codes of required bindings.
#include "fhir/validation/walker.hpp"

namespace salus::fhir::validation {

namespace {

bool is_currency(std::string_view text) {
  return text.size() == 3 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

}  // namespace

bool Walker::coding_in(const Node& coding, std::uint32_t value_set) const {
  return d_.has_code(value_set, document_.text_of(coding, d_.known().system),
                     document_.text_of(coding, d_.known().code_name));
}

void Walker::bound(const Node& node, const ElementRules& rules) {
  if (options_.bindings == Check::off) return;
  const auto& known = d_.known();
  using Form = ElementRules::Form;
  bool held = true;
  if (rules.form != Form::none) {
    held = !node.has_value() ||
           (rules.form == Form::mime ? is_mime_type(document_.text(node)) : is_currency(document_.text(node)));
  } else if (node.has_value()) {
    held = d_.has_code(rules.value_set, document_.text(node));
  } else if (node.type == known.coding) {
    held = coding_in(node, rules.value_set);
  } else if (node.type == known.codeable_concept) {
    held = false;
    for (const Node& child : document_.children(node))
      held |= child.name == coding_ && coding_in(child, rules.value_set);
    // Without a value an extension says why (data-absent-reason).
    held |= document_.child(node, coding_) == nullptr && document_.child(node, known.extension_name) != nullptr;
  } else if (d_.is_a(node.type, known.quantity)) {
    held = document_.child(node, known.code_name) == nullptr || coding_in(node, rules.value_set);
  }
  if (held) return;
  report(options_.bindings, Kind::code_invalid, node,
         rules.form == Form::mime       ? std::string{"This is no MIME type"}
         : rules.form == Form::currency ? std::string{"A currency is three capital letters"}
                                        : "The code is not of the value set that is required here: " +
                                              std::string{d_.element(node.element).value_set});
}

// A code of an extensible binding should be of its value set where that has one that fits. A value set that is not
// known is not judged.
void Walker::advised(const Node& node) {
  const bool is_concept = node.type == d_.known().codeable_concept;
  if (options_.bindings == Check::off || (is_concept && document_.child(node, coding_) == nullptr)) return;
  const std::string_view value_set = d_.element(node.element).value_set;
  const Result<bool> in = options_.terminology->member_of(path::NodeRef{&document_, &node}, value_set);
  if (!in || *in) return;
  report_.add(options_.bindings,
              {.severity = Severity::warning,
               .kind = Kind::code_invalid,
               .location = document_.location(node),
               .message = fmt::format("The code is not of the value set {}; it should be, if one of its "
                                      "codes fits",
                                      value_set),
               .rule = {}});
}

}  // namespace salus::fhir::validation
