#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

using http::Method;

class DocumentTest : public RestTest {
 protected:
  void fill() {
    put("/fhir/Organization/clinic", R"({"resourceType":"Organization","id":"clinic","name":"Clinic"})");
    put("/fhir/Patient/p",
        R"({"resourceType":"Patient","id":"p","managingOrganization":{"reference":"Organization/clinic"},)"
        R"("generalPractitioner":[{"reference":"Practitioner/unknown"}]})");
    put("/fhir/Practitioner/d", R"({"resourceType":"Practitioner","id":"d"})");
    put("/fhir/Observation/o",
        R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},)"
        R"("derivedFrom":[{"reference":"http://salus.test/fhir/Observation/base"}]})");
    put("/fhir/Observation/base", R"({"resourceType":"Observation","id":"base","status":"final","code":{"text":"y"}})");
    put("/fhir/Observation/other",
        R"({"resourceType":"Observation","id":"other","status":"final","code":{"text":"z"}})");
    put("/fhir/Composition/c", composition("c", "Observation/o"));
  }
  static std::string composition(std::string_view id, std::string_view entry) {
    return fmt::format(
        R"({{"resourceType":"Composition","id":"{}","status":"final","type":{{"text":"note"}},"date":"2026-03-01","title":"Note",)"
        R"("subject":{{"reference":"Patient/p"}},"author":[{{"reference":"Practitioner/d"}},{{"reference":"https://elsewhere.test/fhir/Practitioner/e"}}],)"
        R"("section":[{{"entry":[{{"reference":"{}"}}]}}]}})",
        id, entry);
  }
  static std::string urls(const json::value& bundle) {
    std::string out;
    for (const json::value& entry : bundle.at("entry").as_array())
      out += std::string(entry.at("fullUrl").as_string()).substr(std::string("http://salus.test/fhir/").size()) + " ";
    return out;
  }
};

TEST_F(DocumentTest, HoldsTheCompositionFirstAndAllThatIsReferredTo) {
  fill();
  const auto answered = get("/fhir/Composition/c/$document");
  ASSERT_EQ(answered.status, 200) << text(answered);
  const json::value bundle = parsed(answered);
  EXPECT_EQ(bundle.at("type"), "document");
  EXPECT_EQ(bundle.at("timestamp"), "2026-03-01T08:00:00.000Z");
  EXPECT_EQ(bundle.at("identifier").at("system"), "urn:ietf:rfc:3986");
  EXPECT_EQ(urls(bundle), "Composition/c Observation/o Patient/p Practitioner/d Observation/base Organization/clinic ");
  EXPECT_EQ(urls(parsed(get("/fhir/Composition/$document?id=c"))), urls(bundle));
  EXPECT_EQ(urls(parsed(get("/fhir/Composition/$document?id=http://salus.test/fhir/Composition/c"))), urls(bundle));
  EXPECT_EQ(urls(parsed(post("/fhir/Composition/c/$document", ""))), urls(bundle));
  auto document = read_json(text(answered));
  ASSERT_TRUE(document);
  for (const auto& finding : validation::validate(*document, {}))
    EXPECT_NE(finding.severity, validation::Severity::error) << finding.location << ": " << finding.message;
  EXPECT_TRUE(text(get("/fhir/Composition/c/$document?_format=xml")).starts_with("<"));
}

TEST_F(DocumentTest, IsStoredWhenAskedTo) {
  fill();
  const auto stored = post("/fhir/Composition/c/$document?persist=true", "");
  ASSERT_EQ(stored.status, 201) << text(stored);
  const std::string location(stored.header("location"));
  EXPECT_TRUE(location.starts_with("http://salus.test/fhir/Bundle/")) << location;
  EXPECT_EQ(text(get(location.substr(std::string("http://salus.test").size()))), text(stored));
  EXPECT_EQ(parsed(get("/fhir/Bundle?type=document&_summary=count")).at("total"), 1);
  EXPECT_EQ(parsed(get("/fhir/Bundle?composition=Composition/c&_summary=count")).at("total"), 1);
  get("/fhir/Composition/c/$document");
  EXPECT_EQ(parsed(get("/fhir/Bundle?_summary=count")).at("total"), 1);
}

TEST_F(DocumentTest, AsTheRecordStood) {
  fill();
  const std::string version(parsed(get("/fhir/Composition/c")).at("meta").at("versionId").as_string());
  put("/fhir/Composition/c", composition("c", "Observation/other"));
  EXPECT_NE(urls(parsed(get("/fhir/Composition/c/$document"))).find("Observation/other"), std::string::npos);
  EXPECT_EQ(urls(parsed(get("/fhir/Composition/c/$document?_asOf=" + version))).find("Observation/other"),
            std::string::npos);
}

TEST_F(DocumentTest, WhatIsWrongIsSaid) {
  fill();
  put("/fhir/Composition/broken", composition("broken", "Observation/none"));
  for (const auto& [response, status, says] : std::vector<std::tuple<http::Response, int, std::string>>{
           {get("/fhir/Composition/none/$document"), 404, "no such Composition"},
           {get("/fhir/Composition/$document"), 400, "needs the Composition"},
           {get("/fhir/Composition/c/$document?graph=http://x"), 400, "knows no `graph`"},
           {get("/fhir/Composition/c/$document?persist=true"), 400, "by POST"},
           {get("/fhir/Composition/c/$document?persist=yes"), 400, "true or false"},
           {get("/fhir/Composition/c/$document?depth=1"), 400, "not 'depth'"},
           {get("/fhir/Composition/broken/$document"), 422, "refers to Observation/none"}}) {
    EXPECT_EQ(response.status, status) << text(response);
    EXPECT_NE(text(response).find(says), std::string::npos) << text(response);
  }
}

}  // namespace
}  // namespace salus::fhir
