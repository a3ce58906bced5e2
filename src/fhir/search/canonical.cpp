#include "fhir/search/canonical.hpp"

#include <algorithm>

#include "fhir/search/evaluation.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir::search {
namespace {

bool has_version(const ValuesRow& row, TypeId type, std::string_view version) {
  const Parameter* parameter = Parameters::r4().find(type, "version");
  return parameter != nullptr && std::ranges::any_of(row.of(parameter->list()), [&](const ValuesRow::Value& value) {
           ByteView rest = value.value;
           return take_text(rest) == version;
         });
}

}  // namespace

std::optional<Canonical> canonical_of(const Definitions& definitions, ByteView value) {
  if (value.starts_with('#') || local_reference(definitions, value)) return std::nullopt;
  const ByteView url = take_text(value);
  ByteView version = take_text(value);
  if (version.starts_with('|')) version.remove_prefix(1);
  return Canonical{std::string(url), std::string(version)};
}

bool is_canonical(TypeId type) {
  const Parameter* url = Parameters::r4().find(type, "url");
  return url != nullptr && url->type == SearchType::uri;
}

void each_named(const Source& source, Steps& steps, TypeId type, const Canonical& canonical,
                const std::function<bool(ResourceNumber)>& visit) {
  if (!is_canonical(type)) return;
  const Scan scan = exact_scan(Parameters::r4().find(type, "url")->list(), uri_value(canonical.url));
  steps.spend(walk(source.table, {scan.list, type, scan.from, scan.to}, source.cut, steps.left(),
                   [&](ByteView, ResourceNumber number) {
                     if (canonical.version.empty()) return visit(number);
                     steps.spend();
                     const auto row = ValuesRow::at(source.table, number, source.cut);
                     return !row || !has_version(*row, type, canonical.version) || visit(number);
                   }));
}

void each_naming(const Source& source, Steps& steps, TypeId type, ListId list, TypeId target, const ValuesRow& row,
                 const std::function<bool(ResourceNumber)>& visit) {
  if (!is_canonical(target)) return;
  for (const ValuesRow::Value& held : row.of(Parameters::r4().find(target, "url")->list())) {
    ByteView rest = held.value;
    std::string named;
    put_text(named, take_text(rest));
    const Scan scan = prefix_scan(list, std::move(named));
    bool goes_on = true;
    steps.spend(walk(source.table, {scan.list, type, scan.from, scan.to}, source.cut, steps.left(),
                     [&](ByteView value, ResourceNumber number) {
                       const auto canonical = canonical_of(Definitions::r4(), value);
                       if (!canonical) return true;
                       if (!canonical->version.empty() && !has_version(row, target, canonical->version)) return true;
                       return goes_on = visit(number);
                     }));
    if (!goes_on) return;
  }
}

}  // namespace salus::fhir::search
