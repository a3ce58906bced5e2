#include "fhir/definitions/definitions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "fhir/definitions/embedded.hpp"

namespace salus::fhir {
namespace {

const Definitions& d() {
  return Definitions::r4();
}

// "min..max types" of the element at `path`, as the specification's tables show it.
std::string shown(std::string_view type, std::string_view element) {
  const ElementId id = d().element_named(d().type(type), d().name(element));
  if (id == ElementId::none) return "-";
  const Element e = d().element(id);
  std::string text = std::to_string(e.min) + ".." + (e.max == unbounded_max ? "*" : std::to_string(e.max));
  for (const table::Ref& ref : d().types_of(id)) text += ' ' + std::string{d().name(TypeId{ref.type})};
  return text;
}

TEST(Definitions, LoadInAMomentAndSayHowLong) {
  const auto began = std::chrono::steady_clock::now();
  const auto loaded = Definitions::load(embedded_definitions());
  const auto took = std::chrono::steady_clock::now() - began;
  ASSERT_TRUE(loaded);
  std::printf("the definitions (%zu bytes, %u types, %u search parameters) load in %lld us\n",
              embedded_definitions().size(), (*loaded)->type_count(), (*loaded)->search_count(),
              static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

TEST(Definitions, KnowEveryResourceTypeOfR4) {
  int resources = 0;
  for (std::uint32_t i = 1; i < d().type_count(); ++i)
    resources += d().is_resource(TypeId{i}) && !d().is_abstract(TypeId{i}) ? 1 : 0;
  EXPECT_EQ(resources, 146 + 1);  // R4's 146, and Parameters, which its list of resources leaves out
  EXPECT_EQ(d().type("Foo"), TypeId::none);
  EXPECT_EQ(d().type_by_url("http://hl7.org/fhir/StructureDefinition/Patient"), d().type("Patient"));
  EXPECT_EQ(d().type_by_url("http://example.org/Patient"), TypeId::none);
}

TEST(Definitions, ElementsAreAsTheSpecificationShowsThem) {
  EXPECT_EQ(shown("Patient", "name"), "0..* HumanName");
  EXPECT_EQ(shown("Patient", "contact"), "0..* Patient.contact");
  EXPECT_EQ(shown("Patient.contact", "gender"), "0..1 code");
  EXPECT_EQ(shown("Patient", "id"), "0..1 id");
  EXPECT_EQ(shown("HumanName", "id"), "0..1 string");
  EXPECT_EQ(shown("Extension", "url"), "1..1 uri");
  EXPECT_EQ(shown("Observation", "status"), "1..1 code");
  EXPECT_EQ(shown("Observation.component", "referenceRange"), "0..* Observation.referenceRange");
  EXPECT_EQ(shown("Patient", "deceased"), "0..1 boolean dateTime");
  EXPECT_EQ(shown("Bundle.entry", "resource"), "0..1 Resource");
  EXPECT_EQ(shown("Patient", "nothing"), "-");
  EXPECT_EQ(d().element(d().element_named(d().type("Patient"), d().name("gender"))).value_set,
            "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1");
}

TEST(Definitions, MembersOfAChoiceKnowTheirType) {
  const Member member = d().member(d().type("Observation"), d().name("valueQuantity"));
  EXPECT_EQ(d().name(member.type), "Quantity");
  EXPECT_EQ(d().element(member.element).path, "Observation.value[x]");
  EXPECT_EQ(d().member(d().type("Observation"), d().name("value")).element, ElementId::none);
  EXPECT_EQ(d().member(d().type("Observation"), d().name("valueAddress")).element, ElementId::none);
}

TEST(Definitions, TypesDeriveFromEachOther) {
  const auto is_a = [](std::string_view type, std::string_view ancestor) {
    return d().is_a(d().type(type), d().type(ancestor));
  };
  EXPECT_TRUE(is_a("Patient", "Resource"));
  EXPECT_TRUE(is_a("Age", "Quantity"));
  EXPECT_TRUE(is_a("code", "string"));
  EXPECT_TRUE(is_a("uuid", "uri"));
  EXPECT_TRUE(is_a("Patient.contact", "BackboneElement"));
  EXPECT_FALSE(is_a("Patient", "Element"));
  EXPECT_FALSE(is_a("string", "code"));
}

TEST(Definitions, InvariantsSearchParametersAndCompartments) {
  const auto invariants = d().invariants(d().type("Observation"));
  EXPECT_TRUE(std::ranges::any_of(invariants, [](const Invariant& i) { return i.key == "obs-6" && i.is_error; }));
  bool found = false;
  for (std::uint32_t i = 0; i < d().search_count(); ++i) {
    const SearchParameter p = d().search(i);
    if (p.url != "http://hl7.org/fhir/SearchParameter/Observation-code-value-quantity") continue;
    found = true;
    EXPECT_EQ(p.type, SearchType::composite);
    EXPECT_EQ(d().components(p).size(), 2u);
    ASSERT_EQ(p.bases.size(), 1u);
    EXPECT_EQ(d().name(p.bases[0]), "Observation");
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(d().compartment(d().type("Patient"), d().type("Observation")),
            (std::vector<std::string_view>{"subject", "performer"}));
  EXPECT_TRUE(d().compartment(d().type("Patient"), d().type("ValueSet")).empty());
}

TEST(Definitions, RefuseATableThatIsNotOfThisBuild) {
  alignas(16) static char bytes[200] = "1TSF";
  EXPECT_FALSE(Definitions::load({bytes, sizeof bytes}));
  EXPECT_FALSE(Definitions::load({bytes, 3}));
  const ByteView whole = embedded_definitions();
  EXPECT_FALSE(Definitions::load(whole.substr(0, whole.size() / 2)));
}

}  // namespace
}  // namespace salus::fhir
