#include "fhir/validation/walker.hpp"

#include <fmt/format.h>

#include "fhir/validation/narrative.hpp"

namespace salus::fhir::validation {

std::vector<Finding> Report::take() {
  if (full())
    findings_.push_back({.severity = Severity::information,
                         .kind = Kind::too_costly,
                         .location = {},
                         .message = "There may be more findings; these are the first",
                         .rule = {}});
  return std::move(findings_);
}

Walker::Walker(const Document& document, const Options& options, Report& report)
    : document_(document),
      d_(document.definitions()),
      rules_(Rules::r4()),
      options_(options),
      report_(report),
      type_(d_.known().type_name),
      coding_(d_.name("coding")),
      id_(d_.known().id_name),
      start_(d_.name("start")),
      end_(d_.name("end")),
      request_(d_.name("request")),
      response_(d_.name("response")) {
  environment_.now = options.now;
  environment_.resolver = options.resolver;
  environment_.terminology = options.terminology;
  environment_.limits.steps_max = 2'000'000;
}

void Walker::report(Check check, Kind kind, const Node& node, std::string message) {
  if (check == Check::off) return;
  report_.add(check, {.severity = Severity::error,
                      .kind = kind,
                      .location = report_.full() ? std::string{} : document_.location(node),
                      .message = std::move(message),
                      .rule = {}});
}

// The members of an object, or what stands beside a primitive.
void Walker::object(const Node& node) {
  const TypeRules& type = rules_.type(node.type);
  const std::size_t base = counts_.size();
  counts_.resize(base + type.count);
  for (const Node& at : document_.children(node)) {
    if (at.element == ElementId::none) {
      report(options_.structure, Kind::structure, at,
             fmt::format("{} has no element '{}'", d_.name(node.type), document_.name(at).substr(0, 64)));
      continue;
    }
    const ElementRules& rules = rules_.element(at.element);
    const std::uint32_t count = ++counts_[base + (static_cast<std::uint32_t>(at.element) - type.first)];
    if (count == 2 && !rules.repeats && !at.in_array)
      report(options_.structure, Kind::structure, at,
             fmt::format("'{}' stands several times, and may once", d_.element(at.element).path));
    if (count == rules.max + 1 && rules.repeats)
      report(options_.structure, Kind::structure, at,
             fmt::format("'{}' stands more than {} times", d_.element(at.element).path, rules.max));
    child(at, rules);
    if (report_.full()) break;
  }
  if (options_.structure != Check::off && !report_.full())
    for (const std::uint32_t number : type.required) {
      const ElementRules& rules = rules_.element(ElementId{type.first + number});
      if (counts_[base + number] < rules.min)
        report(options_.structure, Kind::required, node,
               fmt::format("'{}' is missing", d_.element(ElementId{type.first + number}).path));
    }
  counts_.resize(base);
  if (options_.invariants != Check::off) evaluate(node, type.rules);
}

void Walker::child(const Node& node, const ElementRules& rules) {
  const TypeRules& type = rules_.type(node.type);
  if (!shape(node, rules, type)) return;
  if (rules.value_set != ElementRules::no_value_set || rules.form != ElementRules::Form::none) bound(node, rules);
  if (rules.extensible && options_.terminology != nullptr) advised(node);
  if (rules.reference && node.type == d_.known().reference && options_.references != Check::off) reference(node);
  if (options_.invariants != Check::off && !rules.rules.empty()) evaluate(node, rules.rules);
  if (type.primitive == Primitive::none || node.count > 0) {
    object(node);
  } else if (options_.invariants != Check::off) {
    evaluate(node, type.rules);
  }
}

// False when nothing more can be said of the node.
bool Walker::shape(const Node& node, const ElementRules& rules, const TypeRules& type) {
  if (node.in_array != rules.repeats)
    report(options_.structure, Kind::structure, node,
           rules.repeats ? "This element repeats and is an array in JSON"
                         : "This element does not repeat and is no array in JSON");
  if (type.primitive == Primitive::none) {
    if (node.shape == Shape::object) return true;
    report(options_.structure, Kind::structure, node, fmt::format("This is a {}, an object", d_.name(node.type)));
    return false;
  }
  if (node.shape == Shape::object) {
    report(options_.structure, Kind::structure, node, fmt::format("This is a {}, no object", d_.name(node.type)));
    return false;
  }
  if (node.shape == Shape::absent || options_.structure == Check::off) return true;
  if (const char* wrong = check_primitive(type.primitive, node.shape, document_.text(node)))
    report(options_.structure, Kind::value, node, wrong);
  return true;
}

void Walker::evaluate(const Node& node, const std::vector<const Rule*>& rules) {
  for (const Rule* rule : rules) {
    if (report_.full()) return;
    if ((rule->best_practice && !options_.best_practices) || holds(node, *rule)) continue;
    report_.add(options_.invariants, {.severity = rule->is_error ? Severity::error : Severity::warning,
                                      .kind = Kind::invariant,
                                      .location = document_.location(node),
                                      .message = rule->human,
                                      .rule = rule->key});
  }
}

bool Walker::holds(const Node& node, const Rule& rule) {
  const auto& known = d_.known();
  switch (rule.native) {
    case Native::none:
      break;
    case Native::ele_1: {
      if (node.has_value()) return true;
      std::uint32_t ids = 0;
      for (const Node& at : document_.children(node)) ids += at.name == id_ ? 1 : 0;
      return node.count > ids;
    }
    case Native::ext_1:
      return (document_.child(node, known.extension_name) != nullptr) !=
             (document_.child(node, known.value) != nullptr);
    case Native::contained:
      if (document_.child(node, known.contained) == nullptr) return true;
      break;
    case Native::dom_3:
      return all_referred(node);
    case Native::bdl_3:
      return entries_have(node, request_, {"batch", "transaction", "history"});
    case Native::bdl_4:
      return entries_have(node, response_, {"batch-response", "transaction-response", "history"});
    case Native::ref_1:
      if (!document_.text_of(node, known.reference_name).starts_with('#')) return true;
      break;
    case Native::per_1:
      if (document_.child(node, start_) == nullptr || document_.child(node, end_) == nullptr) return true;
      break;
    case Native::txt_1:
      return node.shape != Shape::string || has_allowed_html(document_.text(node));
    case Native::txt_2:
      return node.shape != Shape::string || has_content(document_.text(node));
  }
  const auto result = rule.expression.evaluate(document_, node, environment_);
  if (!result) {
    report_.add(Check::on, {.severity = Severity::warning,
                            .kind = result.error().code == ErrorCode::too_large ? Kind::too_costly : Kind::processing,
                            .location = document_.location(node),
                            .message = fmt::format("{} could not be evaluated: {}", rule.key, result.error().message),
                            .rule = rule.key});
    return true;
  }
  if (result->empty()) return rule.empty_holds;
  return result->size() == 1 && path::boolean_of(result->front()).value_or(true);
}

}  // namespace salus::fhir::validation
