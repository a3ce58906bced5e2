#include "fhir/document/document.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "fhir/data_for_test.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"

namespace salus::fhir {
namespace {

std::string why(std::string_view json, DocumentLimits limits = {}) {
  const auto read = read_json(json, Definitions::r4(), limits);
  return read ? "taken" : read.error().error().message;
}

std::string xml_why(std::string_view xml) {
  const auto read = read_xml(xml);
  return read ? "taken" : read.error().error().message;
}

// The same content after JSON -> XML -> JSON; empty when it is, else what went wrong.
std::string round_trip(const Document& document) {
  const std::string json = write_json(document);
  const auto again = read_json(json);
  if (!again) return "own JSON refused: " + again.error().error().message;
  if (!same(document, *again) || write_json(*again) != json) return "own JSON reads differently";
  const auto pretty = read_json(write_json(document, {.layout = Layout::pretty}));
  if (!pretty || write_json(*pretty) != json) return "pretty JSON reads differently";
  const auto xml = write_xml(document);
  if (!xml) return "no XML: " + xml.error().error().message;
  const auto back = read_xml(*xml);
  if (!back) return "own XML refused: " + back.error().error().message;
  const JsonStyle canonical{.order = MemberOrder::defined};
  if (!same(document, *back) || write_json(*back, canonical) != write_json(document, canonical))
    return "XML reads differently";
  return {};
}

// Where a member stands that no definition knows; empty when there is none.
std::string unknown(const Document& document, const Node& node) {
  if (node.type == TypeId::none) return document.location(node);
  for (const Node& child : document.children(node))
    if (std::string found = unknown(document, child); !found.empty()) return found;
  return {};
}

constexpr std::string_view patient =
    R"({"resourceType":"Patient","id":"p1","_birthDate":{"extension":[{"url":"u","valueString":"x"}]},)"
    R"("name":[{"given":[null,"Anna"],"_given":[{"id":"g"},null],"family":"X"},{"text":"Y"}],)"
    R"("birthDate":"1970","multipleBirthInteger":2,"contained":[{"resourceType":"Organization","id":"o"}]})";

TEST(Document, JoinsPrimitivesWithWhatStandsBesideThem) {
  const auto read = read_json(patient);
  ASSERT_TRUE(read) << read.error().error().message;
  const Node& name = *read->child(read->root(), "name");
  const auto children = read->children(name);
  ASSERT_EQ(children.size(), 3u);
  EXPECT_EQ(read->location(children[0]), "Patient.name[0].given[0]");
  EXPECT_EQ(children[0].shape, Shape::absent);
  EXPECT_EQ(read->text_of(children[0], read->definitions().known().id_name), "g");
  EXPECT_EQ(read->text(children[1]), "Anna");
  const Node& born = *read->child(read->root(), "birthDate");
  EXPECT_EQ(read->text(born), "1970");
  EXPECT_EQ(read->location(read->children(born)[0]), "Patient.birthDate.extension[0]");
  const Node& multiple = *read->child(read->root(), "multipleBirth");
  EXPECT_EQ(read->definitions().name(multiple.type), "integer");
  EXPECT_EQ(read->json_name(multiple), "multipleBirthInteger");
  const Node& contained = *read->child(read->root(), "contained");
  EXPECT_EQ(read->definitions().name(contained.type), "Organization");
  EXPECT_EQ(&read->resource_of(read->children(contained)[0]), &contained);
  EXPECT_EQ(round_trip(*read), "");
}

TEST(Document, KeepsDigitsOrderAndEveryCharacter) {
  const std::string text =
      R"({"resourceType":"Observation","valueQuantity":{"unit":"a\"b\\c\n\t€𝄞","value":1.00},"status":"final","code":{"text":"<&>"},)"
      R"("component":[{"code":{"text":"x"},"valueQuantity":{"value":-0.10e-3}}]})";
  const auto read = read_json(text);
  ASSERT_TRUE(read) << read.error().error().message;
  EXPECT_EQ(write_json(*read), text);
  EXPECT_EQ(round_trip(*read), "");
  const auto late = read_json(R"({"id":"a","resourceType":"Patient"})");
  ASSERT_TRUE(late);
  EXPECT_EQ(write_json(*late), R"({"resourceType":"Patient","id":"a"})");
}

// An element that is itself called resourceType is no type.
TEST(Document, ExampleScenarioHasAResourceTypeOfItsOwn) {
  const auto read = read_json(
      R"({"resourceType":"ExampleScenario","status":"draft","instance":[{"resourceId":"1","resourceType":"Patient"}]})");
  ASSERT_TRUE(read) << read.error().error().message;
  EXPECT_EQ(read->root().count, 2u);
  EXPECT_EQ(round_trip(*read), "");
}

TEST(Document, RefusesWhatIsNoFhirJson) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"({"resourceType":"Patient","name":[{"given":["A"]},{"family":"B","family":"C"}]})",
       "/name/1: The member 'family' stands twice (line 1, column 65)."},
      {"[]", "A resource is a JSON object (line 1, column 1)."},
      {R"({"resourceType":"Patient","_id":{"id":"a"},"_id":{"id":"a"}})",
       "The member '_id' stands twice (line 1, column 44)."},
      {"{\"resourceType\":\"Patient\",\n \"name\":[]}", "/name: An array has at least one value (line 2, column 10)."},
      {R"({"resourceType":"Patient","name":[{}]})", "/name/0: An object has at least one member (line 1, column 36)."},
      {R"({"resourceType":"Patient","birthDate":null})",
       "/birthDate: null stands only in arrays; leave the member out (line 1, column 39)."},
      {R"({"resourceType":"Patient","name":[{"given":[null]}]})",
       "/name/0: null stands only beside an id or extension, not in 'given' (line 1, column 51)."},
      {R"({"resourceType":"Patient","name":[["a"]]})",
       "/name/0: FHIR has no arrays within arrays (line 1, column 35)."},
      {R"({"resourceType":"Patient","id":"a\u0000"})",
       "/id: FHIR strings have no control characters but tab, CR and LF (line 1, column 40)."},
      {R"({"resourceType":"Patient","id":"\ud800"})", "/id: Half a surrogate pair (line 1, column 39)."},
      {R"({"resourceType":"Patient"} x)", "Nothing may follow the resource (line 1, column 28)."},
      {R"({"resourceType":"Patient","multipleBirthInteger":01})",
       "/multipleBirthInteger: This is no JSON value (line 1, column 51)."},
      {R"({"resourceType":"Patients"})", "'resourceType' names no resource type of FHIR R4."},
      {R"({"resourceType":"Patient","contained":[{"id":"a"}]})",
       "Patient.contained[0]: A resource names its type in 'resourceType'."},
      {R"({"resourceType":"DomainResource"})", "'resourceType' names no resource type of FHIR R4."},
      {R"({"resourceType":"Patient","_name":[{"id":"1"}],"name":[{"text":"x"}]})",
       "/name: Only a primitive has an object with '_' beside it (line 1, column 69)."},
  };
  for (const auto& [json, message] : rows) EXPECT_EQ(why(json), message) << json;
}

TEST(Document, BoundsDepthSizeMembersAndDigits) {
  const auto deep = [](int n) {
    std::string text = R"({"resourceType":"Patient","extension":[)";
    for (int i = 0; i < n; ++i) text += R"({"url":"u","extension":[)";
    text += R"({"url":"u","valueBoolean":true})";
    for (int i = 0; i < n; ++i) text += "]}";
    return text + "]}";
  };
  EXPECT_EQ(why(deep(97)), "taken");
  EXPECT_NE(why(deep(99)).find("nested too deeply"), std::string::npos);
  EXPECT_NE(why(std::string(100'000, '[')).find("is a JSON object"), std::string::npos);
  std::string brackets;
  for (int i = 0; i < 100'000; ++i) brackets += R"({"a":)";
  EXPECT_NE(why(brackets).find("nested too deeply"), std::string::npos);
  std::string wide = R"({"resourceType":"Patient")";
  for (int i = 0; i < 300; ++i) wide += ",\"x" + std::to_string(i) + "\":1";
  EXPECT_NE(why(wide + "}").find("too many members"), std::string::npos);
  const std::string digits(100'000, '9');
  EXPECT_NE(why(R"({"resourceType":"Patient","multipleBirthInteger":)" + digits + "}").find("too many digits"),
            std::string::npos);
  EXPECT_NE(why(R"({"resourceType":"Patient","multipleBirthInteger":1e99999})").find("out of all bounds"),
            std::string::npos);
  EXPECT_NE(why(patient, {.nodes_max = 5}).find("too many elements"), std::string::npos);
  EXPECT_NE(why(patient, {.bytes_max = 50}).find("more bytes"), std::string::npos);
}

TEST(Document, ReadsXmlAsItsJson) {
  const auto read = read_xml(R"(<?xml version="1.0" encoding="UTF-8"?>
<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b">
  <!-- a comment --><f:id value="p1"/>
  <f:text><f:status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b> &amp; c</div></f:text>
  <f:contained><f:Organization><f:active value="true"/></f:Organization></f:contained>
  <f:name id="n"><f:given value="Anna"/><f:given><f:extension url="u"><f:valueDecimal value="1.00"/></f:extension></f:given></f:name>
</f:Patient>)");
  ASSERT_TRUE(read) << read.error().error().message;
  EXPECT_EQ(
      write_json(*read),
      R"({"resourceType":"Patient","id":"p1","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">A <b>b</b> &amp; c</div>"},)"
      R"("contained":[{"resourceType":"Organization","active":true}],)"
      R"("name":[{"id":"n","given":["Anna",null],"_given":[null,{"extension":[{"url":"u","valueDecimal":1.00}]}]}]})");
  EXPECT_EQ(round_trip(*read), "");
}

// Hostile input 14: nothing of a document type is looked at, so nothing can be fetched or expanded.
TEST(Document, RefusesHostileXml) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"(<!DOCTYPE Patient SYSTEM "http://127.0.0.1:1/x.dtd"><Patient xmlns="http://hl7.org/fhir"/>)",
       "A document type is not taken"},
      {R"(<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"><id value="&e;"/></Patient>)",
       "A document type is not taken"},
      {R"(<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>)",
       "A document type is not taken"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><id value="&e;"/></Patient>)", "undefined entity"},
      {R"(<Patient xmlns="http://hl7.org/fhir"/><Patient xmlns="http://hl7.org/fhir"/>)", "not well-formed"},
      {R"(<Patient><id value="a"/></Patient>)", "resource of FHIR R4, in its namespace"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><foo value="a"/></Patient>)", "Patient: There is no such element here"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><id value="a" foo="b"/></Patient>)", "There is no such attribute here"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><active value="yes"/></Patient>)", "A boolean is true or false"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><multipleBirthInteger value="+1"/></Patient>)", "This is no number"},
      {R"(<Patient xmlns="http://hl7.org/fhir">text</Patient>)", "Text stands between elements"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><name/></Patient>)", "An element is not empty"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><contained/></Patient>)", "A resource is missing here"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><contained><Patient/><Patient/></contained></Patient>)",
       "Here stands one resource"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><x:a xmlns:x="u"/></div></text></Patient>)",
       "of XHTML alone"},
      {R"(<Patient xmlns="http://hl7.org/fhir"><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">a</div><div xmlns="http://www.w3.org/1999/xhtml">a</div></text></Patient>)",
       "A narrative holds one div"},
      {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Patient xmlns=\"http://hl7.org/fhir\"/>",
       "The encoding is UTF-8"},
  };
  for (const auto& [xml, part] : rows)
    EXPECT_NE(xml_why(xml).find(part), std::string::npos) << xml << "\n" << xml_why(xml);
}

// A narrative is outside text: what would end its element early or smuggle in others is not written.
TEST(Document, WritesNoXmlThatSaysSomethingElse) {
  for (const std::string_view div :
       {"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\"></div><x/>", "plain", "<div>no namespace</div>"}) {
    const auto read = read_json(std::string{R"({"resourceType":"Patient","text":{"status":"empty","div":")"} +
                                std::string{div} + "\"}}");
    ASSERT_TRUE(read);
    EXPECT_FALSE(write_xml(*read)) << div;
  }
  const auto unknown = read_json(R"({"resourceType":"Patient","foo":1})");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(write_xml(*unknown).error().location, "Patient.foo");
}

TEST(Document, EverySyntheaBundleRoundTrips) {
  const auto files = files_of(data_folder() / "synthea");
  if (files.empty()) GTEST_SKIP() << "no data at " << data_folder();
  std::size_t bytes = 0, nodes = 0;
  for (const auto& file : files) {
    const std::string text = read_bz2(file);
    const auto read = read_json(text);
    ASSERT_TRUE(read) << file << ": " << read.error().error().message;
    EXPECT_EQ(round_trip(*read), "") << file;
    EXPECT_EQ(unknown(*read, read->root()), "") << file;
    bytes += text.size();
    nodes += read->size();
  }
  std::printf("%zu bundles, %zu bytes, %zu nodes\n", files.size(), bytes, nodes);
}

TEST(Document, EveryInputOfTheFhirpathCasesRoundTrips) {
  const auto files = files_of(data_folder() / "fhirpath/input");
  if (files.empty()) GTEST_SKIP() << "no data at " << data_folder();
  for (const auto& file : files) {
    const auto read = read_document(read_file(file));
    ASSERT_TRUE(read) << file << ": " << read.error().error().message;
    EXPECT_EQ(round_trip(*read), "") << file;
  }
}

}  // namespace
}  // namespace salus::fhir
