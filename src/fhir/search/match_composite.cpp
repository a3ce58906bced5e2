// Composites: each part between dollars is asked of its component, and a posting holds the components' values one after
// the other.
#include "fhir/search/encoding.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/values.hpp"
#include "view/table.hpp"

namespace salus::fhir::search {
namespace {

// The bytes of a component's value, which `rest` begins with.
ByteView take_value(SearchType type, Facet facet, ByteView& rest) {
  const ByteView whole = rest;
  switch (type) {
    case SearchType::date:
      rest.remove_prefix(std::min<std::size_t>(16, rest.size()));
      break;
    case SearchType::number:
      take_decimal(rest), take_decimal(rest);
      break;
    case SearchType::quantity:
      if (facet == Facet::canonical) rest.remove_prefix(std::min<std::size_t>(12, rest.size()));
      take_decimal(rest), take_decimal(rest);
      if (facet != Facet::canonical) take_text(rest), take_text(rest), take_text(rest);
      break;
    default:
      take_text(rest), take_text(rest);
      break;
  }
  return whole.substr(0, whole.size() - rest.size());
}

struct Part {
  SearchType type;
  Facet facet;
  std::vector<Scan> any;  // over the component's own list

  // By `accept` alone where there is one: the bounds of a scan leave out what its neighbour by the other end finds.
  bool matches(ByteView value) const {
    for (const Scan& scan : any)
      if (scan.accept ? scan.accept(value) : scan.matches(value)) return true;
    return false;
  }
};

}  // namespace

Result<std::vector<Scan>> composite_walk(const Ask& ask) {
  return scans_of({ask.definitions,
                   *ask.parameter.components.front().parameter,
                   ask.name,
                   {},
                   split(ask.value, '$').front(),
                   ask.now});
}

Result<std::vector<Scan>> composite_scans(const Ask& ask) {
  if (!ask.modifier.empty()) return refuse_modifier(ask, "a composite has :missing");
  const auto texts = split(ask.value, '$');
  const auto& components = ask.parameter.components;
  if (texts.size() != components.size())
    return fail(ErrorCode::invalid, "Parameter '{}': {} values are joined by '$'.", ask.name, components.size());
  std::vector<Part> parts;
  Facet facet = Facet::value;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Parameter& component = *components[i].parameter;
    auto scans = scans_of({ask.definitions, component, ask.name, {}, texts[i], ask.now});
    if (!scans) return scans;
    Part part{component.type, Facet::value, {}};
    for (Scan& scan : *scans) {
      const auto of = static_cast<Facet>(static_cast<unsigned>(scan.list) % 8);
      if (of == Facet::canonical) part.facet = facet = Facet::canonical;
      if (of == Facet::value || of == Facet::canonical) part.any.push_back(std::move(scan));
    }
    parts.push_back(std::move(part));
  }
  Scan out{.list = ask.parameter.list(facet)};
  const Part& first = parts.front();
  if (first.any.size() == 1 && !first.any.front().accept) {
    out.from = first.any.front().from;
    out.to = first.any.front().to;
  }
  out.accept = [parts](ByteView value) {
    for (const Part& part : parts)
      if (!part.matches(take_value(part.type, part.facet, value))) return false;
    return true;
  };
  return std::vector{std::move(out)};
}

}  // namespace salus::fhir::search
