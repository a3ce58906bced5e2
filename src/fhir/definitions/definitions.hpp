// The FHIR R4 definitions: types, elements, invariants, bindings, search parameters, compartments. Everything here is
// data; the code knows only how to look things up.
//
// Lifetime: Definitions::r4() lives as long as the program. What it hands out (views, pointers, spans) lives as long.
// Threads:  any; nothing changes after it is built.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "fhir/definitions/table.hpp"

namespace salus::fhir {

// A data type, a resource type, or the type of an inline element ("Patient.contact"). Numbers of one build of the
// program: never stored.
enum class TypeId : std::uint32_t { none = 0 };

// A member's or element's name, interned: equal names have equal numbers. Numbers from `Definitions::name_count()` on
// belong to one document, for names that no definition knows.
enum class NameId : std::uint32_t { none = 0, resource_type = 1 };

// An element of a type. "Observation.value[x]" is one element with several types.
enum class ElementId : std::uint32_t { none = 0xFFFFFFFF };

enum class TypeKind : std::uint8_t { none, primitive, complex, resource, backbone };
enum class Binding : std::uint8_t { none, example, preferred, extensible, required };
enum class SearchType : std::uint8_t {
  none,
  number,
  date,
  string,
  token,
  reference,
  composite,
  quantity,
  uri,
  special
};

struct Element {
  NameId name;                 // "value" for value[x]
  TypeId owner;                // the type that declares or inherits it
  std::uint32_t min, max;      // max is unbounded_max for *
  bool repeats;                // an array in JSON
  bool choice;                 // value[x]
  bool summary, modifier;      // isSummary, isModifier
  bool attribute;              // an attribute in XML
  std::string_view path;       // "Observation.value[x]"
  Binding binding;             // none without a value set
  std::string_view value_set;  // canonical, perhaps with |version
};
inline constexpr std::uint32_t unbounded_max = 0xFFFFFFFF;

// What a member of a JSON object is: `valueQuantity` of an Observation is the element value[x] with the type Quantity.
struct Member {
  ElementId element = ElementId::none;
  TypeId type = TypeId::none;
};

struct Invariant {
  std::string_view key, human, expression;  // "pat-1"; the expression is FHIRPath
  bool is_error;                            // else a warning
};

struct SearchParameter {
  std::string_view code, url, expression;
  SearchType type;
  std::span<const TypeId> bases, targets;
  table::Rows components;
};

class Definitions {
 public:
  // The definitions that the program carries. The first call loads them (about a millisecond).
  static const Definitions& r4();

  // Requires: `bytes` aligned to 4 and alive as long as the object. Errors: damaged.
  static Result<std::unique_ptr<Definitions>> load(ByteView bytes);

  // none when no definition knows it.
  TypeId type(std::string_view name) const;
  TypeId type_by_url(std::string_view canonical) const;
  NameId name(std::string_view name) const;

  std::uint32_t type_count() const { return static_cast<std::uint32_t>(types_.size()); }
  std::uint32_t name_count() const { return static_cast<std::uint32_t>(names_.size()); }

  std::string_view name(TypeId type) const { return text(row(type).name); }
  std::string_view name(NameId name) const;
  std::string_view url(TypeId type) const { return text(row(type).url); }
  TypeId base(TypeId type) const { return TypeId{row(type).base}; }
  TypeKind kind(TypeId type) const { return static_cast<TypeKind>(row(type).kind); }
  bool is_abstract(TypeId type) const { return row(type).is_abstract != 0; }
  bool is_resource(TypeId type) const { return kind(type) == TypeKind::resource; }
  bool is_primitive(TypeId type) const { return kind(type) == TypeKind::primitive; }
  // Whether `type` is `ancestor` or derives from it.
  bool is_a(TypeId type, TypeId ancestor) const;
  // What a primitive's text must match, as the definition says; empty where it says nothing.
  std::string_view regex(TypeId type) const { return text(row(type).regex); }

  // Elements of a type in the order of the definition, inherited ones included: [first, first + count).
  table::Rows elements(TypeId type) const { return row(type).elements; }
  Element element(ElementId id) const;
  NameId element_name(ElementId id) const { return NameId{elements_[static_cast<std::size_t>(id)].name}; }
  bool repeats(ElementId id) const { return (elements_[static_cast<std::size_t>(id)].flags & 1) != 0; }
  bool is_choice(ElementId id) const { return (elements_[static_cast<std::size_t>(id)].flags & 2) != 0; }
  // The types that an element may have, each with what a reference of it may lead to.
  std::span<const table::Ref> types_of(ElementId id) const;
  std::span<const TypeId> targets(const table::Ref& ref) const { return type_list(ref.targets); }

  // The member `name` of an object of `type`: {none, none} when there is no such member.
  Member member(TypeId type, NameId name) const;
  // The element called `name` ("value", not "valueQuantity"); none when there is none.
  ElementId element_named(TypeId type, NameId name) const;

  std::vector<Invariant> invariants(TypeId type) const { return invariants(row(type).constraints); }
  std::vector<Invariant> invariants(ElementId id) const;

  std::uint32_t search_count() const { return static_cast<std::uint32_t>(searches_.size()); }
  SearchParameter search(std::uint32_t number) const;
  struct SearchComponent {
    std::string_view definition, expression;
  };
  std::vector<SearchComponent> components(const SearchParameter& parameter) const;

  // The search parameters by which resources of `type` belong to the compartment of `owner` (Patient, Encounter, …);
  // empty when they never do.
  std::vector<std::string_view> compartment(TypeId owner, TypeId type) const;

  // The number of a value set that some element is bound to with the strength `required`, by its canonical with or
  // without |version. Nothing for those that cannot be enumerated (MIME types) and those that no element requires.
  std::optional<std::uint32_t> value_set(std::string_view canonical) const;
  // Whether the value set has the code, of any system.
  bool has_code(std::uint32_t value_set, std::string_view code) const;
  bool has_code(std::uint32_t value_set, std::string_view system, std::string_view code) const;

  // Types that code asks for by name, found once.
  struct Known {
    TypeId resource, domain_resource, element, backbone, extension, reference, quantity, xhtml, boolean, integer,
        decimal, string, date, date_time, time, instant, uri, code, id, base64, bundle, parameters, coding,
        codeable_concept, unsigned_int, positive_int;
    NameId id_name, extension_name, value, url, contained, reference_name, div, entry, full_url, resource_name, system,
        unit, code_name, comparator, type_name, identifier;
  };
  const Known& known() const { return known_; }

 private:
  Definitions() = default;
  const table::Type& row(TypeId type) const { return types_[static_cast<std::size_t>(type)]; }
  std::string_view text(table::Text t) const { return text_.substr(t.at, t.size); }
  std::span<const TypeId> type_list(table::Rows rows) const;
  std::vector<Invariant> invariants(table::Rows rows) const;
  void index();
  std::span<const table::Code> with_code(std::uint32_t value_set, std::string_view code) const;

  // Open addressing over the names' texts; a power of two, at most half full.
  struct Index {
    std::vector<std::uint32_t> slots;  // number + 1
    std::uint32_t mask = 0;
  };
  template <class TextOf>
  static Index build_index(std::uint32_t count, TextOf text_of);
  template <class TextOf>
  static std::uint32_t find(const Index& index, std::string_view wanted, TextOf text_of);

  std::string_view text_;
  std::span<const table::Name> names_;
  std::span<const table::Type> types_;
  std::span<const table::Element> elements_;
  std::span<const table::Ref> refs_;
  std::span<const table::Member> members_;
  std::span<const table::Constraint> constraints_;
  std::span<const table::List> lists_;
  std::span<const table::Search> searches_;
  std::span<const table::Component> components_;
  std::span<const table::Compartment> compartments_;
  std::span<const table::Membership> memberships_;
  std::span<const table::ValueSet> value_sets_;
  std::span<const table::Code> codes_;
  Index name_index_, type_index_;
  Known known_{};
};

}  // namespace salus::fhir
