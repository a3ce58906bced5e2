#include "fhir/data_for_test.hpp"
#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

using http::Method;

constexpr std::string_view kPeter = R"({"resourceType":"Patient","id":"p",
  "contained":[{"resourceType":"Organization","id":"o","name":"Clinic"}],
  "extension":[{"url":"http://x/a","valueString":"one"},{"url":"http://x/b","valueDecimal":1.50}],
  "identifier":[{"system":"urn:oid:1.2","value":"12345"}],"active":true,
  "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim"]},
          {"use":"maiden","family":"Windsor","given":["Peter","James"]}],
  "birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"http://x/t","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
  "managingOrganization":{"reference":"#o"},"generalPractitioner":[{"reference":"Practitioner/none"}]})";

class GraphqlTest : public RestTest {
 protected:
  void SetUp() override {
    RestTest::SetUp();
    EXPECT_EQ(put("/fhir/Patient/p", std::string(kPeter)).status, 201);
    for (int i = 1; i <= 5; ++i)
      put(fmt::format("/fhir/Condition/c{}", i),
          fmt::format(R"({{"resourceType":"Condition","id":"c{}","subject":{{"reference":"Patient/p"}},)"
                      R"("clinicalStatus":{{"coding":[{{"system":"s","code":"{}"}}]}},"onsetDateTime":"202{}-01-01"}})",
                      i, i < 4 ? "active" : "resolved", i));
    put("/fhir/Observation/w",
        R"({"resourceType":"Observation","id":"w","status":"final","code":{"text":"weight"},)"
        R"("subject":{"reference":"http://salus.test/fhir/Patient/p"},"valueQuantity":{"value":70.50,"unit":"kg"}})");
  }

  http::Response query(const std::string& text, std::string_view variables = "{}", const std::string& at = "") {
    std::string body = R"({"query":)";
    write_json_string(text, body);
    return post("/fhir" + at + "/$graphql", fmt::format(R"({},"variables":{}}})", body, variables),
                {{"content-type", "application/json"}});
  }
  // The members of data, or what is wrong.
  std::string data(const std::string& text, std::string_view variables = "{}", const std::string& at = "") {
    const auto response = query(text, variables, at);
    const std::string said = GraphqlTest::text(response);
    if (response.status != 200 || said.find(R"(,"errors":)") != std::string::npos) return said;
    return said.substr(8, said.size() - 9);  // {"data":…}
  }
  // The field of the first page, and its cursors' answers.
  json::value connection(const std::string& arguments) {
    const auto response = query("{c: ConditionConnection" + arguments +
                                "{count offset pagesize first previous next last edges{resource{id}}}}");
    EXPECT_EQ(response.status, 200) << text(response);
    return parsed(response).at("data").at("c");
  }
  static std::string ids(const json::value& connection) {
    std::string out;
    for (const auto& edge : connection.at("edges").as_array())
      out += std::string(edge.at("resource").at("id").as_string()) + " ";
    return out;
  }
};

TEST_F(GraphqlTest, AnswersOfAResource) {
  for (
      const auto& [source, says] : std::vector<std::pair<std::string, std::string>>{
          {"{id active birthDate}", R"({"id":"p","active":true,"birthDate":"1974-12-25"})"},
          {"{resourceType __typename name {__typename}}",
           R"({"resourceType":"Patient","__typename":"Patient","name":[{"__typename":"HumanName"},{"__typename":"HumanName"},{"__typename":"HumanName"}]})"},
          {"{born: birthDate gender photo {url}}", R"({"born":"1974-12-25","gender":null,"photo":null})"},
          {"{name(use: usual) {family given}}", R"({"name":[{"family":null,"given":["Jim"]}]})"},
          {"{name(use: [usual, maiden]) {use}}", R"({"name":[{"use":"usual"},{"use":"maiden"}]})"},
          {"{name(given: Jim) {use}}", R"({"name":[{"use":"usual"}]})"},
          {"{name(fhirpath: \"family.exists()\") {use}}", R"({"name":[{"use":"official"},{"use":"maiden"}]})"},
          {"{name(fhirpath: \"$index = 1 // x\") {use}}", R"({"name":[{"use":"usual"}]})"},
          {"{name(_offset: 1, _count: 1) {use}}", R"({"name":[{"use":"usual"}]})"},
          {"{name(_count: 0) {use}}", R"({"name":null})"},
          {"{name @first {use}}", R"({"name":{"use":"official"}})"},
          {"{name {given @first}}", R"({"name":[{"given":"Peter"},{"given":"Jim"},{"given":"Peter"}]})"},
          {"{e: extension(url: \"http://x/b\") {valueDecimal}}", R"({"e":[{"valueDecimal":1.50}]})"},
          {"{_birthDate {extension {valueDateTime}} _active {id}}",
           R"({"_birthDate":{"extension":[{"valueDateTime":"1974-12-25T14:35:45-05:00"}]},"_active":null})"},
          {"{contained {resourceType ... on Organization {name}}}",
           R"({"contained":[{"resourceType":"Organization","name":"Clinic"}]})"},
          {"{managingOrganization {reference resource {... on Organization {name}}}}",
           R"({"managingOrganization":{"reference":"#o","resource":{"name":"Clinic"}}})"},
          {"{generalPractitioner {resource(optional: true) {id}}}", R"({"generalPractitioner":[{"resource":null}]})"},
          {"{ConditionList(_reference: patient, clinical_status: resolved, _sort: \"-onset-date\") {id}}",
           R"({"ConditionList":[{"id":"c5"},{"id":"c4"}]})"},
          {"{ConditionList(_reference: patient, onset_date: \"ge2023\", clinical_status: active) {id}}",
           R"({"ConditionList":[{"id":"c3"}]})"},
          {"{EncounterList(_reference: patient) {id}}", R"({"EncounterList":[]})"},
          {"{ConditionConnection(_reference: subject, _count: 2) {count pagesize edges {mode score resource {id}}}}",
           R"({"ConditionConnection":{"count":5,"pagesize":2,"edges":[{"mode":"match","score":null,"resource":{"id":"c1"}},{"mode":"match","score":null,"resource":{"id":"c2"}}]}})"},
      })
    EXPECT_EQ(data(source, "{}", "/Patient/p"), says) << source;
}

// The examples of https://hl7.org/fhir/R4/graphql.html.
TEST_F(GraphqlTest, Flattens) {
  for (
      const auto& [source, says] : std::vector<std::pair<std::string, std::string>>{
          {"{identifier @flatten {system value} active name @flatten {text given family}}",
           R"({"system":["urn:oid:1.2"],"value":["12345"],"active":true,"given":["Peter","James","Jim","Peter","James"],"family":["Chalmers","Windsor"]})"},
          {"{name @flatten {text given @first family}}",
           R"({"given":["Peter","Jim","Peter"],"family":["Chalmers","Windsor"]})"},
          {"{identifier @flatten {system @singleton value @singleton} name @flatten @first {text given family "
           "@singleton}}",
           R"({"system":"urn:oid:1.2","value":"12345","given":["Peter","James"],"family":"Chalmers"})"},
          {"{name @flatten @slice(path: \"use\") {given family @singleton}}",
           R"({"given.official":["Peter","James"],"family.official":"Chalmers","given.usual":["Jim"],"given.maiden":["Peter","James"],"family.maiden":"Windsor"})"},
          {"{name @flatten @slice(fhirpath: \"$index\") {given @first @singleton}}",
           R"({"given.0":"Peter","given.1":"Jim","given.2":"Peter"})"},
          {"{name @slice(path: \"use\") @singleton {family}}",
           R"({"name.official":{"family":"Chalmers"},"name.usual":{"family":null},"name.maiden":{"family":"Windsor"}})"},
      })
    EXPECT_EQ(data(source, "{}", "/Patient/p"), says) << source;
  const json::value answered = parsed(query("{active name @flatten {family @singleton}}", "{}", "/Patient/p"));
  EXPECT_NE(std::string(answered.at("errors").at(0).at("message").as_string()).find("several"), std::string::npos);
  EXPECT_EQ(answered.at("data").at("active"), true);
}

TEST_F(GraphqlTest, AnswersOfTheWholeRecord) {
  const std::string two = R"({"p":"p","with":false})";
  for (
      const auto& [source, says] : std::vector<std::pair<std::string, std::string>>{
          {"query($p: ID!) {Patient(id: $p) {id}}", R"({"Patient":{"id":"p"}})"},
          {"query($with: Boolean!) {Patient(id: p) {id @skip(if: $with) active @include(if: $with)}}",
           R"({"Patient":{"id":"p"}})"},
          {"{PatientList(name: [\"nobody\", \"chal\"]) {...F}} fragment F on Patient {id ...G} fragment G on Patient "
           "{active}",
           R"({"PatientList":[{"id":"p","active":true}]})"},
          {"{PatientList(name: \"nobody\") {id}}", R"({"PatientList":[]})"},
          {"{ConditionList(_sort: \"-onset-date\", _count: 2, _offset: 1) {id}}",
           R"({"ConditionList":[{"id":"c4"},{"id":"c3"}]})"},
          {"{ConditionList(_id: [\"c1\", \"c5\"], fhirpath: \"id = 'c5'\") {id}}",
           R"({"ConditionList":[{"id":"c5"}]})"},
          {"{ConditionList(_offset: 5) {id}}", R"({"ConditionList":[]})"},
          {"{Observation(id: w) {valueQuantity {value unit} subject {resource {active name(use: usual) {given}}}}}",
           R"({"Observation":{"valueQuantity":{"value":70.50,"unit":"kg"},"subject":{"resource":{"active":true,"name":[{"given":["Jim"]}]}}}})"},
          {"{Observation(id: w) {subject {resource(type: Patient) {birthDate} resource(type: Group) {quantity}}}}",
           R"({"Observation":{"subject":{"resource":{"birthDate":"1974-12-25"}}}})"},
          {"{Observation(id: w) {subject {resource(type: Group) {quantity}}}}",
           R"({"Observation":{"subject":{"resource":null}}})"},
          {"{Patient(id: p) {name(use: usual) {given} name(use: usual) {use}}}",
           R"({"Patient":{"name":[{"given":["Jim"],"use":"usual"}]}})"},
      })
    EXPECT_EQ(data(source, two), says) << source;
}

TEST_F(GraphqlTest, ConnectionsGoOnAtTheirCut) {
  const json::value first = connection("(_count: 2, clinical_status: [\"active\", \"resolved\"])");
  EXPECT_EQ(ids(first), "c1 c2 ");
  EXPECT_EQ(first.at("count"), 5);
  EXPECT_EQ(first.at("offset"), 0);
  EXPECT_TRUE(first.at("previous").is_null());
  ask(Method::del, "/fhir/Condition/c4");
  const auto at = [&](const json::value& page, std::string_view link) {
    return connection(fmt::format("(cursor: \"{}\")", std::string_view{page.at(link).as_string()}));
  };
  const json::value second = at(first, "next"), last = at(first, "last"), third = at(second, "next");
  EXPECT_EQ(ids(second), "c3 c4 ") << "pages are of the first one's moment";
  EXPECT_EQ(second.at("offset"), 2);
  EXPECT_EQ(ids(third), "c5 ");
  EXPECT_TRUE(third.at("next").is_null());
  EXPECT_EQ(ids(last), "c5 ");
  EXPECT_EQ(ids(at(third, "previous")), "c3 c4 ");
  EXPECT_EQ(ids(at(third, "first")), "c1 c2 ");
  const auto other = query(
      fmt::format("{{PatientConnection(cursor: \"{}\") {{count}}}}", std::string_view{first.at("next").as_string()}));
  EXPECT_NE(text(other).find("cursor"), std::string::npos);
  EXPECT_TRUE(parsed(other).at("data").at("PatientConnection").is_null());
}

TEST_F(GraphqlTest, FieldsThatFailAreNull) {
  const json::value answered =
      parsed(query("{Patient(id: p) {id generalPractitioner {reference resource {id}}} none: Patient(id: none) {id} "
                   "bad: PatientList(nome: x) {id} worse: PatientList(_count: 0) {id} name: PatientList "
                   "{name(fhirpath: \"(\") {id}}}"));
  EXPECT_EQ(json::serialize(answered.at("data")),
            R"({"Patient":{"id":"p","generalPractitioner":[{"reference":"Practitioner/none","resource":null}]},)"
            R"("none":null,"bad":null,"worse":null,"name":[{"name":null}]})");
  std::string paths;
  for (const auto& error : answered.at("errors").as_array()) {
    paths += json::serialize(error.at("path")) + " ";
    EXPECT_EQ(error.at("extensions").at("resource").at("resourceType"), "OperationOutcome");
    EXPECT_TRUE(error.at("locations").at(0).at("line").is_int64());
  }
  EXPECT_EQ(paths, R"(["Patient","generalPractitioner",0,"resource"] ["none"] ["bad"] ["worse"] ["name",0,"name"] )");
}

TEST_F(GraphqlTest, RequestsComeInFourWays) {
  const std::string says = R"({"data":{"Patient":{"id":"p"}}})";
  for (const auto& response :
       {get("/fhir/$graphql?query=%7BPatient(id:p)%7Bid%7D%7D"),
        get("/fhir/R4/"
            "$graphql?query=query%20A(%24i:ID)%7BPatient(id:%24i)%7Bid%7D%7Dquery%20B%7Ba:__typename%7D&operationName="
            "A&variables=%7B%22i%22:%22p%22%7D"),
        post("/fhir/$graphql", "{Patient(id: p) {id}}", {{"content-type", "application/graphql; charset=utf-8"}}),
        post(
            "/fhir/$graphql",
            R"({"query":"query A {Patient(id: p) {id}} query B {a: __typename}","operationName":"A","variables":null})",
            {{"content-type", "application/json"}})}) {
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(text(response), says);
    EXPECT_TRUE(response.header("content-type").starts_with("application/json"));
  }
  EXPECT_EQ(text(get("/fhir/Patient/p/$graphql?query=%7Bid%7D")), R"({"data":{"id":"p"}})");
}

TEST_F(GraphqlTest, RequestsThatAreWrongAreRefused) {
  const http::Fields as_json{{"content-type", "application/json"}};
  std::string wide = "{";
  for (int i = 0; i < 2'001; ++i) wide += fmt::format("a{}:__typename ", i);
  for (const auto& [response, status, part] : std::vector<std::tuple<http::Response, int, std::string>>{
           {get("/fhir/$graphql"), 400, "no `query`"},
           {get("/fhir/$graphql?query=%7B"), 400, "name of a field"},
           {get("/fhir/$graphql?query=%7Ba%7D&x=1"), 400, "not 'x'"},
           {get("/fhir/$graphql?query=%7Ba%7D&variables=%5B%5D"), 400, "variables"},
           {post("/fhir/$graphql", "{a}", {{"content-type", "text/plain"}}), 415, "application/graphql"},
           {post("/fhir/$graphql", "[]", as_json), 400, "object"},
           {post("/fhir/$graphql", R"({"query":1})", as_json), 400, "'query' is of the wrong type"},
           {post("/fhir/$graphql", R"({"query":"{a}","more":1})", as_json), 400, "nothing else"},
           {post("/fhir/$graphql", std::string(2 << 20, ' '), as_json), 413, "KiB"},
           {query("mutation {PatientDelete(id: p)}"), 400, "Queries alone"},
           {query("{__schema {types {name}}}"), 400, "Introspection"},
           {query("query($x: Int!) {Patient(id: $x) {id}}"), 400, "must be given"},
           {query("{Patient(id: p) {id @skip(if: \"x\")}}"), 200, "true or false"},
           {query(wide + "}"), 413, "2000 fields"},
           {query("{id}", "{}", "/Patient/none"), 404, "There is no Patient/none"},
           {query("{id}", "{}", "/Foo/p"), 404, "no type of resource"},
       }) {
    EXPECT_EQ(response.status, status) << text(response);
    EXPECT_NE(text(response).find(part), std::string::npos) << text(response);
  }
  const auto asked = post(
      "/fhir",
      R"({"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"$graphql?query=%7Ba:__typename%7D"}}]})");
  EXPECT_NE(text(asked).find("no resource; ask for it outside"), std::string::npos) << text(asked);
}

TEST_F(GraphqlTest, ReadsAreOfOneCutAndOfThePast) {
  const std::string before = std::string(parsed(get("/fhir/Patient/p")).at("meta").at("versionId").as_string());
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p","active":false})");
  EXPECT_EQ(text(get("/fhir/$graphql?query=%7BPatient(id:p)%7Bactive%7D%7D")),
            R"({"data":{"Patient":{"active":false}}})");
  EXPECT_EQ(text(get("/fhir/$graphql?_asOf=" + before + "&query=%7BPatientList(name:%22jim%22)%7Bactive%7D%7D")),
            R"({"data":{"PatientList":[{"active":true}]}})");
}

TEST_F(GraphqlTest, WhatIsReadIsBounded) {
  std::string bundle = R"({"resourceType":"Bundle","type":"batch","entry":[)";
  for (int i = 0; i < 1'001; ++i)
    bundle += fmt::format(
        R"({}{{"resource":{{"resourceType":"Basic","id":"b{}","code":{{"text":"x"}}}},"request":{{"method":"PUT","url":"Basic/b{}"}}}})",
        i == 0 ? "" : ",", i, i);
  EXPECT_EQ(post("/fhir", bundle + "]}").status, 200);
  const json::value all = parsed(query("{BasicList {id}}"));
  EXPECT_TRUE(all.at("data").at("BasicList").is_null());
  EXPECT_NE(json::serialize(all.at("errors")).find("say '_count'"), std::string::npos);
  EXPECT_EQ(parsed(query("{BasicList(_count: 1000) {id}}")).at("data").at("BasicList").as_array().size(), 1'000u);
  const auto more =
      query("{a: BasicList(_count: 600) {id} b: BasicList(_count: 600, _offset: 600) {id} c: Patient(id: p) {id}}");
  EXPECT_EQ(more.status, 413) << text(more);
  std::string words = "{", failing = "{";
  for (int i = 0; i < 11; ++i) words += fmt::format("a{}: BasicList(_content: \"y\") {{id}} ", i);
  for (int i = 0; i < 101; ++i) failing += fmt::format("a{}: Basic(id: none) {{id}} ", i);
  EXPECT_EQ(query(words + "}").status, 413);
  EXPECT_EQ(query(failing + "}").status, 413);
  EXPECT_EQ(parsed(query("{BasicConnection {count}}")).at("data").at("BasicConnection").at("count"), 1'001);
}

// What GraphQL says of real patients is what their resources and searches say.
TEST_F(GraphqlTest, AgreesWithReadsAndSearchesOfSynthea) {
  const auto files = files_of(data_folder() / "synthea");
  if (files.empty()) GTEST_SKIP() << "no Synthea bundles at " << (data_folder() / "synthea");
  context_->new_id = random_uuid;
  for (std::size_t i = 0; i < std::min<std::size_t>(files.size(), 5); ++i)
    ASSERT_EQ(post("/fhir", read_bz2(files[i])).status, 200) << files[i].filename();
  const auto members = [](const json::value& of) {  // what GraphQL has as null is not there
    json::object out;
    for (const auto& [name, value] : of.as_object())
      if (!value.is_null()) out.emplace(name, value);
    return out;
  };
  const json::value patients = parsed(
      query("{PatientList {id resourceType birthDate gender deceasedDateTime maritalStatus {text} "
            "ConditionConnection(_reference: patient) {count} "
            "ObservationList(_reference: subject, code: \"http://loinc.org|8302-2\", _sort: \"-date\", _count: 3) "
            "{id effectiveDateTime valueQuantity {value unit system code} encounter {resource(type: Encounter) {id "
            "status}}}}}"));
  ASSERT_FALSE(patients.as_object().contains("errors")) << json::serialize(patients);
  std::size_t looked = 0, observed = 0;
  for (const json::value& patient : patients.at("data").at("PatientList").as_array()) {
    const std::string id(patient.at("id").as_string());
    const json::value stored = parsed(get("/fhir/Patient/" + id));
    for (const char* name : {"resourceType", "birthDate", "gender", "deceasedDateTime"})
      if (const json::value* value = stored.as_object().if_contains(name)) EXPECT_EQ(patient.at(name), *value) << id;
    const json::value counted = parsed(get("/fhir/Condition?_summary=count&patient=" + id));
    EXPECT_EQ(patient.at("ConditionConnection").at("count"), counted.at("total"));
    const json::value found =
        parsed(get("/fhir/Observation?code=http://loinc.org%7C8302-2&_sort=-date&_count=3&patient=" + id));
    const json::value* entries = found.as_object().if_contains("entry");
    const auto& observations = patient.at("ObservationList").as_array();
    ASSERT_EQ(observations.size(), entries == nullptr ? 0 : entries->as_array().size());
    for (std::size_t i = 0; i < observations.size(); ++i, ++observed) {
      const json::value& resource = entries->as_array()[i].at("resource");
      EXPECT_EQ(observations[i].at("id"), resource.at("id"));
      EXPECT_EQ(members(observations[i].at("valueQuantity")), resource.at("valueQuantity").as_object());
      const std::string reference(resource.at("encounter").at("reference").as_string());
      EXPECT_EQ("Encounter/" + std::string(observations[i].at("encounter").at("resource").at("id").as_string()),
                reference);
    }
    ++looked;
  }
  EXPECT_GT(looked, 0u);
  EXPECT_GT(observed, 0u);
}

}  // namespace
}  // namespace salus::fhir
