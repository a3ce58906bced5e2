#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

class ImportTest : public RestTest {
 protected:
  http::Response import(const std::string& lines, const std::string& type = "application/fhir+ndjson") {
    return post("/fhir/$import", lines, {{"content-type", type}});
  }
  // "created 1, updated 0, unchanged 0, refused 2", and each refusal behind it.
  std::string said(const std::string& lines) {
    const http::Response response = import(lines);
    EXPECT_EQ(response.status, 200);
    std::string text;
    const json::value answer = parsed(response);
    for (const json::value& one : answer.at("parameter").as_array()) {
      if (const json::value* value = one.as_object().if_contains("valueInteger"))
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", std::string_view(one.at("name").as_string()),
                            value->as_int64());
      else
        for (const json::value& issue : one.at("resource").at("issue").as_array())
          text += fmt::format("\n{}: {}", std::string_view(issue.at("code").as_string()),
                              std::string_view(issue.at("diagnostics").as_string()));
    }
    return text;
  }
};

std::string patient(int id, std::string_view gender = "female") {
  return fmt::format(R"({{"resourceType":"Patient","id":"p{}","gender":"{}"}})", id, gender) + '\n';
}

TEST_F(ImportTest, PutsEachLineUnderItsId) {
  EXPECT_EQ(said(patient(1) + "\r\n\n" + patient(2) + R"({"resourceType":"Patient","active":true})"),
            "created 3, updated 0, unchanged 0, refused 0");
  EXPECT_EQ(parsed(get("/fhir/Patient/p2")).at("gender").as_string(), "female");
  EXPECT_EQ(parsed(get("/fhir/Patient?_summary=count")).at("total").as_int64(), 3);
}

TEST_F(ImportTest, MakesNoVersionOfWhatIsThere) {
  EXPECT_EQ(said(patient(1) + patient(2) + patient(3)), "created 3, updated 0, unchanged 0, refused 0");
  const std::string stored = text(get("/fhir/Patient/p1"));  // with its version and time
  EXPECT_EQ(said(stored + '\n' + patient(2, "male") + patient(3)), "created 0, updated 1, unchanged 2, refused 0");
  EXPECT_EQ(text(get("/fhir/Patient/p1")), stored);
  EXPECT_EQ(ask(http::Method::del, "/fhir/Patient/p3").status, 204);
  EXPECT_EQ(said(patient(3)), "created 1, updated 0, unchanged 0, refused 0");
}

TEST_F(ImportTest, OneRefusedLineStopsNoOther) {
  EXPECT_EQ(said("{\n" + patient(1) + patient(1) + R"({"resourceType":"Nothing","id":"a"})" + '\n' +
                 R"({"resourceType":"Patient","id":"a_b"})" + '\n' +
                 R"({"resourceType":"Patient","id":"c","deceasedBoolean":"perhaps"})" + '\n' + patient(2))
                .substr(0, 44),
            "created 2, updated 0, unchanged 0, refused 5");
  const std::string text = said(patient(7) + patient(7));
  EXPECT_EQ(text,
            "created 1, updated 0, unchanged 0, refused 1\nduplicate: Line 2: Patient/p7 stands on line 1 already.");
}

TEST_F(ImportTest, CountsAllRefusalsAndTellsAHundred) {
  std::string lines;
  for (int i = 0; i < 150; ++i) lines += "[]\n";
  const std::string text = said(lines);
  EXPECT_TRUE(text.starts_with("created 0, updated 0, unchanged 0, refused 150\n")) << text;
  EXPECT_EQ(std::ranges::count(text, '\n'), 100);
}

TEST_F(ImportTest, ManySetsAreInFlight) {
  std::string lines;
  for (int i = 0; i < 2600; ++i) lines += patient(i);
  EXPECT_EQ(said(lines), "created 2600, updated 0, unchanged 0, refused 0");
  EXPECT_EQ(said(lines), "created 0, updated 0, unchanged 2600, refused 0");
  EXPECT_EQ(parsed(get("/fhir/Patient?_summary=count")).at("total").as_int64(), 2600);
}

TEST_F(ImportTest, TakesNdjsonAlone) {
  EXPECT_EQ(import(patient(1), "application/fhir+json").status, 415);
  EXPECT_EQ(import(patient(1), "application/x-ndjson; charset=utf-8").status, 200);
  EXPECT_EQ(import("").status, 200);
}

}  // namespace
}  // namespace salus::fhir
