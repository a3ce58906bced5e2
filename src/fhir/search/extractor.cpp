#include "fhir/search/extractor.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "fhir/search/contained.hpp"

namespace salus::fhir::search {
namespace {

constexpr std::size_t combinations_max = 4096;  // of one composite's element, of one timeline

// Which date the newest of a patient's things of a code are found by.
std::string_view timeline_date(std::string_view type) {
  constexpr std::pair<std::string_view, std::string_view> dates[] = {
      {"AllergyIntolerance", "date"}, {"Condition", "onset-date"},         {"DiagnosticReport", "date"},
      {"Observation", "date"},        {"MedicationRequest", "authoredon"}, {"Procedure", "date"},
      {"ServiceRequest", "authored"},
  };
  for (const auto& [name, date] : dates)
    if (name == type) return date;
  return {};
}

}  // namespace

std::optional<Timeline> timeline_of(const Parameters& parameters, TypeId type) {
  const Parameter *patient = parameters.find(type, "patient"), *code = parameters.find(type, "code"),
                  *date = parameters.find(type, timeline_date(parameters.definitions().name(type)));
  if (patient == nullptr || code == nullptr || date == nullptr) return std::nullopt;
  if (patient->type != SearchType::reference || code->type != SearchType::token || date->type != SearchType::date)
    return std::nullopt;
  return Timeline{patient, code, date};
}

Extractor::Extractor(const Parameters& parameters, Evaluation evaluation)
    : parameters_(parameters), evaluation_(evaluation), values_(parameters.definitions()) {
  for (const TypeId type : parameters.types()) {
    std::vector<Program>& programs = programs_[type];
    for (const Parameter* parameter : parameters.of(type)) add_program(*parameter, type, programs);
    if (const auto timeline = timeline_of(parameters, type)) timelines_[type] = *timeline;
  }
}

std::optional<Extractor::Compiled> Extractor::compile(std::string_view source, TypeId type) const {
  const Definitions& d = parameters_.definitions();
  if (source.empty()) return std::nullopt;
  if (evaluation_ == Evaluation::fast) {
    const auto syntax = path::parse(source, d);
    if (!syntax) return std::nullopt;
    if (auto plain = PlainPath::compile(*syntax, type)) {
      if (plain->empty()) return std::nullopt;
      return Compiled{std::move(*plain)};
    }
  }
  auto expression = path::Expression::compile(source, d);
  if (!expression) return std::nullopt;
  return Compiled{std::move(*expression)};
}

void Extractor::add_program(const Parameter& parameter, TypeId type, std::vector<Program>& out) const {
  // The id is the catalog's, the time of the version the entry's.
  if (parameter.code == "_id" || &parameter == &parameters_.last_updated()) return;
  auto path = compile(parameter.expression, type);
  if (!path) return;
  Program program{&parameter, std::move(*path), {}};
  if (parameter.type == SearchType::composite) {
    constexpr std::string_view of_resource = "%resource.";
    for (const Parameter::Component& component : parameter.components) {
      const bool outside = component.expression.starts_with(of_resource);
      auto inner = compile(component.expression.substr(outside ? of_resource.size() : 0), type);
      if (!inner) return;
      program.components.push_back({component.parameter, std::move(*inner), outside});
    }
    if (program.components.size() < 2) return;
  }
  out.push_back(std::move(program));
}

template <class Found>
void Extractor::walk(const Compiled& path, const Document& document, const Node& context, const Found& found) const {
  if (const auto* plain = std::get_if<PlainPath>(&path)) return plain->walk(document, context, found);
  // The general evaluator follows references within the document alone, so postings depend on it alone.
  const auto items = std::get<path::Expression>(path).evaluate(document, context);
  if (!items) return;
  for (const path::Value& item : *items) found(item);
}

std::vector<Posting> Extractor::extract(const Document& document) const {
  std::vector<Posting> out = extract_own(document);
  add_contained(*this, parameters_, document, out);
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

std::vector<Posting> Extractor::extract_own(const Document& document) const {
  std::vector<Posting> out;
  const auto programs = programs_.find(document.type());
  if (programs == programs_.end()) return out;
  out.reserve(48);
  for (const Program& program : programs->second) {
    const Parameter& parameter = *program.parameter;
    walk(program.path, document, document.root(), [&]<class Item>(const Item& item) {
      if constexpr (std::is_same_v<Item, Node>) {
        if (program.components.empty())
          values_.add(document, item, parameter, out);
        else
          composite(program, document, item, out);
      } else if (const path::NodeRef* ref = item.node()) {
        if (program.components.empty())
          values_.add(*ref->document, *ref->node, parameter, out);
        else
          composite(program, document, *ref->node, out);
      } else if (const auto truth = path::boolean_of(item); truth && parameter.type == SearchType::token) {
        out.push_back({parameter.list(), token_value(*truth ? "true" : "false", {})});
      }
    });
  }
  if (const auto found = timelines_.find(document.type()); found != timelines_.end()) timeline(found->second, out);
  return out;
}

// Every combination of the components' values; where one is a quantity, once more with it in base units.
void Extractor::composite(const Program& program, const Document& document, const Node& node,
                          std::vector<Posting>& out) const {
  std::vector<std::vector<Posting>> values;
  bool quantities = false;
  for (const Component& component : program.components) {
    std::vector<Posting>& held = values.emplace_back();
    const auto add = [&](const Document& of, const Node& found) { values_.add(of, found, *component.parameter, held); };
    walk(component.path, document, component.of_resource ? document.root() : node, [&]<class Item>(const Item& item) {
      if constexpr (std::is_same_v<Item, Node>)
        add(document, item);
      else if (const path::NodeRef* ref = item.node())
        add(*ref->document, *ref->node);
    });
    quantities |= component.parameter->type == SearchType::quantity;
  }
  for (const Facet facet : {Facet::value, Facet::canonical}) {
    if (facet == Facet::canonical && !quantities) continue;
    std::vector<std::string> made{""};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Parameter& component = *program.components[i].parameter;
      const ListId list = component.list(component.type == SearchType::quantity ? facet : Facet::value);
      std::vector<std::string> longer;
      for (const std::string& begun : made)
        for (const Posting& value : values[i])
          if (value.list == list && longer.size() < combinations_max) longer.push_back(begun + value.value);
      made = std::move(longer);
    }
    for (std::string& value : made) out.push_back({program.parameter->list(facet), std::move(value)});
  }
}

// patient id NUL, code NUL system NUL, start end: read from the end, what a patient has of a code, newest first.
void Extractor::timeline(const Timeline& timeline, std::vector<Posting>& postings) const {
  const auto of = [&](const Parameter* parameter) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < postings.size(); ++i)
      if (postings[i].list == parameter->list()) found.push_back(i);
    return found;
  };
  const auto patients = of(timeline.patient), codes = of(timeline.code), dates = of(timeline.date);
  std::size_t made = 0;
  for (const std::size_t patient : patients)
    for (const std::size_t code : codes)
      for (const std::size_t date : dates) {
        if (++made > combinations_max) return;
        ByteView id = postings[patient].value;
        std::string value;
        put_text(value, take_text(id));
        value += postings[code].value;
        value += postings[date].value;
        postings.push_back({timeline_list, std::move(value)});
      }
  if (!dates.empty()) return;
  for (const std::size_t patient : patients)
    for (const std::size_t code : codes) {
      ByteView id = postings[patient].value;
      std::string value;
      put_text(value, take_text(id));
      value += postings[code].value;
      postings.push_back({undated_list, std::move(value)});
    }
}

std::size_t Extractor::general_count(TypeId type) const {
  const auto programs = programs_.find(type);
  if (programs == programs_.end()) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(
      programs->second, [](const Program& program) { return std::holds_alternative<path::Expression>(program.path); }));
}

}  // namespace salus::fhir::search
