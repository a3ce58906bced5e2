// _text and _content, near, and chains over canonical references: row by row, and words against a plain model.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "fhir/search/model_for_test.hpp"
#include "fhir/search/search_for_test.hpp"

namespace salus::fhir::search {
namespace {

TEST_F(Search, Words) {
  records.put(R"({"resourceType":"Condition","id":"k1","subject":{"reference":"Patient/p1"},
    "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><b>Acute</b> Pneumonia &amp; cough</div>"},
    "code":{"text":"Lungenentzündung"},"note":[{"text":"Seen on the ward. 肺炎"}]})");
  records.put(R"({"resourceType":"Condition","id":"k2","subject":{"reference":"Patient/p2"},
    "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Chronic cough</div>"},"code":{"text":"Cough"}})");
  check("Condition", {
                         {"_text=cough", "k1 k2"},
                         {"_text=COUGH acute", "k1"},
                         {"_text=pneu", "k1"},
                         {"_text=monia", ""},
                         {"_text=xmlns", ""},
                         {"_text=\"chronic cough\"", "k2"},
                         {"_text=\"cough chronic\"", ""},
                         {"_text=acute,chronic", "k1 k2"},
                         {"_text=lungenentzundung", ""},
                         {"_content=lungenentzundung", "k1"},
                         {"_content=ward pneumonia", "k1"},
                         {"_content=炎", "k1"},
                         {"_content=cough&patient=Patient/p2", "k2"},
                         {"_content=cough&_filter=patient eq Patient/p2", "k2"},
                         {"patient._content=muller", "k1"},
                         {"_text= ", "Parameter '_text': There is no word to look for."},
                         {"_text:exact=a", "Parameter '_text:exact': _text has no modifiers."},
                     });
  const std::pair<std::string, std::string> words{"_content", "cough"};
  const auto condition = parse_query(Definitions::r4().type("Condition"), {&words, 1}, {});
  ASSERT_FALSE(condition);
  EXPECT_EQ(condition.error().message, "Parameter '_content': the words of resources are no condition of a write.");
}

TEST_F(Search, WordsAreTooDearWhereNothingElseNarrows) {
  for (int i = 0; i < 60; ++i)
    records.put(fmt::format(R"({{"resourceType":"Basic","id":"b{}","code":{{"text":"word{}"}}}})", i, i % 50));
  const Query query = RecordsForTest::parse("Basic", "_content=none");
  const auto all = records.search(query, records.last(), {.steps_max = 60 * 202 + 100});
  ASSERT_TRUE(all) << all.error().message;
  const auto refused = records.search(query, records.last(), {.steps_max = 59 * 200});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST_F(Search, ContainedResourcesAreNotSearched) {
  check("Patient", {{"_contained=false&family=mull", "p1 p3"},
                    {"_contained=maybe", "Parameter '_contained': it is false, true or both."},
                    {"_containedType=held", "Parameter '_containedType': it is container or contained."}});
}

TEST_F(Search, Near) {
  records.put(R"({"resourceType":"Location","id":"dom","position":{"latitude":50.9413,"longitude":6.9583}})");
  records.put(R"({"resourceType":"Location","id":"bonn","position":{"latitude":50.7374,"longitude":7.0982}})");
  records.put(R"({"resourceType":"Location","id":"date-line","position":{"latitude":-17.0,"longitude":179.999}})");
  records.put(R"({"resourceType":"Location","id":"nowhere"})");
  check(
      "Location",
      {
          {"near=50.9413|6.9583|1|km", "dom"},
          {"near=50.9413|6.9583|24.6|km", "dom"},
          {"near=50.9413|6.9583|24.8|km", "dom bonn"},
          {"near=50.9413|6.9583|15.3|mi", "dom"},
          {"near=50.9413|6.9583|15.5|[mi_us]", "dom bonn"},
          {"near=50.9413|6.9583", "dom bonn"},
          {"near=50.9413|6.9583|0|m", "dom"},
          {"near=-17|-179.999|1", "date-line"},
          {"near=0|0|21000", "dom bonn date-line"},
          {"near:missing=true", "nowhere"},
          {"near=91|0", "Parameter 'near': it is 'latitude|longitude|distance|unit' in degrees, the unit km, m or mi."},
          {"near=1|0|5|furlong",
           "Parameter 'near': it is 'latitude|longitude|distance|unit' in degrees, the unit km, m or mi."},
      });
}

// The haversine of libm says the same as our series.
TEST_F(Search, NearIsTheHaversine) {
  std::mt19937_64 random{7};
  std::uniform_real_distribution<double> latitude{-90, 90}, longitude{-180, 180}, distance{1, 20000};
  std::vector<std::pair<double, double>> places;
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  for (int i = 0; i < 200; ++i) {
    places.emplace_back(rounded(latitude(random)), rounded(longitude(random)));
    records.put(
        fmt::format(R"({{"resourceType":"Location","id":"l{}","position":{{"latitude":{:.4f},"longitude":{:.4f}}}}})",
                    i, places.back().first, places.back().second));
  }
  const auto kilometres = [](std::pair<double, double> a, std::pair<double, double> b) {
    constexpr double degree = std::numbers::pi / 180;
    const double u = std::sin((b.first - a.first) * degree / 2), v = std::sin((b.second - a.second) * degree / 2);
    const double h = u * u + std::cos(a.first * degree) * std::cos(b.first * degree) * v * v;
    return 2 * 6371.0088 * std::asin(std::min(1.0, std::sqrt(h)));
  };
  for (int i = 0; i < 200; ++i) {
    const std::pair at{rounded(latitude(random)), rounded(longitude(random))};
    const double most = rounded(distance(random));
    std::size_t expected = 0;
    for (const auto& place : places) expected += kilometres(at, place) <= most ? 1 : 0;
    const auto found =
        records.ids("Location", fmt::format("_count=1000&near={:.4f}|{:.4f}|{:.4f}|km", at.first, at.second, most));
    EXPECT_EQ(found.size(), expected) << at.first << ' ' << at.second << ' ' << most;
  }
}

TEST_F(Search, CanonicalReferences) {
  for (const char* version : {"1", "2"})
    records.put(fmt::format(
        R"({{"resourceType":"Questionnaire","id":"q{0}","url":"http://x.org/Questionnaire/q","version":"{0}",
      "status":"{1}","title":"Mood {0}"}})",
        version, version[0] == '1' ? "retired" : "active"));
  records.put(
      R"({"resourceType":"QuestionnaireResponse","id":"any","status":"completed","questionnaire":"http://x.org/Questionnaire/q"})");
  records.put(
      R"({"resourceType":"QuestionnaireResponse","id":"old","status":"completed","questionnaire":"http://x.org/Questionnaire/q|1"})");
  records.put(
      R"({"resourceType":"QuestionnaireResponse","id":"none","status":"completed","questionnaire":"http://x.org/Questionnaire/other"})");
  check("QuestionnaireResponse", {
                                     {"questionnaire.title=mood", "any old"},
                                     {"questionnaire.title=mood 2", "any"},
                                     {"questionnaire.status=retired", "any old"},
                                     {"questionnaire.status=active&status=completed", "any"},
                                     {"questionnaire.status=draft", ""},
                                     {"questionnaire:Questionnaire.version=1&_id=old,none", "old"},
                                 });
  check("Questionnaire", {
                             {"_has:QuestionnaireResponse:questionnaire:_id=old", "q1"},
                             {"_has:QuestionnaireResponse:questionnaire:_id=any", "q1 q2"},
                             {"_has:QuestionnaireResponse:questionnaire:status=completed&title=mood 2", "q2"},
                         });
  const auto along = [&](std::string_view type, std::string_view search) {
    const auto found = records.search(RecordsForTest::parse(type, search), records.last());
    std::string out;
    for (const Match& match : found->included) out += records.resource(match.number).id + ' ';
    return out;
  };
  EXPECT_EQ(along("QuestionnaireResponse", "_id=any&_include=QuestionnaireResponse:questionnaire"), "q1 q2 ");
  EXPECT_EQ(along("QuestionnaireResponse", "_id=old&_include=QuestionnaireResponse:questionnaire"), "q1 ");
  EXPECT_EQ(along("Questionnaire", "_id=q2&_revinclude=QuestionnaireResponse:questionnaire"), "any ");
}

// Every word of Synthea's narratives and elements that is looked for is found where a plain look finds it.
TEST_F(Model, WordsAgree) {
  if (!load()) GTEST_SKIP() << "no data at " << data_folder();
  const TypeId type = Definitions::r4().type("Condition");
  std::map<std::string, std::string> texts;  // by id: the JSON
  for (const auto& resource : records_.resources())
    if (resource.type == type) texts[resource.id] = NaiveModel::lower(write_json(*resource.at(records_.last())));
  ASSERT_FALSE(texts.empty());
  for (const char* word : {"sinusitis", "disorder", "sprain", "finding", "acute", "encounter-diagnosis", "zebra"}) {
    std::set<std::string> expected;
    for (const auto& [id, text] : texts) {
      for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        if (std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0) expected.insert(id);
    }
    Query query = RecordsForTest::parse("Condition", std::string("_content=") + word);
    query.count = 100'000;
    const auto found = records_.search(query, records_.last(), {.steps_max = 100'000'000});
    ASSERT_TRUE(found) << found.error().message;
    std::set<std::string> ids;
    for (const Match& match : found->matches) ids.insert(records_.resource(match.number).id);
    EXPECT_EQ(ids, expected) << word;
  }
}

}  // namespace
}  // namespace salus::fhir::search
