#include "fhir/validation/conformance.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace salus::fhir::validation {
namespace {

constexpr int depth_max = 60;  // profiles within profiles

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

template <class Compare>
bool every_child_has(const Document& a, const Node& x, const Document& b, const Node& y, Compare compare) {
  return std::ranges::all_of(a.children(x), [&](const Node& wanted) {
    return a.name(wanted) == "id" || std::ranges::any_of(b.children(y), [&](const Node& held) {
             return b.name(held) == a.name(wanted) && compare(held, wanted);
           });
  });
}

}  // namespace

bool at_least(const Document& document, const Node& node, const Document& other, const Node& wanted) {
  if (wanted.has_value() && (node.shape != wanted.shape || document.text(node) != other.text(wanted))) return false;
  return every_child_has(other, wanted, document, node,
                         [&](const Node& held, const Node& asked) { return at_least(document, held, other, asked); });
}

bool exactly(const Document& document, const Node& node, const Document& other, const Node& wanted) {
  if (node.has_value() != wanted.has_value() || document.text(node) != other.text(wanted)) return false;
  const auto sorted = [](const Document& of, const Node& parent) {
    std::vector<const Node*> nodes;
    for (const Node& child : of.children(parent))
      if (of.name(child) != "id") nodes.push_back(&child);
    std::ranges::sort(nodes, [&](const Node* a, const Node* b) {
      return of.name(*a) != of.name(*b) ? of.name(*a) < of.name(*b) : a < b;
    });
    return nodes;
  };
  const auto held = sorted(document, node), asked = sorted(other, wanted);
  return std::ranges::equal(held, asked, [&](const Node* a, const Node* b) {
    return document.name(*a) == other.name(*b) && exactly(document, *a, other, *b);
  });
}

Conformance::Conformance(const Document& document, const Options& options, Report& report)
    : document_(document), d_(document.definitions()), options_(options), report_(&report) {
  environment_.now = options.now;
  environment_.resolver = options.resolver;
  environment_.terminology = options.terminology;
  environment_.limits.steps_max = 200'000;
  steps_ = 5'000'000 + 1000 * static_cast<std::uint64_t>(document.size());
}

bool Conformance::spend(std::uint64_t steps) {
  exhausted_ |= steps_ < steps;
  steps_ -= std::min(steps_, steps);
  return !exhausted_;
}

void Conformance::report(Kind kind, const Node& node, std::string message, Severity severity, std::string rule) {
  report_->add(options_.profiles, {.severity = severity,
                                   .kind = kind,
                                   .location = report_->full() ? std::string{} : document_.location(node),
                                   .message = std::move(message),
                                   .rule = rule.empty() && profile_ != nullptr ? profile_->url : std::move(rule)});
}

void Conformance::run() {
  each_profile();
  if (exhausted_)
    report(Kind::too_costly, document_.root(), "The profiles ask more than is looked at", Severity::warning);
}

void Conformance::each_profile() {
  const Node& root = document_.root();
  for (const std::string& canonical : options_.profiles_asked)
    if (!conform(root, canonical))
      report(Kind::not_found, root, fmt::format("The profile '{}' is not known", canonical), Severity::error,
             canonical);
  if (options_.profile_set == nullptr) return;
  const NameId meta = d_.name("meta"), profile = d_.name("profile");
  for (std::uint32_t i = 0; i < document_.size() && !report_->full(); ++i) {
    const Node& node = document_.node(i);
    const Node* said = document_.is_resource(node) ? document_.child(node, meta) : nullptr;
    if (said == nullptr) continue;
    for (const Node& child : document_.children(*said)) {
      if (child.name != profile ||
          std::ranges::find(options_.profiles_asked, document_.text(child)) != options_.profiles_asked.end())
        continue;
      if (!conform(node, document_.text(child)))
        report(Kind::not_found, child, "This profile is not known here", Severity::information);
    }
  }
}

bool Conformance::conform(const Node& node, std::string_view canonical) {
  const Profile* profile = options_.profile_set == nullptr ? nullptr : options_.profile_set->find(canonical);
  if (profile != nullptr) return conform(node, *profile), true;
  const TypeId type = d_.type_by_url(canonical.substr(0, canonical.find('|')));
  if (type == TypeId::none) return false;
  if (!d_.is_a(node.type, type))
    report(Kind::structure, node, fmt::format("This is a {}, and no {}", d_.name(node.type), d_.name(type)));
  return true;
}

void Conformance::conform(const Node& node, const Profile& profile) {
  if (depth_ >= depth_max || report_->full()) return;
  ++depth_;
  const Profile* before = std::exchange(profile_, &profile);
  if (!d_.is_a(node.type, profile.type)) {
    report(Kind::structure, node,
           fmt::format("This is a {}, and the profile is of {}", d_.name(node.type), d_.name(profile.type)));
  } else {
    item(profile.root, node);
    if (profile.differential && options_.profile_set->find(profile.base) != nullptr) conform(node, profile.base);
  }
  profile_ = before;
  --depth_;
}

std::optional<bool> Conformance::conforms(const Node& node, std::string_view canonical) {
  Report apart{1};
  Report* said = std::exchange(report_, &apart);
  const Profile* before = profile_;
  const bool known = conform(node, canonical);
  report_ = said;
  profile_ = before;
  return known ? std::optional{!has_errors(apart.take())} : std::nullopt;
}

Conformance::Nodes Conformance::children(const Node& node, const ElementProfile& wanted) const {
  Nodes found;
  for (const Node& child : document_.children(node))
    if (child.name == wanted.name && (wanted.only == TypeId::none || child.type == wanted.only))
      found.push_back(&child);
  return found;
}

void Conformance::element(const ElementProfile& wanted, const Node& parent, const Nodes& items) {
  if (report_->full()) return;
  if (!spend(items.size() + 1)) return;
  if (items.size() < wanted.min)
    report(Kind::required, parent,
           fmt::format("'{}' stands {} times, and {} at least", wanted.id, items.size(), wanted.min));
  if (items.size() > wanted.max)
    report(Kind::structure, wanted.max == 0 ? *items.front() : parent,
           fmt::format("'{}' stands {} times, and {} at most", wanted.id, items.size(), wanted.max));
  for (const Node* node : items) item(wanted, *node);
  if (!wanted.slices.empty()) slices(wanted, parent, items);
}

void Conformance::item(const ElementProfile& wanted, const Node& node) {
  if (wanted.fixed != nullptr && !exactly(document_, node, profile_->document, *wanted.fixed))
    report(Kind::value, node, fmt::format("'{}' has not the fixed value of the profile", wanted.id));
  if (wanted.pattern != nullptr && !at_least(document_, node, profile_->document, *wanted.pattern))
    report(Kind::value, node, fmt::format("'{}' has not what the profile's pattern asks", wanted.id));
  if (wanted.max_length && node.has_value() && characters(document_.text(node)) > *wanted.max_length)
    report(Kind::value, node, fmt::format("'{}' has at most {} characters", wanted.id, *wanted.max_length));
  if (!wanted.types.empty() && wanted.name != NameId::none) types(wanted, node);
  if (!wanted.value_set.empty()) binding(wanted, node);
  constraints(wanted, node);
  for (const auto& child : wanted.children) {
    if (d_.element_named(node.type, child->name) == ElementId::none) continue;  // a primitive's value
    element(*child, node, children(node, *child));
  }
}

void Conformance::slices(const ElementProfile& wanted, const Node& parent, const Nodes& items) {
  std::vector<Nodes> of(wanted.slices.size());
  for (const Node* node : items) {
    bool placed = false;
    for (std::size_t i = 0; i < of.size() && !placed; ++i) {
      placed = in_slice(wanted, *wanted.slices[i], *node);
      if (placed) of[i].push_back(node);
    }
    if (!placed && wanted.closed)
      report(Kind::structure, *node, fmt::format("'{}' takes no others than its slices", wanted.id));
  }
  for (std::size_t i = 0; i < of.size(); ++i) element(*wanted.slices[i], parent, of[i]);
}

void Conformance::types(const ElementProfile& wanted, const Node& node) {
  const ElementProfile::TypeRef* fits = nullptr;
  for (const ElementProfile::TypeRef& ref : wanted.types) {
    if (ref.type == TypeId::none) return;  // one of FHIRPath's own
    if (d_.is_a(node.type, ref.type) && fits == nullptr) fits = &ref;
  }
  if (fits == nullptr)
    return report(Kind::structure, node, fmt::format("'{}' is of another type than the profile takes", wanted.id));
  if (!fits->targets.empty() && node.type == d_.known().reference) target(*fits, node);
  bool known = false, conforming = false;
  for (const std::string& profile : fits->profiles) {
    const auto answer = conforms(node, profile);
    known |= answer.has_value();
    conforming |= answer.value_or(false);
  }
  if (!known || conforming) return;
  if (fits->profiles.size() == 1) {
    conform(node, fits->profiles.front());  // says what is wrong
  } else {
    report(Kind::structure, node, fmt::format("'{}' conforms to none of the profiles of its type", wanted.id));
  }
}

void Conformance::target(const ElementProfile::TypeRef& ref, const Node& node) {
  const TypeId leads = referred_type(node);
  if (leads == TypeId::none) return;
  for (const std::string& canonical : ref.targets) {
    const Profile* profile = options_.profile_set->find(canonical);
    const TypeId type = profile != nullptr ? profile->type : d_.type_by_url(canonical);
    if (type == TypeId::none || d_.is_a(leads, type)) return;
  }
  const Node* text = document_.child(node, d_.known().reference_name);
  report(Kind::value, text == nullptr ? node : *text,
         fmt::format("A reference to {} is not taken here", d_.name(leads)));
}

void Conformance::binding(const ElementProfile& wanted, const Node& node) {
  if (options_.bindings == Check::off) return;
  std::optional<bool> held;
  const auto value_set = d_.value_set(wanted.value_set);
  const auto& known = d_.known();
  const auto has = [&](const Node& coding) {
    return d_.has_code(*value_set, document_.text_of(coding, known.system), document_.text_of(coding, known.code_name));
  };
  if (value_set && node.has_value()) {
    held = d_.has_code(*value_set, document_.text(node));
  } else if (value_set && node.type == known.coding) {
    held = has(node);
  } else if (value_set && node.type == known.codeable_concept) {
    const NameId coding = d_.name("coding");
    held = std::ranges::any_of(document_.children(node), [&](const Node& c) { return c.name == coding && has(c); });
  } else if (!value_set && options_.terminology != nullptr) {
    const auto answer = options_.terminology->member_of(path::NodeRef{&document_, &node}, wanted.value_set);
    if (answer) held = *answer;
  }
  if (held == false)
    report(Kind::code_invalid, node,
           fmt::format("The code is not of the value set that the profile requires: {}", wanted.value_set));
}

void Conformance::constraints(const ElementProfile& wanted, const Node& node) {
  if (options_.invariants == Check::off) return;
  for (const ElementProfile::Constraint& constraint : wanted.constraints) {
    if (report_->full() || !spend(100)) return;
    const auto result = constraint.expression.evaluate(document_, node, environment_);
    if (!result) {
      report(Kind::processing, node,
             fmt::format("{} could not be evaluated: {}", constraint.key, result.error().message), Severity::warning,
             constraint.key);
    } else if (result->size() != 1 || !path::boolean_of(result->front()).value_or(true)) {
      report(Kind::invariant, node, constraint.human, constraint.is_error ? Severity::error : Severity::warning,
             constraint.key);
    }
  }
}

}  // namespace salus::fhir::validation
