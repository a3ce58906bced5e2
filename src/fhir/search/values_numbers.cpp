// Numbers and quantities. Both are intervals: a Range, "< 5", a channel's samples; most have no length.
#include "fhir/path/unit.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir::search {
namespace {

using path::Decimal;

struct Bounds {
  std::optional<Decimal> low, high;  // nothing: no bound
};

std::string encoded(const std::optional<Decimal>& value, Infinity otherwise) {
  std::string out;
  if (value)
    put_decimal(out, *value);
  else
    put_decimal(out, otherwise);
  return out;
}

std::optional<Decimal> decimal(std::string_view text) {
  return text.empty() ? std::nullopt : Decimal::parse(text);
}

}  // namespace

void Values::number(const At& at) const {
  Bounds bounds;
  if (at.node.type == type_.range) {
    each(at, name_.low, [&](const At& low) { bounds.low = decimal(low.text(name_.value)); });
    each(at, name_.high, [&](const At& high) { bounds.high = decimal(high.text(name_.value)); });
  } else if (at.node.has_value()) {
    bounds.low = bounds.high = decimal(at.text());
  }
  if (!bounds.low && !bounds.high) return;
  const std::string low = encoded(bounds.low, Infinity::negative), high = encoded(bounds.high, Infinity::positive);
  at.put(Facet::value, low + high);
  if (low != high) at.put(Facet::end, high + low);
}

void Values::quantity(const At& at) const {
  Bounds bounds;
  std::string_view code, system, unit;
  const auto units = [&](const At& of) {
    code = of.text(name_.code), system = of.text(name_.system), unit = of.text(name_.unit);
  };
  if (at.node.type == type_.range) {
    each(at, name_.low, [&](const At& low) { bounds.low = decimal(low.text(name_.value)), units(low); });
    each(at, name_.high, [&](const At& high) { bounds.high = decimal(high.text(name_.value)), units(high); });
  } else if (at.node.type == type_.money) {
    bounds.low = bounds.high = decimal(at.text(name_.value));
    code = at.text(name_.currency), system = "urn:iso:std:iso:4217";
  } else if (at.node.type == type_.sampled_data) {
    std::optional<Decimal> factor = Decimal{1}, origin;
    if (const std::string_view text = at.text(name_.factor); !text.empty()) factor = decimal(text);
    each(at, name_.origin, [&](const At& of) { origin = decimal(of.text(name_.value)), units(of); });
    for (std::string_view rest = at.text(name_.data); !rest.empty() && factor && origin;) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      const auto sample = decimal(word);  // E, U and L are no number
      const auto scaled = sample ? multiply(*sample, *factor) : std::nullopt;
      const auto value = scaled ? path::add(*scaled, *origin) : std::nullopt;
      if (!value) continue;
      if (!bounds.low || compare(*value, *bounds.low) < 0) bounds.low = value;
      if (!bounds.high || compare(*value, *bounds.high) > 0) bounds.high = value;
    }
  } else if (d_.is_a(at.node.type, type_.quantity)) {
    const auto value = decimal(at.text(name_.value));
    const std::string_view comparator = at.text(name_.comparator);
    if (!comparator.starts_with('<')) bounds.low = value;
    if (!comparator.starts_with('>')) bounds.high = value;
    units(at);
  }
  if (!bounds.low && !bounds.high) return;
  if (unit == code) unit = {};
  std::string low = encoded(bounds.low, Infinity::negative), high = encoded(bounds.high, Infinity::positive);
  std::string tail = token_value(code, system);
  put_text(tail, unit);
  at.put(Facet::value, low + high + tail);
  if (low != high) at.put(Facet::end, high + low + tail);
  if (system != ucum_system || code.empty()) return;
  const auto canonical = canonical_unit(code);
  if (!canonical) return;
  for (std::optional<Decimal>* bound : {&bounds.low, &bounds.high}) {
    if (!*bound) continue;
    *bound = to_canonical(**bound, *canonical);
    if (!*bound) return;
  }
  low = encoded(bounds.low, Infinity::negative), high = encoded(bounds.high, Infinity::positive);
  at.put(Facet::canonical, canonical->dimension + low + high);
  if (low != high) at.put(Facet::canonical_end, canonical->dimension + high + low);
}

}  // namespace salus::fhir::search
