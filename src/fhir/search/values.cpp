#include "fhir/search/values.hpp"

#include <map>

#include "base/assert.hpp"
#include "fhir/path/unit.hpp"
#include "fhir/search/fold.hpp"

namespace salus::fhir::search {

std::string token_value(std::string_view code, std::string_view system) {
  std::string out;
  out.reserve(code.size() + system.size() + 2);
  put_text(out, code);
  put_text(out, system);
  return out;
}

std::string string_value(std::string_view text) {
  const std::string folded = fold(text);
  std::string out;
  put_text(out, folded);
  put_text(out, folded == text ? std::string_view{} : text);
  return out;
}

std::string uri_value(std::string_view text) {
  const std::size_t bar = std::min(text.rfind('|'), text.size());
  std::string out;
  put_text(out, text.substr(0, bar));
  put_text(out, text.substr(bar));
  return out;
}

std::string reference_value(const Definitions& definitions, std::string_view text) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos && slash > 0) {
    const TypeId type = definitions.type(text.substr(0, slash));
    if (type != TypeId::none && definitions.is_resource(type)) {
      const std::string_view id = text.substr(slash + 1);
      return token_value(id.substr(0, id.find('/')), text.substr(0, slash));  // without /_history/…
    }
  }
  return uri_value(text);
}

namespace {

std::optional<CanonicalUnit> parse_canonical(std::string_view code) {
  const auto unit = path::parse_unit(code);
  if (!unit) return std::nullopt;
  CanonicalUnit out;
  for (const std::int8_t exponent : unit->dimension) out.dimension.push_back(static_cast<char>(exponent + 64));
  for (int shift = 24; shift >= 0; shift -= 8)
    out.dimension.push_back(static_cast<char>(static_cast<std::uint32_t>(unit->own) >> shift));
  out.dimension.push_back(static_cast<char>(unit->own_exponent + 64));
  out.numerator = unit->numerator;
  out.denominator = unit->denominator;
  return out;
}

}  // namespace

std::optional<CanonicalUnit> canonical_unit(std::string_view code) {
  constexpr std::size_t kept_max = 512;  // units recur; taking them apart costs more than all else of a quantity
  thread_local std::map<std::string, std::optional<CanonicalUnit>, std::less<>> kept;
  if (const auto found = kept.find(code); found != kept.end()) return found->second;
  if (kept.size() >= kept_max) kept.clear();
  return kept.emplace(code, parse_canonical(code)).first->second;
}

std::optional<path::Decimal> to_canonical(const path::Decimal& value, const CanonicalUnit& unit) {
  const auto product = multiply(value, unit.numerator);
  if (!product || unit.denominator == path::Decimal{1}) return product;
  return divide(*product, unit.denominator);
}

Values::Values(const Definitions& definitions) : d_(definitions) {
  const auto name = [&](std::string_view text) { return d_.name(text); };
  const auto type = [&](std::string_view text) { return d_.type(text); };
  name_ = {.system = name("system"),
           .code = name("code"),
           .value = name("value"),
           .display = name("display"),
           .coding = name("coding"),
           .text = name("text"),
           .type = name("type"),
           .unit = name("unit"),
           .currency = name("currency"),
           .comparator = name("comparator"),
           .reference = name("reference"),
           .identifier = name("identifier"),
           .start = name("start"),
           .end = name("end"),
           .event = name("event"),
           .repeat = name("repeat"),
           .bounds = name("bounds"),
           .low = name("low"),
           .high = name("high"),
           .origin = name("origin"),
           .factor = name("factor"),
           .data = name("data"),
           .family = name("family"),
           .given = name("given"),
           .prefix = name("prefix"),
           .suffix = name("suffix"),
           .line = name("line"),
           .city = name("city"),
           .district = name("district"),
           .state = name("state"),
           .postal_code = name("postalCode"),
           .country = name("country"),
           .latitude = name("latitude"),
           .longitude = name("longitude")};
  type_ = {.coding = type("Coding"),
           .codeable_concept = type("CodeableConcept"),
           .identifier = type("Identifier"),
           .contact_point = type("ContactPoint"),
           .human_name = type("HumanName"),
           .address = type("Address"),
           .period = type("Period"),
           .timing = type("Timing"),
           .range = type("Range"),
           .money = type("Money"),
           .quantity = type("Quantity"),
           .sampled_data = type("SampledData"),
           .reference = type("Reference"),
           .canonical = type("canonical"),
           .uri = type("uri")};
}

void Values::add(const Document& document, const Node& node, const Parameter& parameter,
                 std::vector<Posting>& out) const {
  add(document, node, parameter.type, parameter.number, out);
}

void Values::add(const Document& document, const Node& node, SearchType type, ParameterNumber number,
                 std::vector<Posting>& out) const {
  const At at{document, node, number, out};
  switch (type) {
    case SearchType::token:
      return token(at);
    case SearchType::string:
      return string(at);
    case SearchType::reference:
      return reference(at);
    case SearchType::uri:
      return uri(at);
    case SearchType::date:
      return date(at);
    case SearchType::number:
      return this->number(at);
    case SearchType::quantity:
      return quantity(at);
    case SearchType::special:
      return position(at);
    default:
      return;  // composites are the extractor's
  }
}

void Values::token_text(const At& at, std::string_view text) const {
  if (!text.empty()) at.put(Facet::text, string_value(text));
}

void Values::identifier(const At& at, Facet facet) const {
  const std::string_view value = at.text(name_.value), system = at.text(name_.system);
  if (value.empty() && system.empty()) return;
  at.put(facet, token_value(value, system));
}

void Values::token(const At& at) const {
  const TypeId type = at.node.type;
  if (type == type_.codeable_concept) {
    each(at, name_.coding, [&](const At& coding) { token(coding); });
    token_text(at, at.text(name_.text));
  } else if (type == type_.coding) {
    const std::string_view code = at.text(name_.code), system = at.text(name_.system);
    if (!code.empty() || !system.empty()) at.put(Facet::value, token_value(code, system));
    token_text(at, at.text(name_.display));
  } else if (type == type_.identifier) {
    identifier(at, Facet::value);
    each(at, name_.type, [&](const At& kind) {
      token_text(kind, kind.text(name_.text));
      each(kind, name_.coding, [&](const At& coding) {
        std::string value;
        put_text(value, at.text(name_.value));
        value += token_value(coding.text(name_.code), coding.text(name_.system));
        at.put(Facet::typed, std::move(value));
      });
    });
  } else if (type == type_.contact_point) {
    if (const std::string_view value = at.text(name_.value); !value.empty())
      at.put(Facet::value, token_value(value, {}));
  } else if (at.node.has_value()) {
    at.put(Facet::value, token_value(at.text(), {}));
  }
}

void Values::string(const At& at) const {
  if (at.node.has_value()) {
    at.put(Facet::value, string_value(at.text()));
    return;
  }
  const auto parts = [&](std::initializer_list<NameId> names) {
    for (const Node& child : at.document.children(at.node))
      for (const NameId name : names)
        if (child.name == name && child.has_value()) at.put(Facet::value, string_value(at.document.text(child)));
  };
  if (at.node.type == type_.human_name)
    parts({name_.text, name_.family, name_.given, name_.prefix, name_.suffix});
  else if (at.node.type == type_.address)
    parts({name_.text, name_.line, name_.city, name_.district, name_.state, name_.postal_code, name_.country});
  else if (at.node.type == type_.codeable_concept)
    parts({name_.text});
}

void Values::reference(const At& at) const {
  if (at.node.has_value()) {  // canonical, uri
    at.put(Facet::value, uri_value(at.text()));
    return;
  }
  if (at.document.is_resource(at.node)) {  // Bundle.entry[0].resource
    if (const std::string_view id = at.text(d_.known().id_name); !id.empty())
      at.put(Facet::value, token_value(id, d_.name(at.node.type)));
    return;
  }
  if (const std::string_view text = at.text(name_.reference); !text.empty())
    at.put(Facet::value, reference_value(d_, text));
  each(at, name_.identifier, [&](const At& child) { identifier(child, Facet::typed); });
}

void Values::uri(const At& at) const {
  if (at.node.has_value()) at.put(Facet::value, uri_value(at.text()));
}

void Values::position(const At& at) const {
  const auto latitude = nanodegrees(at.text(name_.latitude), 90),
             longitude = nanodegrees(at.text(name_.longitude), 180);
  if (!latitude || !longitude) return;
  std::string value;
  put_time(value, *latitude);
  put_time(value, *longitude);
  at.put(Facet::value, std::move(value));
}

void Values::date(const At& at) const {
  std::optional<Interval> found;
  const auto bounds = [&](const At& period) -> std::optional<Interval> {
    const auto start = interval_of(period.text(name_.start)), end = interval_of(period.text(name_.end));
    if (!start && !end) return std::nullopt;
    return Interval{start ? start->start : Interval::first, end ? end->end : Interval::last};
  };
  if (at.node.has_value()) {
    found = interval_of(at.text());
  } else if (at.node.type == type_.period) {
    found = bounds(at);
  } else if (at.node.type == type_.timing) {  // from the first event to the last, and the bounds of what is repeated
    const auto take = [&](const std::optional<Interval>& more) {
      if (more) found = found ? Interval{std::min(found->start, more->start), std::max(found->end, more->end)} : *more;
    };
    each(at, name_.event, [&](const At& event) { take(interval_of(event.text())); });
    each(at, name_.repeat, [&](const At& repeat) {
      each(repeat, name_.bounds, [&](const At& period) {
        if (period.node.type == type_.period) take(bounds(period));
      });
    });
  }
  if (!found || found->start >= found->end) return;
  std::string value;
  put_time(value, found->start);
  put_time(value, found->end);
  if (found->start == Interval::first || found->end == Interval::last ||
      found->end - found->start > short_interval_us) {
    std::string by_end;
    put_time(by_end, found->end);
    put_time(by_end, found->start);
    at.put(Facet::end, std::move(by_end));
  }
  at.put(Facet::value, std::move(value));
}

}  // namespace salus::fhir::search
