#include <set>
#include <thread>

#include "fhir/data_for_test.hpp"
#include "fhir/rest/fixture_for_test.hpp"

namespace salus::fhir {
namespace {

using http::Method;

class SearchRestTest : public RestTest {
 protected:
  // Ids of all pages, in order.
  std::vector<std::string> ids(std::string target) {
    std::vector<std::string> found;
    for (int pages = 0; !target.empty(); ++pages) {
      EXPECT_LT(pages, 1000);
      const auto response = get(target);
      EXPECT_EQ(response.status, 200) << target << text(response);
      if (response.status != 200) return found;
      const json::value page = parsed(response);
      if (const json::value* entries = page.as_object().if_contains("entry"))
        for (const json::value& entry : entries->as_array())
          found.emplace_back(entry.at("resource").at("id").as_string());
      target.clear();
      for (const json::value& link : page.at("link").as_array())
        if (link.at("relation") == "next") target = std::string(link.at("url").as_string()).substr(17);
    }
    return found;
  }
  void put_patient(const std::string& id, const std::string& members) {
    const auto done =
        put("/fhir/Patient/" + id, fmt::format(R"({{"resourceType":"Patient","id":"{}",{}}})", id, members));
    ASSERT_LT(done.status, 300) << text(done);
  }
};
using Ids = std::vector<std::string>;

// Without id, meta and references by search, whose places only the server knows; members in one order.
std::string plain(const std::string& json) {
  auto value = parse_json(json);
  EXPECT_TRUE(value);
  if (!value) return {};
  const std::function<void(json::value&)> strip = [&](json::value& node) {
    if (auto* array = node.if_array())
      for (json::value& item : *array) strip(item);
    if (auto* object = node.if_object()) {
      if (auto* reference = object->if_contains("reference"); reference != nullptr && reference->is_string()) {
        const std::string_view said = reference->get_string();
        for (const char* type : {"Practitioner", "Organization", "Location"})
          if (said.starts_with(type)) *reference = type;
      }
      for (auto& member : *object) strip(member.value());
    }
  };
  value->as_object().erase("id");
  value->as_object().erase("meta");
  strip(*value);
  const auto document = read_json(json_text(*value));
  EXPECT_TRUE(document);
  return document ? write_json(*document, {.order = MemberOrder::defined}) : std::string{};
}

TEST_F(SearchRestTest, FindsWhatWasJustWrittenAndNothingThatWasDeleted) {
  put_patient("a", R"("gender":"female","birthDate":"1990-05-01")");
  EXPECT_EQ(ids("/fhir/Patient?gender=female"), Ids{"a"});
  put_patient("b", R"("gender":"female","birthDate":"1980-05-01")");
  EXPECT_EQ(ids("/fhir/Patient?gender=female&_sort=birthdate"), (Ids{"b", "a"}));
  EXPECT_EQ(ids("/fhir/Patient?birthdate=ge1990&birthdate=lt1991"), Ids{"a"}) << "repeated parameters must all hold";
  put_patient("a", R"("gender":"male")");
  EXPECT_EQ(ids("/fhir/Patient?gender=female"), Ids{"b"});
  ask(Method::del, "/fhir/Patient/b");
  EXPECT_EQ(ids("/fhir/Patient?gender=female"), Ids{});
  EXPECT_EQ(ids("/fhir/Patient?_id=a,b"), Ids{"a"});
  EXPECT_EQ(ids("/fhir/R4/Patient"), Ids{"a"});
  const auto posted =
      post("/fhir/Patient/_search", "gender=male", {{"content-type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(parsed(posted).at("entry").as_array().size(), 1U) << text(posted);
  EXPECT_EQ(ids("/fhir?_type=Patient,Device&_id=a"), Ids{"a"});
}

TEST_F(SearchRestTest, PagesStandStillWhileOthersWrite) {
  for (int i = 0; i < 20; ++i) put_patient(fmt::format("p{:02}", i), R"("gender":"other")");
  const json::value first = parsed(get("/fhir/Patient?gender=other&_count=7&_total=accurate"));
  EXPECT_EQ(first.at("total"), 20);
  put_patient("p10", R"("gender":"male")");
  ask(Method::del, "/fhir/Patient/p15");
  put_patient("p99", R"("gender":"other")");
  std::string next;
  for (const json::value& link : first.at("link").as_array())
    if (link.at("relation") == "next") next = std::string(link.at("url").as_string()).substr(17);
  stop();
  start();
  const Ids rest = ids(next);
  ASSERT_EQ(rest.size(), 13U) << "the page that was promised, also after a restart";
  EXPECT_EQ(rest[3], "p10");
  EXPECT_EQ(rest[8], "p15");
  EXPECT_EQ(ids("/fhir/Patient?gender=other").size(), 19U);
  next.replace(next.find("_page=") + 6, 4, "0000");
  EXPECT_EQ(get(next).status, 400);
}

TEST_F(SearchRestTest, GivesPagesByOffsetAndByCursorToo) {
  for (int i = 0; i < 9; ++i) put_patient(fmt::format("p{}", i), R"("gender":"other")");
  EXPECT_EQ(ids("/fhir/Patient?_offset=7"), (Ids{"p7", "p8"}));
  EXPECT_EQ(ids("/fhir/Patient?_sort=-_id&_offset=4&_count=3"), (Ids{"p4", "p3", "p2", "p1", "p0"})) << "page by page";
  EXPECT_EQ(ids("/fhir/Patient?_offset=9"), Ids{});
  EXPECT_EQ(parsed(get("/fhir/Patient?_offset=100&_total=accurate&_count=2")).at("total"), 9);
  EXPECT_EQ(parsed(get("/fhir/Patient?_offset=5&_summary=count")).at("total"), 9);
  EXPECT_EQ(ids("/fhir/Patient?_cursor=&_count=4").size(), 9U);
  for (const char* wrong : {"_offset=-1", "_offset=10001", "_offset=one", "_offset=", "_cursor=00"})
    EXPECT_EQ(get(fmt::format("/fhir/Patient?{}", wrong)).status, 400) << wrong;
  EXPECT_EQ(ids("/fhir/?_type=Patient&_count=100").size(), 9U) << "the base may end with a slash";
}

TEST_F(SearchRestTest, AnswersAsTheRecordStoodThen) {
  put_patient("a", R"("gender":"female")");
  const std::string version = std::string(get("/fhir/Patient/a").header("etag")).substr(3);
  clock_.advance(seconds{10});
  put_patient("a", R"("gender":"male")");
  put_patient("b", R"("gender":"female")");
  clock_.advance(seconds{10});
  ask(Method::del, "/fhir/Patient/b");
  const std::string then = "&_asOf=2026-03-01T08:00:05Z", later = "&_asOf=2026-03-01T08:00:15Z";
  EXPECT_EQ(ids("/fhir/Patient?gender=female"), Ids{});
  EXPECT_EQ(ids("/fhir/Patient?gender=female" + then), Ids{"a"});
  EXPECT_EQ(ids("/fhir/Patient?gender=female" + later), Ids{"b"});
  EXPECT_EQ(ids("/fhir/Patient?_count=1" + later), (Ids{"a", "b"})) << "page by page";
  EXPECT_EQ(ids("/fhir/Patient?gender=female&_asOf=" + version.substr(0, version.size() - 1)), Ids{"a"});
  EXPECT_EQ(ids("/fhir/Patient?_asOf=2020-01-01T00:00:00Z"), Ids{});
  EXPECT_EQ(parsed(get("/fhir/Patient/a?_asOf=2026-03-01T08:00:05Z")).at("gender"), "female");
  EXPECT_EQ(get("/fhir/Patient/b?_asOf=2026-03-01T08:00:05Z").status, 404);
  EXPECT_EQ(get("/fhir/Patient/b?_asOf=2026-03-01T08:00:15Z").status, 200);
  EXPECT_EQ(ids("/fhir/Patient/b/$everything?_asOf=2026-03-01T08:00:15Z"), Ids{"b"});
  EXPECT_EQ(parsed(get("/fhir/Patient/_history?_asOf=2026-03-01T08:00:15Z")).at("entry").as_array().size(), 3U);
  EXPECT_EQ(get("/fhir/Patient?_asOf=yesterday").status, 400);
  EXPECT_EQ(get("/fhir/Patient/a?_asOf=999999").status, 400);
}

TEST_F(SearchRestTest, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(get("/fhir/Patient?colour=red").status, 400);
  const auto lenient = get("/fhir/Patient?colour=red", {{"prefer", "handling=lenient"}});
  EXPECT_EQ(lenient.status, 200);
  EXPECT_NE(text(lenient).find("colour"), std::string::npos) << "what is ignored is said";
  EXPECT_NE(text(get("/fhir/Patient?gender=male&explain=true")).find("rows of the index"), std::string::npos);
}

TEST_F(SearchRestTest, ConditionsHoldOnce) {
  const std::string body =
      R"({"resourceType":"Patient","identifier":[{"system":"urn:x","value":"7"}],"gender":"male"})";
  const http::Fields none{{"if-none-exist", "identifier=urn:x|7"}};
  EXPECT_EQ(post("/fhir/Patient", body, none).status, 201);
  const auto again = post("/fhir/Patient", body, none);
  EXPECT_EQ(again.status, 200) << text(again);
  EXPECT_EQ(ids("/fhir/Patient").size(), 1U);
  EXPECT_EQ(post("/fhir/Patient", body, {{"if-none-exist", "colour=red"}}).status, 400) << "conditions are strict";
  EXPECT_EQ(post("/fhir/Patient", body, {{"if-none-exist", ""}}).status, 201);
  EXPECT_EQ(post("/fhir/Patient", body, none).status, 412) << "two of them now";

  const auto updated = put("/fhir/Patient?identifier=urn:x|8",
                           R"({"resourceType":"Patient","id":"mine","identifier":[{"system":"urn:x","value":"8"}]})");
  EXPECT_EQ(updated.status, 201) << text(updated);
  EXPECT_EQ(get("/fhir/Patient/mine").status, 200);
  EXPECT_EQ(put("/fhir/Patient?identifier=urn:x|8",
                R"({"resourceType":"Patient","identifier":[{"system":"urn:x","value":"8"}],"active":true})")
                .status,
            200);
  EXPECT_EQ(parsed(get("/fhir/Patient/mine")).at("active"), true);
  EXPECT_EQ(put("/fhir/Patient?identifier=urn:x|8", R"({"resourceType":"Patient","id":"other"})").status, 400);
  EXPECT_EQ(put("/fhir/Patient?identifier=urn:x|7", R"({"resourceType":"Patient"})").status, 412);
  EXPECT_EQ(ask(Method::del, "/fhir/Patient?identifier=urn:x|7").status, 412);
  EXPECT_EQ(ask(Method::del, "/fhir/Patient?identifier=urn:x|8").status, 204);
  EXPECT_EQ(get("/fhir/Patient/mine").status, 410);
  EXPECT_EQ(ask(Method::del, "/fhir/Patient?identifier=urn:x|8").status, 204);
}

TEST_F(SearchRestTest, RacingConditionalCreatesMakeOne) {
  std::vector<std::thread> threads;
  std::atomic<int> created{0}, existed{0};
  std::atomic<int> next_id{0};
  context_->new_id = [&] { return fmt::format("r{}", ++next_id); };
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 4; ++k) {
        const int status = post("/fhir/Patient", R"({"resourceType":"Patient","identifier":[{"value":"only"}]})",
                                {{"if-none-exist", "identifier=only"}})
                               .status;
        created += status == 201 ? 1 : 0;
        existed += status == 200 ? 1 : 0;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(existed, 63);
  EXPECT_EQ(ids("/fhir/Patient").size(), 1U);
}

TEST_F(SearchRestTest, ReferencesBySearchAreResolvedOrTheWholeIsRefused) {
  put_patient("p", R"("identifier":[{"system":"urn:x","value":"7"}])");
  const auto entry = [](const std::string& reference) {
    return fmt::format(
        R"({{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{{"resourceType":"Observation","status":"final",)"
        R"("code":{{"text":"x"}},"subject":{{"reference":"{}"}}}},"request":{{"method":"POST","url":"Observation"}}}}]}})",
        reference);
  };
  ASSERT_EQ(post("/fhir", entry("Patient?identifier=urn:x|7")).status, 200);
  const Ids made = ids("/fhir/Observation?subject=Patient/p");
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(parsed(get("/fhir/Observation/" + made[0])).at("subject").at("reference"), "Patient/p");
  EXPECT_EQ(ids("/fhir/Patient/p/Observation"), made) << "the compartment";
  EXPECT_EQ(post("/fhir", entry("Patient?identifier=urn:x|8")).status, 412);
  put_patient("q", R"("identifier":[{"system":"urn:x","value":"7"}])");
  EXPECT_EQ(post("/fhir", entry("Patient?identifier=urn:x|7")).status, 412);

  // Two that ask for the same make one, and references lead there.
  const std::string create =
      R"({"fullUrl":"urn:uuid:X","resource":{"resourceType":"Device","identifier":[{"value":"d"}]},)"
      R"("request":{"method":"POST","url":"Device","ifNoneExist":"identifier=d"}})";
  std::string other = create;
  other.replace(other.find("urn:uuid:X"), 10, "urn:uuid:Y");
  const std::string observation =
      R"({"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"device":{"reference":"urn:uuid:Y"}},)"
      R"("request":{"method":"POST","url":"Observation"}})";
  const auto done = post("/fhir", R"({"resourceType":"Bundle","type":"transaction","entry":[)" + create + "," + other +
                                      "," + observation + "]}");
  ASSERT_EQ(done.status, 200) << text(done);
  const Ids devices = ids("/fhir/Device");
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(ids("/fhir/Observation?device=Device/" + devices[0]).size(), 1U);
}

TEST_F(SearchRestTest, EverythingOfAPatientAndNothingOfAnother) {
  put_patient("p", R"("active":true)");
  put_patient("q", R"("active":true)");
  for (const std::string& id : {"a", "b", "c"})
    put("/fhir/Observation/" + id,
        fmt::format(R"({{"resourceType":"Observation","id":"{}","status":"final","code":{{"text":"x"}},)"
                    R"("subject":{{"reference":"Patient/{}"}}}})",
                    id, id == "c" ? "q" : "p"));
  put("/fhir/Condition/k", R"({"resourceType":"Condition","id":"k","subject":{"reference":"Patient/p"}})");
  EXPECT_EQ(ids("/fhir/Patient/p/$everything"), (Ids{"p", "k", "a", "b"})) << "by type, then as they were made";
  EXPECT_EQ(ids("/fhir/Patient/p/$everything?_count=1"), (Ids{"p", "k", "a", "b"}));
  EXPECT_EQ(ids("/fhir/Patient/p/$everything?_type=Observation"), (Ids{"a", "b"}));
  EXPECT_EQ(ids("/fhir/Patient/p/$everything?_since=2030-01-01T00:00:00Z"), Ids{});
  EXPECT_EQ(get("/fhir/Patient/none/$everything").status, 404);
  EXPECT_EQ(get("/fhir/Patient/p/$everything?start=2020").status, 400);
}

TEST_F(SearchRestTest, PatchesInAllFourForms) {
  put_patient("a", R"("birthDate":"1990-05-01","active":true)");
  const auto patched = [&](const std::string& type, const std::string& body, http::Fields headers = {}) {
    headers.emplace_back("content-type", type);
    return ask(Method::patch, "/fhir/Patient/a", body, std::move(headers)).status;
  };
  EXPECT_EQ(patched("application/json-patch+json", R"([{"op":"replace","path":"/active","value":false}])"), 200);
  EXPECT_EQ(parsed(get("/fhir/Patient/a")).at("active"), false);
  EXPECT_EQ(patched("application/merge-patch+json", R"({"gender":"male"})"), 200);
  EXPECT_EQ(ids("/fhir/Patient?gender=male"), Ids{"a"});
  EXPECT_EQ(
      patched(
          "application/xml-patch+xml",
          R"(<diff xmlns:f="http://hl7.org/fhir"><replace sel="f:Patient/f:gender/@value">female</replace></diff>)"),
      200);
  EXPECT_EQ(
      patched(
          "application/fhir+json",
          R"({"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},)"
          R"({"name":"path","valueString":"Patient.birthDate"}]}]})"),
      200);
  EXPECT_FALSE(parsed(get("/fhir/Patient/a")).as_object().contains("birthDate"));
  EXPECT_EQ(patched("application/json-patch+json", R"([{"op":"test","path":"/active","value":true}])"), 422);
  EXPECT_EQ(patched("application/json-patch+json", "[{]"), 400);
  EXPECT_EQ(patched("text/plain", "x"), 415);
  EXPECT_EQ(patched("application/merge-patch+json", R"({"id":"b"})"), 422);
  EXPECT_EQ(patched("application/merge-patch+json", R"({"active":true})", {{"if-match", "W/\"1\""}}), 412);
  EXPECT_EQ(ask(Method::patch, "/fhir/Patient?gender=female", R"({"active":true})",
                {{"content-type", "application/merge-patch+json"}})
                .status,
            200);
  EXPECT_EQ(ask(Method::patch, "/fhir/Patient?gender=male", R"({"active":true})",
                {{"content-type", "application/merge-patch+json"}})
                .status,
            404);
}

// Every Synthea bundle goes in; every resource reads back with equal content; a rebuilt index is the live one.
TEST_F(SearchRestTest, TakesSyntheaWhole) {
  const auto files = files_of(data_folder() / "synthea");
  if (files.empty()) GTEST_SKIP() << "no Synthea bundles at " << (data_folder() / "synthea");
  context_->new_id = random_uuid;
  const std::size_t count = std::getenv("SALUS_LONG") != nullptr ? files.size() : 6;
  std::size_t resources = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string json = read_bz2(files[i]);
    const auto done = post("/fhir", json);
    ASSERT_EQ(done.status, 200) << files[i].filename() << text(done).substr(0, 500);
    const auto bundle = read_json(json);
    ASSERT_TRUE(bundle);
    const json::value answer = parsed(done);
    std::map<std::string, std::string> places;  // fullUrl -> reference
    std::vector<const Node*> entries;
    for (const Node& entry : bundle->children(bundle->root()))
      if (bundle->name(entry) == "entry") entries.push_back(&entry);
    ASSERT_EQ(answer.at("entry").as_array().size(), entries.size());
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const std::string location(answer.at("entry").as_array()[k].at("response").at("location").as_string());
      const std::string path = location.substr(std::string_view("http://salus.test/fhir/").size());
      places[std::string(bundle->text(*bundle->child(*entries[k], "fullUrl")))] =
          path.substr(0, path.find("/_history"));
    }
    for (const Node* entry : entries) {
      if (resources++ % 7 != 0) continue;  // all are written, one in seven is compared
      const Node& resource = *bundle->child(*entry, "resource");
      std::string wanted;
      write_json(*bundle, resource, {}, wanted);
      const std::string& place = places.at(std::string(bundle->text(*bundle->child(*entry, "fullUrl"))));
      for (std::size_t at = 0; (at = wanted.find("\"urn:uuid:", at)) != std::string::npos;) {
        const std::size_t end = wanted.find('"', at + 1);
        const auto known = places.find(wanted.substr(at + 1, end - at - 1));
        if (known != places.end()) wanted.replace(at + 1, end - at - 1, known->second);
        at = wanted.find('"', at + 1);
      }
      const std::string read = text(get("/fhir/" + place));
      EXPECT_EQ(plain(read), plain(wanted)) << place;
    }
  }
  const Sha256 live = host_->digest(*view_);
  const Ids heart_rates = ids("/fhir/Observation?code=http://loinc.org|8867-4&_count=1000");
  EXPECT_GT(heart_rates.size(), 10U);
  stop();
  std::filesystem::remove_all(directory_);
  start();
  EXPECT_EQ(host_->digest(*view_), live);
  EXPECT_EQ(ids("/fhir/Observation?code=http://loinc.org|8867-4&_count=1000"), heart_rates);
}

}  // namespace
}  // namespace salus::fhir
