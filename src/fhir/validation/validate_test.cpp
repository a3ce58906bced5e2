#include "fhir/validation/validate.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <cstdio>
#include <map>
#include <sstream>

#include "fhir/data_for_test.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/validation/rules.hpp"

namespace salus::fhir::validation {
namespace {

const Definitions& d() {
  return Definitions::r4();
}

// "error value Patient.birthDate" of each finding, with the rule where there is one.
std::vector<std::string> shown(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& f : findings)
    lines.push_back(
        fmt::format("{} {} {}{}{}", name(f.severity), name(f.kind), f.location, f.rule.empty() ? "" : " ", f.rule));
  return lines;
}

std::vector<std::string> found(std::string_view json, const Options& options = {}) {
  const auto document = read_json(json);
  EXPECT_TRUE(document) << json << document.error().message;
  return shown(validate(*document, options));
}

using Lines = std::vector<std::string>;

TEST(Validation, FindsWhatIsWrongAndWhere) {
  const std::pair<std::string_view, Lines> rows[] = {
      {R"({"resourceType":"Patient"})", {}},
      {R"({"resourceType":"Patient","nme":[{"family":"A"}]})", {"error structure Patient.nme[0]"}},
      {R"({"resourceType":"Patient","birthDate":"2023-02-29"})", {"error value Patient.birthDate"}},
      {R"({"resourceType":"Patient","birthDate":"2024-02-29"})", {}},
      {R"({"resourceType":"Patient","birthDate":"24-02-29"})", {"error value Patient.birthDate"}},
      {R"({"resourceType":"Patient","birthDate":["2024"]})", {"error structure Patient.birthDate"}},
      {R"({"resourceType":"Patient","name":{"family":"A"}})", {"error structure Patient.name[0]"}},
      {R"({"resourceType":"Patient","active":"true"})", {"error value Patient.active"}},
      {R"({"resourceType":"Patient","maritalStatus":"M"})", {"error structure Patient.maritalStatus"}},
      {R"({"resourceType":"Patient","birthDate":{"value":"M"}})", {"error structure Patient.birthDate"}},
      {R"({"resourceType":"Patient","name":[{"family":"A","given":["B",""]}]})",
       {"error value Patient.name[0].given[1]"}},
      {R"({"resourceType":"Patient","deceasedBoolean":false,"deceasedDateTime":"2020"})",
       {"error structure Patient.deceased"}},
      {R"({"resourceType":"Patient","multipleBirthInteger":1.5})", {"error value Patient.multipleBirth"}},
      {R"({"resourceType":"Patient","id":"a b"})", {"error value Patient.id"}},
      {R"({"resourceType":"Patient","gender":"m"})", {"error code-invalid Patient.gender"}},
      {R"({"resourceType":"Patient","contact":[{"gender":"male"}]})", {"error invariant Patient.contact[0] pat-1"}},
      {R"({"resourceType":"Patient","communication":[{"preferred":true}]})",
       {"error required Patient.communication[0]"}},
      {R"({"resourceType":"Patient","photo":[{"contentType":"image"}]})",
       {"error code-invalid Patient.photo[0].contentType"}},
      {R"({"resourceType":"Patient","photo":[{"data":"QUJ","contentType":"image/png"}]})",
       {"error value Patient.photo[0].data"}},
      {R"({"resourceType":"Patient","extension":[{"valueString":"x"}]})", {"error required Patient.extension[0]"}},
      {R"({"resourceType":"Patient","extension":[{"url":"http://e"}]})",
       {"error invariant Patient.extension[0] ext-1"}},
      {R"({"resourceType":"Patient","name":[{"id":"n"}]})", {"error invariant Patient.name[0] ele-1"}},
      {R"({"resourceType":"Patient","_birthDate":{"id":"n"}})", {"error invariant Patient.birthDate ele-1"}},
      {R"({"resourceType":"Patient","_birthDate":{"foo":"n"}})", {"error structure Patient.birthDate.foo"}},
      {R"({"resourceType":"Patient","managingOrganization":{"reference":"Practitioner/1"}})",
       {"error value Patient.managingOrganization.reference"}},
      {R"({"resourceType":"Patient","managingOrganization":{"reference":"http://a.b/fhir/Organization/1/_history/2"}})",
       {}},
      {R"({"resourceType":"Patient","managingOrganization":{"reference":"Organisation/1"}})",
       {"error value Patient.managingOrganization.reference"}},
      {R"({"resourceType":"Patient","managingOrganization":{"reference":"Practitioner?identifier=a|b"}})",
       {"error value Patient.managingOrganization.reference"}},
      {R"({"resourceType":"Patient","managingOrganization":{"type":"Device","display":"x"}})",
       {"error value Patient.managingOrganization"}},
      {R"({"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Organization","id":"o","name":"x"}]})",
       {}},
      {R"({"resourceType":"Patient","managingOrganization":{"reference":"#p"},"contained":[{"resourceType":"Organization","id":"o","name":"x"}]})",
       {"error invariant Patient.managingOrganization ref-1", "error invariant Patient dom-3"}},
      {R"({"resourceType":"Patient","generalPractitioner":[{"reference":"#o"}],"contained":[{"resourceType":"Device","id":"o","udiCarrier":[{"foo":1}]}]})",
       {"error value Patient.generalPractitioner[0].reference",
        "error structure Patient.contained[0].udiCarrier[0].foo"}},
      {R"({"resourceType":"Observation","status":"final"})", {"error required Observation"}},
      {R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1},"dataAbsentReason":{"text":"u"}})",
       {"error invariant Observation obs-6"}},
      {R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"effectivePeriod":{"start":"2020-02","end":"2019"}})",
       {"error invariant Observation.effective per-1"}},
      {R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"component":[{"valueInteger":1,"valueString":"a"}]})",
       {"error structure Observation.component[0].value", "error required Observation.component[0]"}},
      {R"({"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"on"}]}})",
       {"error code-invalid Condition.clinicalStatus"}},
      {R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Device"}},)"
       R"({"fullUrl":"urn:uuid:2","resource":{"resourceType":"Patient","birthDate":"x","managingOrganization":{"reference":"urn:uuid:1"}}}]})",
       {"error value Bundle.entry[1].resource.birthDate",
        "error value Bundle.entry[1].resource.managingOrganization.reference"}},
      {R"({"resourceType":"Patient","text":{"status":"generated","div":"<p>x</p>"}})",
       {"error value Patient.text.div"}},
  };
  for (const auto& [json, wanted] : rows) EXPECT_EQ(found(json), wanted) << json;
}

TEST(Validation, NarrativesAreFormattedTextAlone) {
  const auto narrative = [](std::string_view inner) {
    std::string quoted;
    write_json_string(fmt::format("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", inner), quoted);
    return found(fmt::format(R"({{"resourceType":"Patient","text":{{"status":"generated","div":{}}}}})", quoted));
  };
  for (const std::string_view right :
       {"x", "<p class=\"a\" style=\"color:red\">x<br/></p>",
        "<table border=\"1\"><tr><td colspan=\"2\">x</td></tr></table>", "<a href=\"#a\">x</a>",
        "<a name=\"a\" href=\"http://a/b\"> x</a>", "<img src=\"data:image/png;base64,AA==\" alt=\"x\"/>"})
    EXPECT_EQ(narrative(right), Lines{}) << right;
  for (const std::string_view wrong :
       {"x<script>alert(1)</script>", "<p onclick=\"a()\">x</p>", "<a href=\"javascript:a()\">x</a>",
        "<a href=\" Java&#10;Script:a()\">x</a>", "x<iframe src=\"http://a\"/>", "x<form/>", "x<object data=\"a\"/>",
        "<a href=\"data:text/html,x\">x</a>", "x<ins>y</ins>"})
    EXPECT_EQ(narrative(wrong), (Lines{"error invariant Patient.text.div txt-1"})) << wrong;
  EXPECT_EQ(narrative(" <p> </p>"), (Lines{"error invariant Patient.text.div txt-2"}));
}

TEST(Validation, SettingsTurnPartsOffOrDown) {
  constexpr std::string_view json =
      R"({"resourceType":"Patient","gender":"m","birthDate":"x","contact":[{"gender":"male"}],"managingOrganization":{"reference":"Device/1"}})";
  EXPECT_EQ(found(json).size(), 4u);
  EXPECT_TRUE(
      found(json, {.structure = Check::off, .bindings = Check::off, .references = Check::off, .invariants = Check::off})
          .empty());
  for (const std::string& line :
       found(json,
             {.structure = Check::warn, .bindings = Check::warn, .references = Check::warn, .invariants = Check::warn}))
    EXPECT_TRUE(line.starts_with("warning")) << line;
  EXPECT_EQ(found(R"({"resourceType":"Patient"})", {.best_practices = true}),
            (Lines{"warning invariant Patient dom-6"}));
  EXPECT_EQ(found(json, {.findings_max = 1}), (Lines{"error code-invalid Patient.gender", "information too-costly "}));
}

TEST(Validation, SaysNoValuesOfAPatient) {
  const auto document = read_json(
      R"({"resourceType":"Patient","gender":"secret","birthDate":"secret","id":"se cret","name":[{"family":["secret"]}],)"
      R"("managingOrganization":{"reference":"Secret/1"},"photo":[{"contentType":"secret"}]})");
  for (const Finding& finding : validate(*document))
    EXPECT_EQ((finding.message + finding.location).find("ecret"), std::string::npos) << finding.message;
}

// What is not checked here is listed, with the reason.
TEST(Validation, WhatIsNotCheckedIsListed) {
  std::istringstream lines{read_file(std::filesystem::path(SALUS_SOURCE_DIR) / "src/fhir/validation/not_checked.txt")};
  std::vector<std::string> listed, actual = Rules::r4().skipped();
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line[0] != '#') listed.push_back(line.substr(0, line.find(": ")));
  for (std::uint32_t i = 1; i < d().type_count(); ++i) {
    const table::Rows rows = d().elements(TypeId{i});
    for (std::uint32_t e = rows.first; e < rows.first + rows.count; ++e) {
      const Element element = d().element(ElementId{e});
      if (element.binding == Binding::required && !d().value_set(element.value_set))
        actual.emplace_back(element.value_set.substr(0, element.value_set.find('|')));
    }
  }
  std::ranges::sort(actual);
  actual.erase(std::unique(actual.begin(), actual.end()), actual.end());
  std::ranges::sort(listed);
  EXPECT_EQ(actual, listed);
}

// Invariants that are answered without FHIRPath, for every element of `document`.
void compare_native(const Document& document, std::size_t& compared) {
  static const std::map<std::string, path::Expression> expressions = [] {
    std::map<std::string, path::Expression> made;
    for (const char* type : {"Extension", "Reference", "Patient", "Period"})
      for (const Invariant& invariant : d().invariants(d().type(type)))
        made.emplace(invariant.key, *path::Expression::compile(invariant.expression));
    return made;
  }();
  const auto truth = [&](const Node& node, const char* key) {
    const auto result = expressions.at(key).evaluate(document, node);
    EXPECT_TRUE(result);
    return result->empty() || path::boolean_of(result->front()) == true;
  };
  const auto& known = d().known();
  for (std::uint32_t i = 0; i < document.size(); ++i) {
    const Node& node = document.node(i);
    if (node.element == ElementId::none) continue;
    ++compared;
    std::uint32_t ids = 0;
    for (const Node& child : document.children(node)) ids += child.name == known.id_name ? 1 : 0;
    EXPECT_EQ(truth(node, "ele-1"), node.has_value() || node.count > ids) << document.location(node);
    if (node.type == known.extension)
      EXPECT_EQ(truth(node, "ext-1"), (document.child(node, known.extension_name) != nullptr) !=
                                          (document.child(node, known.value) != nullptr));
    if (node.type == known.reference && !document.text_of(node, known.reference_name).starts_with('#'))
      EXPECT_TRUE(truth(node, "ref-1")) << document.location(node);
    if (node.type == d().type("Period") &&
        (document.child(node, "start") == nullptr || document.child(node, "end") == nullptr))
      EXPECT_TRUE(truth(node, "per-1"));
    if (d().is_resource(node.type) && document.child(node, known.contained) == nullptr)
      for (const char* key : {"dom-2", "dom-4", "dom-5"}) EXPECT_TRUE(truth(node, key));
  }
}

TEST(Validation, NativeInvariantsOfBundlesAnswerAsFhirPathDoes) {
  std::map<std::string, path::Expression> expressions;
  for (const Invariant& invariant : d().invariants(d().type("Bundle")))
    expressions.emplace(invariant.key, *path::Expression::compile(invariant.expression));
  for (const char* type :
       {"batch", "transaction", "history", "batch-response", "transaction-response", "searchset", "document"})
    for (const char* entry :
         {R"({"request":{"method":"GET","url":"a"}})", R"({"response":{"status":"200"}})",
          R"({"request":{"method":"GET","url":"a"},"response":{"status":"200"}})", R"({"fullUrl":"a"})"}) {
      const std::string json =
          fmt::format(R"({{"resourceType":"Bundle","type":"{}","entry":[{},{}]}})", type, entry, entry);
      const auto bundle = read_json(json);
      const Lines lines = shown(validate(*bundle));
      for (const std::string key : {"bdl-3", "bdl-4"}) {
        const auto wanted = expressions.at(key).evaluate(*bundle);
        ASSERT_TRUE(wanted);
        EXPECT_EQ(std::ranges::find(lines, "error invariant Bundle " + key) == lines.end(),
                  path::boolean_of(wanted->front()))
            << json << key;
      }
    }
}

TEST(Validation, NativeInvariantsAnswerAsFhirPathDoes) {
  std::size_t compared = 0;
  for (
      const std::string_view json :
      {R"({"resourceType":"Patient","extension":[{"url":"a"},{"url":"a","valueString":"b"},{"url":"a","extension":[{"url":"c"}]},)"
       R"({"url":"a","valueString":"b","extension":[{"url":"c","valueInteger":1}]}],"name":[{"id":"x"},{"id":"x","family":"f"}],)"
       R"("_birthDate":{"id":"b"},"_gender":{"extension":[{"url":"x","valueCode":"y"}]},"identifier":[{"period":{"start":"2020"}},{"period":{"end":"2020"}},{"period":{"id":"p"}}],)"
       R"("managingOrganization":{"display":"x"},"generalPractitioner":[{"reference":"Practitioner/1"},{"id":"x"},{"reference":"http://a/#b"}]})"})
    compare_native(*read_json(json), compared);
  const auto files = files_of(data_folder() / "synthea");
  if (!files.empty()) compare_native(*read_json(read_bz2(files.back())), compared);
  std::printf("%zu elements compared\n", compared);
}

TEST(Validation, PrimitivesAreAsTheDefinitionsSay) {
  constexpr std::string_view texts[] = {"",
                                        "a",
                                        "A",
                                        " a",
                                        "a ",
                                        "a b",
                                        "a  b",
                                        "a\tb",
                                        "a\n",
                                        "0",
                                        "-0",
                                        "00",
                                        "01",
                                        "7",
                                        "-7",
                                        "+7",
                                        "1.0",
                                        "1e3",
                                        "true",
                                        "TRUE",
                                        "1234567890123456789012345678901234567890123456789012345678901234",
                                        "12345678901234567890123456789012345678901234567890123456789012345",
                                        "a_b",
                                        "a.b-C",
                                        "2020",
                                        "2020-13",
                                        "2020-12",
                                        "2020-12-31",
                                        "2020-12-32",
                                        "0000",
                                        "2020-01-01T00:00:00Z",
                                        "2020-01-01T24:00:00Z",
                                        "2020-01-01T23:59:60.123+14:00",
                                        "2020-01-01T23:59",
                                        "2020-01-01T23:59:59",
                                        "12:00:00",
                                        "12:00",
                                        "24:00:00",
                                        "urn:oid:1.2.3",
                                        "urn:oid:3.1",
                                        "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
                                        "urn:uuid:C757873D-EC9A-4326-A141-556F43239520",
                                        "http://a/b?c#d",
                                        "\xC3\xA4\xE4\xBD\xA0"};
  std::size_t compared = 0;
  for (std::uint32_t i = 1; i < d().type_count(); ++i) {
    const TypeId type{i};
    if (!d().is_primitive(type) || d().regex(type).empty() || d().name(type) == "base64Binary" ||
        d().name(type) == "decimal")
      continue;
    const RE2 pattern{std::string{d().regex(type)}};
    ASSERT_TRUE(pattern.ok());
    const Primitive primitive = primitive_of(d().name(type));
    const Shape shape = primitive == Primitive::boolean                                      ? Shape::boolean
                        : primitive >= Primitive::integer && primitive <= Primitive::decimal ? Shape::number
                                                                                             : Shape::string;
    for (const std::string_view text : texts) {
      if (shape == Shape::number && text.size() > 60) continue;         // the pattern knows no 32 bits
      if (primitive == Primitive::boolean && text != "true") continue;  // the readers give no others
      if (primitive == Primitive::integer && text == "-0") continue;    // JSON's number
      const bool wanted = !text.empty() && RE2::FullMatch(std::string{text}, pattern);
      EXPECT_EQ(check_primitive(primitive, shape, text) == nullptr, wanted) << d().name(type) << " '" << text << "'";
      ++compared;
    }
  }
  EXPECT_GT(compared, 500u);
}

// Synthea's resources are right.
TEST(Validation, TakesAllOfSynthea) {
  const auto files = files_of(data_folder() / "synthea");
  if (files.empty()) GTEST_SKIP() << "no data at " << data_folder();
  std::size_t resources = 0;
  for (const auto& file : files) {
    const auto bundle = read_json(read_bz2(file));
    ASSERT_TRUE(bundle);
    for (const Node& entry : bundle->children(bundle->root())) resources += entry.name == d().known().entry ? 1 : 0;
    const auto findings = validate(*bundle);
    EXPECT_TRUE(findings.empty()) << file.filename() << ": " << shown(findings).front() << ": "
                                  << findings.front().message;
  }
  EXPECT_EQ(files.size(), 62u);
  std::printf("%zu resources of %zu bundles without a finding\n", resources, files.size());
}

}  // namespace
}  // namespace salus::fhir::validation
