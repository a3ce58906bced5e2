#include "fhir/document/xml.hpp"
#include "fhir/rest/fixture_for_test.hpp"
#include "fhir/rest/seal.hpp"
#include "fhir/validation/validate.hpp"

namespace salus::fhir {
namespace {

using http::Method;

TEST_F(RestTest, AResourceLivesAndItsVersionsStay) {
  const auto made = post("/fhir/Patient", R"({"resourceType":"Patient","active":true})");
  ASSERT_EQ(made.status, 201) << text(made);
  const std::string location(made.header("location"));
  EXPECT_TRUE(location.starts_with("http://salus.test/fhir/Patient/made-1/_history/")) << location;
  const std::string first = location.substr(location.rfind('/') + 1);
  EXPECT_EQ(made.header("etag"), "W/\"" + first + "\"");
  EXPECT_EQ(text(made), R"({"resourceType":"Patient","id":"made-1","meta":{"versionId":")" + first +
                            R"(","lastUpdated":"2026-03-01T08:00:00.000Z"},"active":true})");
  EXPECT_EQ(text(get("/fhir/Patient/made-1")), text(made));

  clock_.advance(seconds{1});
  const auto changed = put("/fhir/Patient/made-1", R"({"resourceType":"Patient","id":"made-1","active":false})");
  ASSERT_EQ(changed.status, 200) << text(changed);
  EXPECT_EQ(parsed(get("/fhir/Patient/made-1")).at("active"), false);
  EXPECT_EQ(text(get("/fhir/Patient/made-1/_history/" + first)), text(made));

  EXPECT_EQ(ask(Method::del, "/fhir/Patient/made-1").status, 204);
  EXPECT_EQ(get("/fhir/Patient/made-1").status, 410);
  EXPECT_EQ(ask(Method::del, "/fhir/Patient/made-1").status, 204) << "twice is as good as once";
  EXPECT_EQ(text(get("/fhir/Patient/made-1/_history/" + first)), text(made));
  EXPECT_EQ(put("/fhir/Patient/made-1", R"({"resourceType":"Patient","id":"made-1"})").status, 201);
  EXPECT_EQ(get("/fhir/Patient/made-1").status, 200);
}

TEST_F(RestTest, WhatIsNotSoIsSaidPrecisely) {
  post("/fhir/Patient", R"({"resourceType":"Patient"})");
  const std::string json = R"({"resourceType":"Patient","id":"other"})";
  for (const auto& [response, status, says] : std::vector<std::tuple<http::Response, int, std::string>>{
           {get("/fhir/Patient/none"), 404, "There is no Patient/none"},
           {get("/fhir/Patent/1"), 404, "'Patent' is no type"},
           {get("/fhir/DomainResource/1"), 404, "no type"},
           {get("/fhir/Patient/made-1/_history/999"), 404, "no version '999'"},
           {get("/fhir/Patient/made-1/_history/x"), 404, "no version 'x'"},
           {post("/fhir/Patient", "{\n \"resourceType\":\"Patient\",\n \"id\":}"), 400, "line 3"},
           {post("/fhir/Patient", R"({"resourceType":"Patient","active":true,"active":false})"), 400, "active"},
           {post("/fhir/Patient", R"({"resourceType":"Observation"})"), 400, "The body is a Observation"},
           {post("/fhir/Patient", "<!DOCTYPE x><Patient/>"), 400, "document type"},
           {put("/fhir/Patient/made-1", json), 400, "id is not the one in the path"},
           {put("/fhir/Patient/a%20b", json), 400, "An id has"},
           {put("/fhir/Patient/other", json, {{"if-match", "seven"}}), 400, "If-Match"},
           {get("/fhir/Patient/made-1?_format=turtle"), 406, "json"},
           {get("/fhir/Patient/made-1", {{"accept", "text/turtle"}}), 406, "fhir+json"},
           {get("/fhir/Patient/made-1?_summary=some"), 400, "_summary"}}) {
    EXPECT_EQ(response.status, status) << text(response);
    EXPECT_EQ(parsed(response).at("resourceType"), "OperationOutcome");
    EXPECT_NE(text(response).find(says), std::string::npos) << text(response);
  }
}

TEST_F(RestTest, KeepsWhatWasWritten) {
  const std::string body =
      R"({"resourceType":"Observation","id":"mine","status":"final","code":{"text":"心率 \"x\""},)"
      R"("_issued":{"extension":[{"url":"u","valueString":"s"}]},"valueQuantity":{"value":1.00,"unit":"g"}})";
  ASSERT_EQ(post("/fhir/Observation", body).status, 201);
  const std::string read = text(get("/fhir/Observation/made-1"));
  EXPECT_NE(read.find(body.substr(body.find("\"status\""))), std::string::npos) << read;
  EXPECT_EQ(read.find("mine"), std::string::npos) << "a client's id is not taken at create";

  const auto xml = get("/fhir/Observation/made-1", {{"accept", "application/fhir+xml"}});
  EXPECT_EQ(xml.header("content-type"), "application/fhir+xml; charset=utf-8");
  EXPECT_NE(text(xml).find("<value value=\"1.00\"/>"), std::string::npos) << text(xml);
  const auto again = put("/fhir/Observation/made-1", text(xml), {{"content-type", "application/fhir+xml"}});
  ASSERT_EQ(again.status, 200) << text(again);
  const std::string back = text(get("/fhir/Observation/made-1"));
  EXPECT_EQ(back.substr(back.find("\"status\"")), body.substr(body.find("\"status\""))) << "through XML and back";
}

TEST_F(RestTest, OnlyTheVersionThatWasSeenIsReplaced) {
  const auto made = post("/fhir/Patient", R"({"resourceType":"Patient"})");
  const std::string tag(made.header("etag")), body = R"({"resourceType":"Patient","id":"made-1","gender":"other"})";
  EXPECT_EQ(put("/fhir/Patient/made-1", body, {{"if-match", tag}}).status, 200);
  EXPECT_EQ(put("/fhir/Patient/made-1", body, {{"if-match", tag}}).status, 412) << "it has moved on";
  EXPECT_EQ(ask(Method::del, "/fhir/Patient/made-1", {}, {{"if-match", tag}}).status, 412);
  EXPECT_EQ(put("/fhir/Patient/made-1", body, {{"if-none-match", "*"}}).status, 412) << "it is there";
  EXPECT_EQ(put("/fhir/Patient/new", R"({"resourceType":"Patient","id":"new"})", {{"if-none-match", "*"}}).status, 201);
  const std::string now(get("/fhir/Patient/made-1").header("etag"));
  EXPECT_EQ(get("/fhir/Patient/made-1", {{"if-none-match", now}}).status, 304);
  EXPECT_EQ(get("/fhir/Patient/made-1", {{"if-none-match", tag}}).status, 200);
  const std::string when(get("/fhir/Patient/made-1").header("last-modified"));
  EXPECT_EQ(get("/fhir/Patient/made-1", {{"if-modified-since", when}}).status, 304);
  EXPECT_EQ(get("/fhir/Patient/made-1", {{"if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status, 200);
}

TEST_F(RestTest, AnswersAsMuchAsIsWanted) {
  const std::string body =
      R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},)"
      R"("active":true,"maritalStatus":{"text":"m"},"birthDate":"1970-01-01"})";
  EXPECT_EQ(text(post("/fhir/Patient", body, {{"prefer", "return=minimal"}})), "");
  EXPECT_EQ(parsed(post("/fhir/Patient", body, {{"prefer", "return=OperationOutcome"}})).at("resourceType"),
            "OperationOutcome");
  const auto members = [&](const std::string& query) {
    std::string names;
    const json::value resource = parsed(get("/fhir/Patient/made-1" + query));
    for (const auto& member : resource.as_object()) names += std::string(member.key()) + " ";
    return names;
  };
  EXPECT_EQ(members(""), "resourceType id meta text active maritalStatus birthDate ");
  EXPECT_EQ(members("?_summary=true"), "resourceType id meta active birthDate ");
  EXPECT_EQ(members("?_summary=text"), "resourceType id meta text ");
  EXPECT_EQ(members("?_summary=data"), "resourceType id meta active maritalStatus birthDate ");
  EXPECT_EQ(members("?_elements=birthDate,Observation.active"), "resourceType id meta birthDate ");
  EXPECT_NE(text(get("/fhir/Patient/made-1?_elements=birthDate")).find("SUBSETTED"), std::string::npos);
  EXPECT_NE(text(get("/fhir/Patient/made-1?_pretty=true")).find("\n  \"active\": true"), std::string::npos);
  EXPECT_TRUE(text(get("/fhir/Patient/made-1?_format=xml")).starts_with("<"));
}

TEST_F(RestTest, HistoriesGoBackPageByPageThroughOneCut) {
  for (int i = 0; i < 5; ++i)
    put("/fhir/Patient/a", fmt::format(R"({{"resourceType":"Patient","id":"a","birthDate":"200{}"}})", i));
  ask(Method::del, "/fhir/Patient/a");
  put("/fhir/Device/d", R"({"resourceType":"Device","id":"d"})");
  const auto walk = [&](std::string url, bool write) {
    std::string seen;
    while (!url.empty()) {
      const json::value page = parsed(get(url));
      if (page.as_object().contains("entry"))
        for (const json::value& entry : page.at("entry").as_array()) {
          const json::object& object = entry.as_object();
          seen += std::string(object.at("request").at("method").as_string()) + ":";
          if (const auto* resource = object.if_contains("resource"))
            if (const auto* date = resource->as_object().if_contains("birthDate"))
              seen += std::string(date->as_string());
          seen += " ";
        }
      url.clear();
      for (const json::value& link : page.at("link").as_array())
        if (link.at("relation") == "next") url = std::string(link.at("url").as_string()).substr(17);
      if (write) put("/fhir/Patient/a", R"({"resourceType":"Patient","id":"a","birthDate":"1999"})");
    }
    return seen;
  };
  EXPECT_EQ(walk("/fhir/Patient/a/_history", false), "DELETE: PUT:2004 PUT:2003 PUT:2002 PUT:2001 POST:2000 ");
  EXPECT_EQ(walk("/fhir/_history?_count=2", false), "POST: DELETE: PUT:2004 PUT:2003 PUT:2002 PUT:2001 POST:2000 ");
  EXPECT_EQ(walk("/fhir/Patient/_history?_count=4", true), "DELETE: PUT:2004 PUT:2003 PUT:2002 PUT:2001 POST:2000 ")
      << "what is written meanwhile belongs to a later cut";
  EXPECT_EQ(get("/fhir/_history?_since=2027-01-01T00:00:00Z").status, 200);
  EXPECT_EQ(walk("/fhir/_history?_since=2027-01-01T00:00:00Z", false), "");
  const std::string strange = seal("another key", "history fhir/_history clinician", std::string(21, '\0'));
  EXPECT_EQ(get("/fhir/_history?_page=" + strange).status, 400);
  EXPECT_EQ(get("/fhir/_history?_sort=x").status, 400) << "what is not known is not ignored";
}

std::string transaction(const std::string& entries, const std::string& type = "transaction") {
  return fmt::format(R"({{"resourceType":"Bundle","type":"{}","entry":[{}]}})", type, entries);
}

TEST_F(RestTest, ATransactionIsWholeAndItsReferencesLead) {
  const std::string patient =
      R"({"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}})";
  const std::string observation =
      R"({"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","status":"final","code":{"text":"urn:uuid:p is text"},)"
      R"("subject":{"reference":"urn:uuid:p"},"hasMember":[{"reference":"urn:uuid:o"}]},"request":{"method":"POST","url":"Observation"}})";
  const auto done = post("/fhir", transaction(observation + "," + patient));
  ASSERT_EQ(done.status, 200) << text(done);
  const json::value answer = parsed(done);
  EXPECT_EQ(answer.at("type"), "transaction-response");
  EXPECT_EQ(answer.at("entry").as_array().size(), 2U);
  EXPECT_EQ(answer.at("entry").as_array()[0].at("response").at("status"), "201 Created");
  const json::value read = parsed(get("/fhir/Observation/made-1"));
  EXPECT_EQ(read.at("subject").at("reference"), "Patient/made-2");
  EXPECT_EQ(read.at("hasMember").as_array()[0].at("reference"), "Observation/made-1");
  EXPECT_EQ(read.at("code").at("text"), "urn:uuid:p is text");

  const std::string stale =
      R"({"resource":{"resourceType":"Patient","id":"made-2"},"request":{"method":"PUT","url":"Patient/made-2","ifMatch":"W/\"999\""}})";
  const auto refused = post("/fhir", transaction(patient + "," + stale));
  EXPECT_EQ(refused.status, 412) << text(refused);
  EXPECT_NE(text(refused).find("change 1"), std::string::npos) << text(refused);
  EXPECT_EQ(get("/fhir/Patient/made-3").status, 404) << "nothing of it is there";

  const std::string twice = R"({"request":{"method":"DELETE","url":"Patient/made-2"}})";
  EXPECT_EQ(post("/fhir", transaction(twice + "," + twice)).status, 400);
  EXPECT_EQ(post("/fhir", transaction("{}")).status, 400);
  EXPECT_EQ(post("/fhir", R"({"resourceType":"Bundle","type":"collection"})").status, 400);
  EXPECT_EQ(post("/fhir", R"({"resourceType":"Patient"})").status, 400);
}

TEST_F(RestTest, EntriesOfABatchStandAlone) {
  const auto done = post(
      "/fhir",
      transaction(R"({"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}},)"
                  R"({"resource":{"resourceType":"Patient","id":"b"},"request":{"method":"PUT","url":"Patient/c"}},)"
                  R"({"request":{"method":"GET","url":"Patient/a"}},{"request":{"method":"GET","url":"Patient/none"}},)"
                  R"({"request":{"method":"DELETE","url":"Patient/none"}})",
                  "batch"));
  ASSERT_EQ(done.status, 200) << text(done);
  std::string statuses;
  const json::value answer = parsed(done);
  for (const json::value& entry : answer.at("entry").as_array())
    statuses += std::string(entry.at("response").at("status").as_string()).substr(0, 3) + " ";
  EXPECT_EQ(statuses, "201 400 200 404 204 ") << text(done);
  EXPECT_EQ(parsed(done).at("entry").as_array()[2].at("resource").at("id"), "a");
}

TEST_F(RestTest, TheRecordIsTheSameFromTheLogAlone) {
  for (int i = 0; i < 20; ++i) {
    const std::string id = fmt::format("p{}", i % 7);
    put("/fhir/Patient/" + id, fmt::format(R"({{"resourceType":"Patient","id":"{}","birthDate":"19{:02}"}})", id, i));
    if (i % 5 == 4) ask(Method::del, "/fhir/Patient/" + id);
    put("/fhir/Patient/p0", R"({"resourceType":"Patient","id":"p0"})", {{"if-match", "W/\"1\""}});  // refused
  }
  const Sha256 live = host_->digest(*view_);
  const std::string history = text(get("/fhir/_history?_count=100"));
  stop();
  start();
  EXPECT_EQ(host_->digest(*view_), live) << "from the checkpoint";
  EXPECT_EQ(text(get("/fhir/_history?_count=100")), history);
  stop();
  std::filesystem::remove_all(directory_);
  start();
  EXPECT_EQ(host_->digest(*view_), live) << "from nothing";
  EXPECT_EQ(text(get("/fhir/_history?_count=100")), history);
}

TEST_F(RestTest, RefusesWhatIsNoResourceAndValidatesOnRequest) {
  const auto refused = post("/fhir/Patient", R"({"resourceType":"Patient","birthDate":"2023-02-29","colour":"red"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(text(refused).find("Patient.birthDate"), std::string::npos) << text(refused);
  EXPECT_NE(text(refused).find("colour"), std::string::npos) << text(refused);
  EXPECT_EQ(post("/fhir/Observation", R"({"resourceType":"Observation","status":"final"})").status, 422) << "no code";
  const auto bundle = post("/fhir", transaction(R"({"resource":{"resourceType":"Observation","status":"final"},)"
                                                R"("request":{"method":"POST","url":"Observation"}})"));
  EXPECT_EQ(bundle.status, 422) << text(bundle);
  EXPECT_NE(text(bundle).find("Bundle.entry[0]"), std::string::npos) << text(bundle);

  const auto said = post("/fhir/Patient/$validate", R"({"resourceType":"Patient","contact":[{"gender":"male"}]})");
  EXPECT_EQ(said.status, 200);
  EXPECT_NE(text(said).find("pat-1"), std::string::npos) << text(said);
  EXPECT_EQ(post("/fhir/Observation/$validate", R"({"resourceType":"Patient"})").status, 400);
  put("/fhir/Patient/a", R"({"resourceType":"Patient","id":"a"})");
  EXPECT_EQ(post("/fhir/Patient/a/$validate",
                 R"({"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"update"}]})")
                .status,
            200);
}

TEST_F(RestTest, EvaluatesFhirPath) {
  const auto ask_path = [&](const std::string& rest) {
    return post("/fhir/$fhirpath", R"({"resourceType":"Parameters","parameter":[)" + rest + "]}");
  };
  const std::string resource = R"(,{"name":"resource","resource":{"resourceType":"Patient","birthDate":"1970-01-01",)"
                               R"("name":[{"given":["a","b"]},{"given":["c"]}]}})";
  const auto parts = [](const std::string& text_of_parts) {
    return R"({"resourceType":"Parameters","parameter":[{"name":"result","part":[)" + text_of_parts + "]}]}";
  };
  EXPECT_EQ(text(ask_path(R"({"name":"expression","valueString":"name.given.count() + 1"})" + resource)),
            parts(R"({"name":"Integer","valueInteger":4})"));
  EXPECT_EQ(text(ask_path(R"x({"name":"expression","valueString":"given.first()"},)x"
                          R"({"name":"context","valueString":"name"})" +
                          resource)),
            parts(R"({"name":"string","valueString":"a"},{"name":"string","valueString":"c"})"));
  EXPECT_EQ(text(ask_path(R"({"name":"expression","valueString":"birthDate | %x"},)"
                          R"({"name":"variables","part":[{"name":"x","valueInteger":7}]})" +
                          resource)),
            parts(R"({"name":"date","valueDate":"1970-01-01"},{"name":"integer","valueInteger":7})"));
  EXPECT_EQ(ask_path(R"({"name":"expression","valueString":"name.("})").status, 400);
  EXPECT_EQ(ask_path("").status, 400);
}

TEST_F(RestTest, SaysWhatItCan) {
  const json::value can = parsed(get("/fhir/metadata"));
  EXPECT_EQ(can.at("fhirVersion"), "4.0.1");
  EXPECT_GT(can.at("rest").as_array()[0].at("resource").as_array().size(), 140U);
  const auto document = read_json(text(get("/fhir/R4/metadata")));
  ASSERT_TRUE(document);
  for (const validation::Finding& finding : validation::validate(*document))
    ADD_FAILURE() << finding.location << ": " << finding.message << ' ' << finding.rule;
  const std::string patient = json::serialize(can).substr(json::serialize(can).find(R"({"type":"Patient")"));
  for (const char* said :
       {R"({"name":"birthdate","definition":"http://hl7.org/fhir/SearchParameter/individual-birthdate","type":"date"})",
        R"("Patient:organization")", R"("Observation:subject")", R"({"name":"_content",)",
        R"("conditionalDelete":"single")"})
    EXPECT_LT(patient.find(said), patient.find(R"({"type":"PaymentNotice")")) << said;
}

TEST_F(RestTest, HistoriesAtATime) {
  // p: 8:00 made, 9:00 changed, 10:00 deleted. q: 9:30 made.
  const auto at = [&](const char* time) { clock_.advance(*parse_iso(time) - clock_.now()); };
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p","gender":"male"})");
  at("2026-03-01T09:00:00Z");
  put("/fhir/Patient/p", R"({"resourceType":"Patient","id":"p","gender":"other"})");
  at("2026-03-01T09:30:00Z");
  put("/fhir/Patient/q", R"({"resourceType":"Patient","id":"q"})");
  at("2026-03-01T10:00:00Z");
  ask(Method::del, "/fhir/Patient/p");
  const auto said = [&](const std::string& query) {
    std::string out;
    const json::value bundle = parsed(get("/fhir" + query));
    const json::value* entries = bundle.as_object().if_contains("entry");
    if (entries == nullptr) return out;
    for (const json::value& entry : entries->as_array()) {
      const json::value* resource = entry.as_object().if_contains("resource");
      const json::value* gender = resource == nullptr ? nullptr : resource->as_object().if_contains("gender");
      out += resource == nullptr ? "gone " : gender == nullptr ? "q " : std::string(gender->as_string()) + ' ';
    }
    return out;
  };
  for (const auto& [query, expected] :
       std::vector<std::pair<std::string, std::string>>{{"/Patient/p/_history?_at=2026-03-01T08:30:00Z", "male "},
                                                        {"/Patient/p/_history?_at=2026-03-01", "gone other male "},
                                                        {"/Patient/p/_history?_at=2026-03-01T09:45:00Z", "other "},
                                                        {"/Patient/p/_history?_at=2026-03-02", ""},
                                                        {"/Patient/p/_history?_at=2026-02", ""},
                                                        {"/Patient/_history?_at=2026-03-01T09:45:00Z", "q other "},
                                                        {"/Patient/_history?_at=2026-03-02", "q "},
                                                        {"/_history?_at=2026-03-01T08:00:00Z", "male "},
                                                        {"/_history?_at=2026", "gone q other male "},
                                                        {"/_history?_at=2026&_since=2026-03-01T09:30:00Z", "gone q "}})
    EXPECT_EQ(said(query), expected) << query;
  EXPECT_EQ(get("/fhir/_history?_at=soon").status, 400);
  const json::value page = parsed(get("/fhir/_history?_at=2026&_count=3"));
  const std::string next(page.at("link").as_array()[1].at("url").as_string());
  EXPECT_EQ(said(next.substr(next.find("/fhir") + 5)), "male ");
}

}  // namespace
}  // namespace salus::fhir
