// The operations on terminology, and what asks it: searches, FHIRPath, $validate.
#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

class TermsRest : public RestTest {
 protected:
  void SetUp() override {
    RestTest::SetUp();
    put("/fhir/CodeSystem/cs",
        R"({"resourceType":"CodeSystem","id":"cs","url":"urn:cs","version":"1","status":"active","content":"complete",
      "name":"Things","concept":[{"code":"a","display":"A","concept":[{"code":"b","display":"B"},{"code":"c","display":"C"}]},{"code":"d","display":"D"}]})");
    put("/fhir/ValueSet/vs",
        R"({"resourceType":"ValueSet","id":"vs","url":"urn:vs","status":"active","compose":{"include":[
      {"system":"urn:cs","filter":[{"property":"concept","op":"is-a","value":"a"}]}]}})");
    for (const char* code : {"a", "b", "d"})
      put(fmt::format("/fhir/Observation/{}", code),
          fmt::format(
              R"({{"resourceType":"Observation","id":"{0}","status":"{1}","code":{{"coding":[{{"system":"urn:cs","code":"{0}"}}]}},"subject":{{"reference":"Patient/p"}}}})",
              code, code[0] == 'd' ? "preliminary" : "final"));
    put("/fhir/Observation/other",
        R"({"resourceType":"Observation","id":"other","status":"final","code":{"coding":[{"system":"urn:else","code":"a"}]}})");
  }
  std::string found(const std::string& query) {
    const auto response = get("/fhir/" + query);
    if (response.status != 200) return std::to_string(response.status) + ' ' + text(response);
    std::string out;
    const json::value bundle = parsed(response);
    if (const json::value* entries = bundle.as_object().if_contains("entry"))
      for (const json::value& entry : entries->as_array())
        out += std::string(entry.at("resource").at("id").as_string()) + ' ';
    return out;
  }
  // name=value of each parameter of an answer.
  static std::string said(const http::Response& response) {
    std::string out;
    const json::value answer = parsed(response);
    if (answer.at("resourceType") != "Parameters") return std::to_string(response.status);
    for (const json::value& parameter : answer.at("parameter").as_array())
      for (const auto& [name, value] : parameter.as_object())
        if (name != "name")
          out += std::string(parameter.at("name").as_string()) + '=' +
                 (value.is_string() ? std::string(value.as_string()) : json::serialize(value)) + ' ';
    return out;
  }
};

TEST_F(TermsRest, ValueSets) {
  const json::value expanded = parsed(get("/fhir/ValueSet/$expand?url=urn:vs&count=2"));
  EXPECT_EQ(expanded.at("expansion").at("total"), 3);
  EXPECT_EQ(expanded.at("expansion").at("contains").as_array().size(), 2u);
  EXPECT_EQ(
      parsed(get("/fhir/ValueSet/vs/$expand?filter=b")).at("expansion").at("contains").as_array()[0].at("display"),
      "B");
  const auto posted =
      post("/fhir/ValueSet/$expand", R"({"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":
    {"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender"}]}}},{"name":"offset","valueInteger":1}]})");
  ASSERT_EQ(posted.status, 200) << text(posted);
  EXPECT_EQ(parsed(posted).at("expansion").at("contains").as_array().size(), 3u);
  EXPECT_EQ(get("/fhir/ValueSet/$expand?url=urn:none").status, 404);
  EXPECT_EQ(get("/fhir/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender%7C4.0.1").status, 200);
  EXPECT_EQ(get("/fhir/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender%7C9").status, 404);
  EXPECT_EQ(get("/fhir/CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&version=9&code=male").status,
            404);
  EXPECT_EQ(get("/fhir/ValueSet/$expand").status, 400);
  EXPECT_EQ(get("/fhir/ValueSet/$expand?url=urn:vs&colour=red").status, 400);
  EXPECT_EQ(get("/fhir/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/observation-codes").status, 404)
      << "LOINC is not here";
  EXPECT_EQ(said(get("/fhir/ValueSet/$validate-code?url=urn:vs&system=urn:cs&code=b")), "result=true display=B ");
  EXPECT_EQ(said(get("/fhir/ValueSet/vs/$validate-code?code=b&display=X")),
            "result=false message=The display of urn:cs|b is 'B'. display=B ");
  EXPECT_EQ(said(get("/fhir/ValueSet/$validate-code?url=urn:vs&system=urn:cs&code=d")),
            "result=false message=The code 'd' of urn:cs is not in the value set urn:vs. ");
  EXPECT_EQ(said(post("/fhir/ValueSet/$validate-code",
                      R"({"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"urn:vs"},
    {"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"x","code":"y"},{"system":"urn:cs","code":"c"}]}}]})")),
            "result=true display=C ");
  EXPECT_TRUE(said(get("/fhir/ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/observation-codes&system=http://"
                       "loinc.org&code=1"))
                  .starts_with("result=false message=The codes of http://loinc.org are not here"));
}

TEST_F(TermsRest, CodeSystemsAndMaps) {
  EXPECT_EQ(
      said(get("/fhir/CodeSystem/$lookup?system=urn:cs&code=b")),
      R"(name=Things version=1 display=B property=[{"name":"code","valueCode":"parent"},{"name":"value","valueCode":"a"},{"name":"description","valueString":"A"}] )");
  EXPECT_EQ(get("/fhir/CodeSystem/$lookup?system=urn:cs&code=z").status, 404);
  EXPECT_EQ(get("/fhir/CodeSystem/$lookup?system=http://snomed.info/sct&code=1").status, 404);
  EXPECT_EQ(
      said(get("/fhir/CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=male&property=display")),
      "name=AdministrativeGender version=4.0.1 display=Male ");
  EXPECT_EQ(said(get("/fhir/CodeSystem/$validate-code?url=urn:cs&code=b")), "result=true display=B ");
  EXPECT_EQ(said(get("/fhir/CodeSystem/$validate-code?url=urn:cs&code=z")),
            "result=false message=The code 'z' is not in urn:cs. ");
  EXPECT_EQ(said(get("/fhir/CodeSystem/cs/$validate-code?code=d")), "result=true display=D ");
  for (const auto& [query, expected] :
       std::vector<std::pair<std::string, std::string>>{{"codeA=a&codeB=b", "subsumes"},
                                                        {"codeA=b&codeB=a", "subsumed-by"},
                                                        {"codeA=b&codeB=b", "equivalent"},
                                                        {"codeA=b&codeB=c", "not-subsumed"}})
    EXPECT_EQ(said(get("/fhir/CodeSystem/$subsumes?system=urn:cs&" + query)), "outcome=" + expected + ' ');
  EXPECT_EQ(get("/fhir/CodeSystem/$subsumes?system=urn:cs&codeA=a").status, 400);
  put("/fhir/ConceptMap/m",
      R"({"resourceType":"ConceptMap","id":"m","url":"urn:m","status":"active","group":[{"source":"urn:cs","target":"urn:t",
    "element":[{"code":"a","target":[{"code":"x","equivalence":"equivalent"}]}]}]})");
  for (const char* where :
       {"/fhir/ConceptMap/$translate?url=urn:m&", "/fhir/ConceptMap/m/$translate?", "/fhir/ConceptMap/$translate?"})
    EXPECT_EQ(
        said(get(where + std::string("system=urn:cs&code=a"))),
        R"(result=true match=[{"name":"equivalence","valueCode":"equivalent"},{"name":"concept","valueCoding":{"system":"urn:t","code":"x"}},{"name":"source","valueUri":"urn:m"}] )")
        << where;
  EXPECT_EQ(said(get("/fhir/ConceptMap/m/$translate?system=urn:cs&code=b")),
            "result=false message=No concept map that is here translates the code. ");
}

TEST_F(TermsRest, SearchesByTerminology) {
  for (const auto& [query, expected] : std::vector<std::pair<std::string, std::string>>{
           {"Observation?code:in=urn:vs", "a b "},
           {"Observation?code:in=ValueSet/vs", "a b "},
           {"Observation?code:not-in=urn:vs", "d other "},
           {"Observation?_filter=code%20in%20urn:vs%20and%20status%20eq%20final", "a b "},
           {"Observation?_filter=not%20(code%20in%20urn:vs)", "d other "},
           {"Observation?code:below=urn:cs|a", "a b "},
           {"Observation?code:below=urn:cs|b", "b "},
           {"Observation?code:above=urn:cs|b", "a b "},
           {"Observation?code:below=urn:cs|b,urn:cs|d", "b d "},
           {"Observation?code:in=urn:vs&_sort=-_id", "b a "},
           {"Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status&code:in=urn:vs", "a b "},
           {"Observation?status:not-in=http://hl7.org/fhir/ValueSet/observation-status", ""}})
    EXPECT_EQ(found(query), expected) << query;
  EXPECT_TRUE(found("Observation?code:in=urn:none").starts_with("400 ")) << found("Observation?code:in=urn:none");
  EXPECT_TRUE(found("Observation?code:below=a").starts_with("400 "));
  EXPECT_EQ(
      put("/fhir/Observation?code:in=urn:vs", R"({"resourceType":"Observation","status":"final","code":{"text":"x"}})")
          .status,
      400)
      << "no condition of a write";
}

TEST_F(TermsRest, AsItStoodThen) {
  const std::string before = std::string(get("/fhir/ValueSet/vs").header("etag"));
  const std::string page = text(get("/fhir/Observation?code:in=urn:vs&_count=1"));
  put("/fhir/ValueSet/vs",
      R"({"resourceType":"ValueSet","id":"vs","url":"urn:vs","status":"active","compose":{"include":[
    {"system":"urn:cs","concept":[{"code":"d"}]}]}})");
  EXPECT_EQ(found("Observation?code:in=urn:vs"), "d ");
  const std::size_t at = page.find("/fhir/Observation", page.find("\"next\""));
  EXPECT_EQ(found(page.substr(at + 6, page.find('"', at) - at - 6)), "b ")
      << "the next page is of the first one's moment";
  const std::string all = text(get("/fhir/ValueSet/vs/_history"));
  EXPECT_EQ(parsed(get("/fhir/ValueSet/$expand?url=urn:vs")).at("expansion").at("total"), 1);
  const std::string last = std::string(get("/fhir/Observation/other").header("etag"));
  EXPECT_EQ(parsed(get("/fhir/ValueSet/$expand?url=urn:vs&_asOf=" + last.substr(3, last.size() - 4)))
                .at("expansion")
                .at("total"),
            3);
}

TEST_F(TermsRest, FhirpathAndValidation) {
  const auto path =
      post("/fhir/$fhirpath",
           R"x({"resourceType":"Parameters","parameter":[{"name":"expression","valueString":"code.memberOf('urn:vs')"},
    {"name":"resource","resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"urn:cs","code":"b"}]}}}]
})x");
  EXPECT_NE(text(path).find(R"("valueBoolean":true)"), std::string::npos) << text(path);
  const auto issue = [&](const char* code) {
    const auto said =
        post("/fhir/Patient/$validate",
             fmt::format(R"({{"resourceType":"Patient","maritalStatus":{{"coding":[{{)"
                         R"("system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"{}"}}]}}}})",
                         code));
    return std::string(parsed(said).at("issue").as_array()[0].at("severity").as_string());
  };
  EXPECT_EQ(issue("M"), "information") << "nothing to say";
  EXPECT_EQ(issue("complicated"), "warning");
}

}  // namespace
}  // namespace salus::fhir
