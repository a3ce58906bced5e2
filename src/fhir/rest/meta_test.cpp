#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

using http::Method;

std::string meta_body(std::string_view meta) {
  return fmt::format(R"({{"resourceType":"Parameters","parameter":[{{"name":"meta","valueMeta":{}}}]}})", meta);
}

class MetaTest : public RestTest {
 protected:
  // The members of the answered Meta but versionId and lastUpdated.
  std::string labels(const http::Response& response) {
    if (response.status != 200) return text(response);
    json::object meta = parsed(response).at("parameter").at(0).at("valueMeta").as_object();
    meta.erase("versionId");
    meta.erase("lastUpdated");
    return json::serialize(meta);
  }
  std::string version() { return std::string(parsed(get("/fhir/Patient/p")).at("meta").at("versionId").as_string()); }
};

TEST_F(MetaTest, LabelsAreAddedOnceAndTakenAwayByWhatTheyAre) {
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p","active":true})");
  EXPECT_EQ(labels(get("/fhir/Patient/p/$meta")), "{}");
  for (const auto& [operation, meta, says] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"add", R"({"tag":[{"system":"s","code":"a","display":"A"}]})",
            R"({"tag":[{"system":"s","code":"a","display":"A"}]})"},
           {"add", R"({"tag":[{"system":"s","code":"a"},{"system":"s","code":"b"},{"system":"s","code":"b"}]})",
            R"({"tag":[{"system":"s","code":"a","display":"A"},{"system":"s","code":"b"}]})"},
           {"add", R"({"profile":["http://x/p"],"security":[{"system":"s","code":"R"}]})",
            R"({"profile":["http://x/p"],"security":[{"system":"s","code":"R"}],)"
            R"("tag":[{"system":"s","code":"a","display":"A"},{"system":"s","code":"b"}]})"},
           {"delete", R"({"tag":[{"system":"s","code":"a"},{"system":"other","code":"b"}]})",
            R"({"profile":["http://x/p"],"security":[{"system":"s","code":"R"}],"tag":[{"system":"s","code":"b"}]})"},
           {"delete",
            R"({"profile":["http://x/p"],"security":[{"system":"s","code":"R"}],"tag":[{"system":"s","code":"b"}]})",
            "{}"}}) {
    const std::string before = version();
    const auto answered = post("/fhir/Patient/p/$meta-" + operation, meta_body(meta));
    const auto expected = parse_json(says);
    EXPECT_EQ(*parse_json(labels(answered)), *expected) << meta << text(answered);
    EXPECT_EQ(answered.header("etag"), "W/\"" + version() + "\"");
    EXPECT_NE(version(), before) << "a change is a new version";
    EXPECT_EQ(*parse_json(labels(get("/fhir/Patient/p/$meta"))), *expected);
    EXPECT_EQ(parsed(get("/fhir/Patient/p")).at("active"), true);
  }
}

TEST_F(MetaTest, NothingToDoMakesNoVersion) {
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p","meta":{"tag":[{"system":"s","code":"a"}]}})");
  const std::string before = version();
  EXPECT_EQ(post("/fhir/Patient/p/$meta-add", meta_body(R"({"tag":[{"system":"s","code":"a"}]})")).status, 200);
  EXPECT_EQ(post("/fhir/Patient/p/$meta-delete", meta_body(R"({"tag":[{"system":"s","code":"z"}]})")).status, 200);
  EXPECT_EQ(version(), before);
}

TEST_F(MetaTest, ExtensionsOfAProfileGoWithIt) {
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p","meta":{"profile":["http://x/a","http://x/b"],)"
                         R"("_profile":[null,{"id":"of-b"}]}})");
  post("/fhir/Patient/p/$meta-delete", meta_body(R"({"profile":["http://x/a"]})"));
  EXPECT_EQ(*parse_json(labels(get("/fhir/Patient/p/$meta"))),
            *parse_json(R"({"profile":["http://x/b"],"_profile":[{"id":"of-b"}]})"));
}

TEST_F(MetaTest, AVersionIsReadAndNeverChanged) {
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p","meta":{"tag":[{"code":"old"}]}})");
  const std::string first = version();
  const std::string path = "/fhir/Patient/p/_history/" + first;
  EXPECT_EQ(post(path + "/$meta-add", meta_body(R"({"tag":[{"code":"new"}]})")).status, 200);
  EXPECT_EQ(labels(get(path + "/$meta")), R"({"tag":[{"code":"old"}]})");
  EXPECT_EQ(labels(get("/fhir/Patient/p/$meta")), R"({"tag":[{"code":"old"},{"code":"new"}]})");
  EXPECT_EQ(labels(get("/fhir/Patient/p/$meta?_asOf=" + first)), R"({"tag":[{"code":"old"}]})");
  const auto refused = post(path + "/$meta-delete", meta_body(R"({"tag":[{"code":"new"}]})"));
  EXPECT_EQ(refused.status, 409) << text(refused);
  EXPECT_NE(text(refused).find("earlier versions stay"), std::string::npos);
}

TEST_F(MetaTest, TypesAndTheWholeRecordListEachLabelOnce) {
  EXPECT_EQ(labels(get("/fhir/$meta")), "{}");
  put("/fhir/Patient/p",
      R"({"resourceType":"Patient","id":"p","meta":{"profile":["http://x/p|1.0"],"tag":[{"system":"s","code":"a"}]}})");
  put("/fhir/Patient/q",
      R"({"resourceType":"Patient","id":"q","meta":{"tag":[{"system":"s","code":"a"},{"code":"b"}]}})");
  put("/fhir/Group/g",
      R"({"resourceType":"Group","id":"g","type":"person","actual":true,"meta":{"security":[{"system":"s","code":"R"}]}})");
  const std::string of_patients = R"({"profile":["http://x/p|1.0"],"tag":[{"system":"s","code":"a"},{"code":"b"}]})";
  EXPECT_EQ(labels(get("/fhir/Patient/$meta")), of_patients);
  EXPECT_EQ(labels(post("/fhir/Patient/$meta", "")), of_patients);
  EXPECT_EQ(labels(get("/fhir/Group/$meta")), R"({"security":[{"system":"s","code":"R"}]})");
  EXPECT_EQ(
      labels(get("/fhir/$meta")),
      R"({"profile":["http://x/p|1.0"],"security":[{"system":"s","code":"R"}],"tag":[{"system":"s","code":"a"},{"code":"b"}]})");
  ask(Method::del, "/fhir/Patient/q");
  EXPECT_EQ(labels(get("/fhir/Patient/$meta")), R"({"profile":["http://x/p|1.0"],"tag":[{"system":"s","code":"a"}]})");
}

TEST_F(MetaTest, WhatIsWrongIsSaid) {
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p"})");
  put("/fhir/Patient/gone", R"({"resourceType":"Patient","id":"gone"})");
  ask(Method::del, "/fhir/Patient/gone");
  const std::string good = meta_body(R"({"tag":[{"code":"a"}]})");
  for (const auto& [response, status, says] : std::vector<std::tuple<http::Response, int, std::string>>{
           {get("/fhir/Patient/none/$meta"), 404, "There is no Patient/none"},
           {get("/fhir/Patient/gone/$meta"), 410, "was deleted"},
           {get("/fhir/Patient/p/_history/x/$meta"), 404, "no version 'x'"},
           {get("/fhir/Patient/p/$meta?what=1"), 400, "not 'what'"},
           {post("/fhir/Patient/none/$meta-add", good), 404, "There is no Patient/none"},
           {post("/fhir/Patient/gone/$meta-add", good), 410, "was deleted"},
           {post("/fhir/Patient/p/$meta-add", ""), 400, "needs the parameter `meta`"},
           {post("/fhir/Patient/p/$meta-add", R"({"resourceType":"Patient"})"), 400, "Parameters"},
           {post("/fhir/Patient/p/$meta-add",
                 R"({"resourceType":"Parameters","parameter":[{"name":"meta","valueString":"x"}]})"),
            400, "valueMeta"},
           {post("/fhir/Patient/p/$meta-add", good, {{"if-match", "W/\"999\""}}), 412, "is at version"},
           {post("/fhir/Patient/p/$meta-delete", meta_body(R"({"tags":[]})")), 400, "tags"}}) {
    EXPECT_EQ(response.status, status) << text(response);
    EXPECT_NE(text(response).find(says), std::string::npos) << text(response);
  }
}

}  // namespace
}  // namespace salus::fhir
