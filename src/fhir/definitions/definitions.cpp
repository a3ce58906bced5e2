#include "fhir/definitions/definitions.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"
#include "fhir/definitions/embedded.hpp"

namespace salus::fhir {
namespace {

std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  return hash ^ hash >> 15;
}

template <class Row>
bool take(ByteView bytes, const table::Section& section, std::span<const Row>& out) {
  static_assert(sizeof(Row) % 4 == 0);
  if (section.width * 4 != sizeof(Row) || section.at % 4 != 0) return false;
  if (section.at > bytes.size() || std::uint64_t{section.rows} * sizeof(Row) > bytes.size() - section.at) return false;
  out = {reinterpret_cast<const Row*>(bytes.data() + section.at), section.rows};
  return true;
}

}  // namespace

template <class TextOf>
Definitions::Index Definitions::build_index(std::uint32_t count, TextOf text_of) {
  Index index;
  index.slots.resize(std::bit_ceil(2 * count + 1));
  index.mask = static_cast<std::uint32_t>(index.slots.size() - 1);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t slot = hash_of(text_of(i)) & index.mask;
    while (index.slots[slot] != 0) slot = (slot + 1) & index.mask;
    index.slots[slot] = i + 1;
  }
  return index;
}

template <class TextOf>
std::uint32_t Definitions::find(const Index& index, std::string_view wanted, TextOf text_of) {
  for (std::uint32_t slot = hash_of(wanted) & index.mask; index.slots[slot] != 0; slot = (slot + 1) & index.mask)
    if (text_of(index.slots[slot] - 1) == wanted) return index.slots[slot] - 1;
  return 0;  // the empty name and no type
}

const Definitions& Definitions::r4() {
  static const std::unique_ptr<Definitions> loaded = [] {
    auto definitions = load(embedded_definitions());
    SALUS_ASSERT(definitions);
    return std::move(*definitions);
  }();
  return *loaded;
}

Result<std::unique_ptr<Definitions>> Definitions::load(ByteView bytes) {
  const auto damaged = [] { return fail(ErrorCode::damaged, "The table of FHIR definitions is not of this build."); };
  if (bytes.size() < sizeof(table::Header)) return damaged();
  const auto& header = *reinterpret_cast<const table::Header*>(bytes.data());
  if (header.magic != table::magic || header.layout != table::layout || header.sections != table::section_count)
    return damaged();
  std::unique_ptr<Definitions> d{new Definitions};
  const table::Section* s = header.section;
  const bool whole = take(bytes, s[0], d->names_) && take(bytes, s[1], d->types_) && take(bytes, s[2], d->elements_) &&
                     take(bytes, s[3], d->refs_) && take(bytes, s[4], d->members_) &&
                     take(bytes, s[5], d->constraints_) && take(bytes, s[6], d->lists_) &&
                     take(bytes, s[7], d->searches_) && take(bytes, s[8], d->components_) &&
                     take(bytes, s[9], d->compartments_) && take(bytes, s[10], d->memberships_) &&
                     take(bytes, s[11], d->value_sets_) && take(bytes, s[12], d->codes_) &&
                     header.text_at <= bytes.size() && header.text_size == bytes.size() - header.text_at;
  if (!whole) return damaged();
  d->text_ = bytes.substr(header.text_at);
  d->index();
  return d;
}

void Definitions::index() {
  name_index_ = build_index(name_count(), [&](std::uint32_t i) { return text(names_[i].text); });
  type_index_ = build_index(type_count(), [&](std::uint32_t i) { return text(types_[i].name); });
  known_ = {
      .resource = type("Resource"),
      .domain_resource = type("DomainResource"),
      .element = type("Element"),
      .backbone = type("BackboneElement"),
      .extension = type("Extension"),
      .reference = type("Reference"),
      .quantity = type("Quantity"),
      .xhtml = type("xhtml"),
      .boolean = type("boolean"),
      .integer = type("integer"),
      .decimal = type("decimal"),
      .string = type("string"),
      .date = type("date"),
      .date_time = type("dateTime"),
      .time = type("time"),
      .instant = type("instant"),
      .uri = type("uri"),
      .code = type("code"),
      .id = type("id"),
      .base64 = type("base64Binary"),
      .bundle = type("Bundle"),
      .parameters = type("Parameters"),
      .coding = type("Coding"),
      .codeable_concept = type("CodeableConcept"),
      .unsigned_int = type("unsignedInt"),
      .positive_int = type("positiveInt"),
      .id_name = name("id"),
      .extension_name = name("extension"),
      .value = name("value"),
      .url = name("url"),
      .contained = name("contained"),
      .reference_name = name("reference"),
      .div = name("div"),
      .entry = name("entry"),
      .full_url = name("fullUrl"),
      .resource_name = name("resource"),
      .system = name("system"),
      .unit = name("unit"),
      .code_name = name("code"),
      .comparator = name("comparator"),
      .type_name = name("type"),
      .identifier = name("identifier"),
  };
}

TypeId Definitions::type(std::string_view name) const {
  return TypeId{find(type_index_, name, [&](std::uint32_t i) { return text(types_[i].name); })};
}

TypeId Definitions::type_by_url(std::string_view canonical) const {
  constexpr std::string_view place = "http://hl7.org/fhir/StructureDefinition/";
  if (!canonical.starts_with(place)) return TypeId::none;
  const TypeId found = type(canonical.substr(place.size()));
  return found != TypeId::none && url(found) == canonical ? found : TypeId::none;
}

NameId Definitions::name(std::string_view name) const {
  return NameId{find(name_index_, name, [&](std::uint32_t i) { return text(names_[i].text); })};
}

std::string_view Definitions::name(NameId name) const {
  const auto number = static_cast<std::size_t>(name);
  return number < names_.size() ? text(names_[number].text) : std::string_view{};
}

bool Definitions::is_a(TypeId type, TypeId ancestor) const {
  for (; type != TypeId::none; type = base(type))
    if (type == ancestor) return true;
  return false;
}

Element Definitions::element(ElementId id) const {
  const table::Element& e = elements_[static_cast<std::size_t>(id)];
  return {.name = NameId{e.name},
          .owner = TypeId{e.owner},
          .min = e.min,
          .max = e.max,
          .repeats = (e.flags & 1) != 0,
          .choice = (e.flags & 2) != 0,
          .summary = (e.flags & 4) != 0,
          .modifier = (e.flags & 8) != 0,
          .attribute = (e.flags & 16) != 0,
          .path = text(e.path),
          .binding = static_cast<Binding>(e.binding_strength),
          .value_set = text(e.value_set)};
}

std::span<const table::Ref> Definitions::types_of(ElementId id) const {
  const table::Rows rows = elements_[static_cast<std::size_t>(id)].refs;
  return refs_.subspan(rows.first, rows.count);
}

std::span<const TypeId> Definitions::type_list(table::Rows rows) const {
  static_assert(sizeof(TypeId) == sizeof(table::List));
  const auto part = lists_.subspan(rows.first, rows.count);
  return {reinterpret_cast<const TypeId*>(part.data()), part.size()};
}

Member Definitions::member(TypeId type, NameId name) const {
  const auto rows = members_.subspan(row(type).members.first, row(type).members.count);
  const auto wanted = static_cast<std::uint32_t>(name);
  const auto at = std::lower_bound(rows.begin(), rows.end(), wanted,
                                   [](const table::Member& m, std::uint32_t n) { return m.name < n; });
  if (at == rows.end() || at->name != wanted) return {};
  return {ElementId{at->element}, TypeId{at->type}};
}

ElementId Definitions::element_named(TypeId type, NameId name) const {
  const table::Rows rows = row(type).elements;
  for (std::uint32_t i = rows.first; i < rows.first + rows.count; ++i)
    if (elements_[i].name == static_cast<std::uint32_t>(name)) return ElementId{i};
  return ElementId::none;
}

std::vector<Invariant> Definitions::invariants(table::Rows rows) const {
  std::vector<Invariant> found;
  for (const table::List& list : lists_.subspan(rows.first, rows.count)) {
    const table::Constraint& c = constraints_[list.number];
    found.push_back({text(c.key), text(c.human), text(c.expression), c.is_error != 0});
  }
  return found;
}

std::vector<Invariant> Definitions::invariants(ElementId id) const {
  return invariants(elements_[static_cast<std::size_t>(id)].constraints);
}

SearchParameter Definitions::search(std::uint32_t number) const {
  const table::Search& s = searches_[number];
  return {.code = text(s.code),
          .url = text(s.url),
          .expression = text(s.expression),
          .type = static_cast<SearchType>(s.type),
          .bases = type_list(s.bases),
          .targets = type_list(s.targets),
          .components = s.components};
}

std::vector<Definitions::SearchComponent> Definitions::components(const SearchParameter& parameter) const {
  std::vector<SearchComponent> found;
  for (const table::Component& c : components_.subspan(parameter.components.first, parameter.components.count))
    found.push_back({text(c.definition), text(c.expression)});
  return found;
}

std::vector<std::string_view> Definitions::compartment(TypeId owner, TypeId type) const {
  std::vector<std::string_view> found;
  for (const table::Compartment& compartment : compartments_) {
    if (TypeId{compartment.type} != owner) continue;
    for (const table::Membership& m :
         memberships_.subspan(compartment.memberships.first, compartment.memberships.count))
      if (TypeId{m.type} == type)
        for (const table::List& param : lists_.subspan(m.params.first, m.params.count))
          found.push_back(name(NameId{param.number}));
  }
  return found;
}

std::optional<std::uint32_t> Definitions::value_set(std::string_view canonical) const {
  const std::string_view url = canonical.substr(0, canonical.find('|'));
  const auto at = std::ranges::lower_bound(value_sets_, url, {}, [&](const table::ValueSet& v) { return text(v.url); });
  if (at == value_sets_.end() || text(at->url) != url) return std::nullopt;
  return static_cast<std::uint32_t>(at - value_sets_.begin());
}

std::span<const table::Code> Definitions::with_code(std::uint32_t value_set, std::string_view code) const {
  const table::Rows rows = value_sets_[value_set].codes;
  const auto found = std::ranges::equal_range(codes_.subspan(rows.first, rows.count), code, {},
                                              [&](const table::Code& c) { return text(c.code); });
  return {found.begin(), found.end()};
}

bool Definitions::has_code(std::uint32_t value_set, std::string_view code) const {
  return !with_code(value_set, code).empty();
}

bool Definitions::has_code(std::uint32_t value_set, std::string_view system, std::string_view code) const {
  return std::ranges::any_of(with_code(value_set, code),
                             [&](const table::Code& c) { return text(c.system) == system; });
}

}  // namespace salus::fhir
