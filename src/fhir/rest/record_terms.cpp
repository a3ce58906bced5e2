#include "fhir/rest/record_terms.hpp"

#include "fhir/records/record_catalog.hpp"
#include "fhir/search/canonical.hpp"

namespace salus::fhir {
namespace {

constexpr std::uint64_t kStepsMax = 100'000;

std::string_view type_of(terminology::Kind kind) {
  constexpr std::string_view names[] = {"CodeSystem", "ValueSet", "ConceptMap"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace

terminology::Place RecordTerms::place_of(const Version& version) const {
  return {.key = fmt::format("{}@{}", static_cast<std::uint64_t>(version.number), log::number(version.version)),
          .read = [this, version] { return store_.document(version); }};
}

std::optional<terminology::Place> RecordTerms::find_id(terminology::Kind kind, std::string_view id) const {
  const auto version = record_.newest(store_.definitions().type(type_of(kind)), id);
  if (!version || version->is_removed()) return std::nullopt;
  return place_of(*version);
}

std::optional<terminology::Place> RecordTerms::find(terminology::Kind kind, std::string_view url,
                                                    std::string_view version) const {
  const std::string local = std::string(type_of(kind)) + '/';
  if (url.starts_with(local)) return find_id(kind, url.substr(local.size()));
  const SearchableCut searchable{record_, newest_};
  search::Steps steps{kStepsMax};
  std::optional<Version> last;
  search::each_named(searchable.source(), steps, store_.definitions().type(type_of(kind)),
                     {std::string(url), std::string(version)}, [&](ResourceNumber number) {
                       auto found = record_.newest(number);
                       const bool is_there = found && !found->is_removed();
                       if (is_there && (!last || last->version < found->version)) last = std::move(found);
                       return true;
                     });
  return last ? std::optional(place_of(*last)) : std::nullopt;
}

void RecordTerms::each(terminology::Kind kind, const std::function<bool(terminology::Place)>& visit) const {
  record_.scan(store_.definitions().type(type_of(kind)), ResourceNumber::none, RecordCut::Direction::ascending,
               [&](ResourceNumber number) {
                 const auto version = record_.newest(number);
                 return !version || version->is_removed() || visit(place_of(*version));
               });
}

}  // namespace salus::fhir
