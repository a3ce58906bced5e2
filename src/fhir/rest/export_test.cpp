#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

class ExportTest : public RestTest {
 protected:
  void SetUp() override {
    RestTest::SetUp();
    for (const char* id : {"a", "b", "c"})
      put(fmt::format("/fhir/Patient/{}", id), fmt::format(R"({{"resourceType":"Patient","id":"{}"}})", id));
    observe("oa", "Patient/a", "final");
    observe("ob", "Patient/b", "amended");
    put("/fhir/Observation/free", R"({"resourceType":"Observation","id":"free","status":"final","code":{"text":"x"}})");
    put("/fhir/Device/d", R"({"resourceType":"Device","id":"d"})");
    put("/fhir/Group/g",
        R"({"resourceType":"Group","id":"g","type":"person","actual":true,"member":[)"
        R"({"entity":{"reference":"Patient/a"}},{"entity":{"reference":"Patient/c"},"inactive":true}]})");
  }
  void observe(const std::string& id, const std::string& patient, const std::string& status) {
    EXPECT_EQ(put("/fhir/Observation/" + id,
                  fmt::format(R"({{"resourceType":"Observation","id":"{}","status":"{}","code":{{"text":"x"}},)"
                              R"("subject":{{"reference":"{}"}}}})",
                              id, status, patient))
                  .status,
              201);
  }
  http::Response begin(const std::string& url) { return get(url, {{"prefer", "respond-async"}}); }
  static std::string path_of(std::string_view url) { return std::string(url.substr(url.find("/fhir"))); }
  std::string status_of(const std::string& url) {
    const http::Response begun = begin(url);
    EXPECT_EQ(begun.status, 202) << url;
    return path_of(begun.header("content-location"));
  }
  std::string read_all(const std::string& path) {
    const http::Response response = get(path, {{"accept", "application/fhir+ndjson"}});
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.header("content-type"), "application/fhir+ndjson");
    const auto* source = std::get_if<http::BodySource>(&response.body);
    if (source == nullptr) return {};
    std::string all;
    for (bool ended = false; !ended;) {
      asio::io_context io;
      asio::co_spawn(io, (*source)(), [&](const std::exception_ptr&, Result<std::string> piece) {
        ended = !piece || piece->empty();
        if (piece) all += *piece;
      });
      io.run();
    }
    return all;
  }
  // "Device/d Patient/a …": what the files of a manifest hold; that their counts are true is checked.
  std::string exported(const std::string& status) {
    std::string found;
    const json::value manifest = parsed(get(status));
    for (const json::value& file : manifest.at("output").as_array()) {
      const std::string lines = read_all(path_of(std::string_view(file.at("url").as_string())));
      EXPECT_EQ(std::ranges::count(lines, '\n'), file.at("count").as_int64());
      std::string_view rest = lines;
      while (!rest.empty()) {
        const auto resource = parse_json(rest.substr(0, rest.find('\n')));
        rest.remove_prefix(rest.find('\n') + 1);
        EXPECT_EQ(resource->at("resourceType"), file.at("type"));
        found +=
            fmt::format("{}{}/{}", found.empty() ? "" : " ", std::string_view(resource->at("resourceType").as_string()),
                        std::string_view(resource->at("id").as_string()));
      }
    }
    return found;
  }
};

TEST_F(ExportTest, HoldsWhatWasAskedFor) {
  const std::pair<const char*, const char*> rows[] = {
      {"/fhir/$export",
       "Device/d Group/g Observation/oa Observation/ob Observation/free Patient/a Patient/b Patient/c"},
      {"/fhir/R4/$export?_type=Patient,Device", "Device/d Patient/a Patient/b Patient/c"},
      {"/fhir/Patient/$export", "Group/g Observation/oa Observation/ob Patient/a Patient/b Patient/c"},
      {"/fhir/Group/g/$export", "Group/g Observation/oa Patient/a"},
      {"/fhir/Group/g/$export?_type=Observation", "Observation/oa"},
      {"/fhir/$export?_type=Observation&_typeFilter=Observation%3Fstatus%3Damended", "Observation/ob"},
      {"/fhir/$export?_type=Observation&_typeFilter=Observation%3Fstatus%3Damended&"
       "_typeFilter=Observation%3Fsubject%3DPatient/a",
       "Observation/oa Observation/ob"},
      {"/fhir/$export?_since=2026-03-01T08:00:01Z", ""},
      {"/fhir/$export?_type=Device&_since=2026-03-01T08:00:00Z&_outputFormat=application/fhir%2Bndjson", "Device/d"},
  };
  for (const auto& [url, wanted] : rows) EXPECT_EQ(exported(status_of(url)), wanted) << url;
}

TEST_F(ExportTest, RefusesWhatIsWrong) {
  EXPECT_EQ(get("/fhir/$export").status, 400);  // without Prefer
  for (const char* query : {"_type=Nothing", "_since=yesterday", "_outputFormat=csv", "_typeFilter=Patient",
                            "_typeFilter=Patient%3Fnothing%3D1", "_type=Device&_typeFilter=Patient%3Factive%3Dtrue",
                            "_until=2026-03-01", "_typeFilter=Patient%3F_sort%3Dname"})
    EXPECT_EQ(begin(fmt::format("/fhir/$export?{}", query)).status, 400) << query;
  EXPECT_EQ(begin("/fhir/Patient/$export?_type=Device").status, 400);
  EXPECT_EQ(begin("/fhir/Group/none/$export").status, 404);
  EXPECT_EQ(get("/fhir/$export", {{"prefer", "respond-async, handling=lenient"}}).status, 202);
}

TEST_F(ExportTest, KeepsItsCutAndItsLinks) {
  const std::string status = status_of("/fhir/$export?_type=Patient,Observation");
  ask(http::Method::del, "/fhir/Patient/c");
  put("/fhir/Patient/z", R"({"resourceType":"Patient","id":"z"})");
  stop();
  start();
  const std::string wanted = "Observation/oa Observation/ob Observation/free Patient/a Patient/b Patient/c";
  EXPECT_EQ(exported(status), wanted);
  EXPECT_EQ(exported(status_of("/fhir/$export?_type=Patient")), "Patient/a Patient/b Patient/z");
  EXPECT_EQ(get(status + "00").status, 404);
  EXPECT_EQ(ask(http::Method::del, status).status, 202);
  clock_.advance(std::chrono::hours{25});
  EXPECT_EQ(get(status).status, 404);
}

TEST_F(ExportTest, KeepsTheElementsThatAreAskedFor) {
  put("/fhir/Patient/a", R"({"resourceType":"Patient","id":"a","gender":"female","active":true})");
  const json::value manifest = parsed(get(status_of("/fhir/$export?_type=Patient&_elements=id,Patient.gender")));
  const std::string lines =
      read_all(path_of(std::string_view(manifest.at("output").as_array()[0].at("url").as_string())));
  EXPECT_NE(lines.find(R"("gender":"female")"), std::string::npos);
  EXPECT_EQ(lines.find("active"), std::string::npos);
  EXPECT_NE(lines.find("SUBSETTED"), std::string::npos);
}

TEST_F(ExportTest, ReadsManyPieces) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += fmt::format(R"({{"resourceType":"Device","id":"e{}"}})", i) + '\n';
  post("/fhir/$import", lines, {{"content-type", "application/fhir+ndjson"}});
  const std::string found = exported(status_of("/fhir/$export?_type=Device"));
  EXPECT_EQ(std::ranges::count(found, ' '), 1000);
}

}  // namespace
}  // namespace salus::fhir
