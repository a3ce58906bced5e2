#include "fhir/search/parameters.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace salus::fhir::search {

const Parameters& Parameters::r4() {
  static const Parameters parameters{Definitions::r4()};
  return parameters;
}

Parameters::Parameters(const Definitions& definitions) : definitions_(definitions) {
  SALUS_ASSERT(definitions.search_count() < 8000 && definitions.type_count() < 0x10000);
  all_.reserve(definitions.search_count());
  for (std::uint32_t i = 0; i < definitions.search_count(); ++i) {
    const SearchParameter found = definitions.search(i);
    all_.push_back({.number = static_cast<ParameterNumber>(i),
                    .type = found.type,
                    .code = found.code,
                    .url = found.url,
                    .expression = found.expression,
                    .bases = found.bases,
                    .targets = found.targets,
                    .components = {}});
    by_url_.emplace(found.url, &all_.back());
    for (const TypeId base : found.bases) by_type_[static_cast<std::uint32_t>(base)].emplace(found.code, &all_.back());
  }
  for (std::uint32_t i = 0; i < definitions.search_count(); ++i)
    for (const auto& component : definitions.components(definitions.search(i)))
      if (const Parameter* parameter = by_url(component.definition))
        all_[i].components.push_back({parameter, component.expression});
  for (std::uint32_t i = 0; i < definitions.type_count(); ++i)
    if (definitions.is_resource(TypeId{i}) && !definitions.is_abstract(TypeId{i})) types_.push_back(TypeId{i});
  std::ranges::sort(types_, {}, [&](TypeId type) { return definitions.name(type); });
  last_updated_ = find(definitions.known().resource, "_lastUpdated");
  SALUS_ASSERT(last_updated_ != nullptr);
}

const Parameter* Parameters::by_url(std::string_view url) const {
  const auto found = by_url_.find(url);
  return found == by_url_.end() ? nullptr : found->second;
}

const Parameter* Parameters::find(TypeId type, std::string_view code) const {
  for (; type != TypeId::none; type = definitions_.base(type)) {
    const auto codes = by_type_.find(static_cast<std::uint32_t>(type));
    if (codes == by_type_.end()) continue;
    if (const auto found = codes->second.find(code); found != codes->second.end()) return found->second;
  }
  return nullptr;
}

std::vector<const Parameter*> Parameters::of(TypeId type) const {
  std::vector<const Parameter*> out;
  for (; type != TypeId::none; type = definitions_.base(type))
    if (const auto codes = by_type_.find(static_cast<std::uint32_t>(type)); codes != by_type_.end())
      for (const auto& [code, parameter] : codes->second) out.push_back(parameter);
  std::ranges::sort(out, {}, &Parameter::number);
  return out;
}

}  // namespace salus::fhir::search
