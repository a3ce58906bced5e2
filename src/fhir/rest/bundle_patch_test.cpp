// PATCH as an entry of a batch or a transaction.
#include "base/digest.hpp"
#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

class BundlePatch : public RestTest {
 protected:
  void SetUp() override {
    RestTest::SetUp();
    post("/fhir/Patient", R"({"resourceType":"Patient","active":true,"identifier":[{"system":"s","value":"1"}]})");
    post("/fhir/Patient", R"({"resourceType":"Patient","active":true,"identifier":[{"system":"s","value":"2"}]})");
  }
  static std::string entry(const std::string& url, const std::string& resource, const std::string& more = "") {
    return R"({"resource":)" + resource + R"(,"request":{"method":"PATCH","url":")" + url + '"' + more + "}}";
  }
  static std::string binary(const std::string& type, std::string_view patch) {
    return R"({"resourceType":"Binary","contentType":")" + type + R"(","data":")" + to_base64(patch) + R"("})";
  }
  http::Response send(const std::string& type, const std::string& entries) {
    return post("/fhir", R"({"resourceType":"Bundle","type":")" + type + R"(","entry":[)" + entries + "]}");
  }
  json::value active(int patient) { return parsed(get(fmt::format("/fhir/Patient/made-{}", patient))).at("active"); }
  const std::string off_ =
      binary("application/json-patch+json", R"([{"op":"replace","path":"/active","value":false}])");
};

TEST_F(BundlePatch, ByJsonAndByFhirpath) {
  const std::string parameters =
      R"({"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},)"
      R"({"name":"path","valueString":"Patient.active"},{"name":"value","valueBoolean":false}]}]})";
  const auto done =
      send("transaction", entry("Patient/made-1", off_) + ',' + entry("Patient?identifier=s|2", parameters) +
                              R"(,{"resource":{"resourceType":"Basic","code":{"text":"x"}},)"
                              R"("request":{"method":"POST","url":"Basic"}})");
  ASSERT_EQ(done.status, 200) << text(done);
  EXPECT_EQ(active(1), false);
  EXPECT_EQ(active(2), false);
  const json::value answer = parsed(done);
  EXPECT_EQ(answer.at("entry").as_array()[0].at("response").at("status"), "200 OK");
  EXPECT_EQ(answer.at("entry").as_array()[2].at("response").at("status"), "201 Created");
}

TEST_F(BundlePatch, OneThatIsWrongStopsTheTransactionAlone) {
  const std::string wrong = binary("application/json-patch+json", R"([{"op":"test","path":"/active","value":false}])");
  const auto refused = send("transaction", entry("Patient/made-1", off_) + ',' + entry("Patient/made-2", wrong));
  EXPECT_EQ(refused.status, 412) << text(refused);
  EXPECT_NE(text(refused).find("Bundle.entry[1]"), std::string::npos) << text(refused);
  EXPECT_EQ(active(1), true);

  const auto batch = send("batch", entry("Patient/made-1", off_) + ',' + entry("Patient/made-2", wrong) + ',' +
                                       entry("Patient/none", off_) + ',' + entry("Patient", off_) + ',' +
                                       entry("Patient/made-2", R"({"resourceType":"Basic","code":{"text":"x"}})") +
                                       ',' + entry("Patient/made-2", binary("text/plain", "x")) + ',' +
                                       entry("Patient/made-2", off_, R"(,"ifMatch":"W/\"1\"")"));
  ASSERT_EQ(batch.status, 200) << text(batch);
  std::string statuses;
  const json::value answer = parsed(batch);
  for (const json::value& one : answer.at("entry").as_array())
    statuses += std::string(one.at("response").at("status").as_string()).substr(0, 3) + ' ';
  EXPECT_EQ(statuses, "200 412 404 400 400 400 412 ") << text(batch);
  EXPECT_EQ(active(1), false);
  EXPECT_EQ(active(2), true);
}

TEST_F(BundlePatch, WhatAPatchMakesIsChecked) {
  const std::string wrong = binary("application/merge-patch+json", R"({"birthDate":"1974-13-01"})");
  const auto refused = send("transaction", entry("Patient/made-1", wrong));
  EXPECT_EQ(refused.status, 400) << text(refused);
  const std::string other = binary("application/merge-patch+json", R"({"id":"made-2"})");
  EXPECT_EQ(send("transaction", entry("Patient/made-1", other)).status, 400);
  EXPECT_EQ(send("transaction", entry("Patient/made-1", off_) + ',' + entry("Patient/made-1", off_)).status, 400)
      << "one resource changes once";
}

}  // namespace
}  // namespace salus::fhir
