// What searches find, row by row.
#include <gtest/gtest.h>

#include "fhir/search/block.hpp"
#include "fhir/search/search_for_test.hpp"

namespace salus::fhir::search {
namespace {

TEST_F(Search, Tokens) {
  check("Observation", {
                           {"code=8867-4", "a e"},
                           {"code=http://loinc.org|8867-4", "a"},
                           {"code=|8867-4", "e"},
                           {"code=http://loinc.org|", "a b c"},
                           {"code=8867-4,29463-7", "a b c e"},
                           {"code=8867-4&code=HR", "a"},
                           {"code:not=8867-4", "b c d"},
                           {"code:not=8867-4,29463-7", "d"},
                           {"code:text=heart", "a"},
                           {"code:text=WEIGHT OF", "d"},
                           {"code:missing=true", ""},
                           {"code:missing=false&status=final", "a b d e"},
                           {"status=final", "a b d e"},
                           {"status=fin", ""},
                       });
  check("Patient", {
                       {"identifier=urn:mrn|100", "p1"},
                       {"identifier=200", "p2"},
                       {"identifier:of-type=urn:t|MR|100", "p1"},
                       {"identifier:of-type=urn:t|MR|200", ""},
                       {"active=true", "p1"},
                       {"phone=555-1", "p1"},
                       {"email=a@example.org", "p1"},
                       {"email=555-1", ""},
                       {"deceased=true", "p2 p3"},
                       {"deceased=false", "p1"},
                       {"_id=p1,p3,nobody", "p1 p3"},
                       {"_id:not=p1", "p2 p3"},
                       {"gender=female,male", "p1 p2"},
                   });
}

TEST_F(Search, Strings) {
  check("Patient", {
                       {"family=mull", "p1 p3"},
                       {"family=MÜLLER", "p1 p3"},
                       {"family:exact=Müller", "p1"},
                       {"family:exact=Muller", ""},
                       {"family:exact=mullerson", "p3"},
                       {"family:contains=LLER", "p1 p3"},
                       {"name=eva", "p1"},
                       {"given=anna&given=eva", "p1"},
                       {"name=王", "p2"},
                       {"name:contains=明", "p2"},
                       {"address=koln", "p1"},
                       {"address-postalcode=506", "p1"},
                       {"name:missing=true", ""},
                       {"address:missing=true", "p2 p3"},
                   });
}

TEST_F(Search, References) {
  check("Observation", {
                           {"subject=Patient/p1", "a b"},
                           {"subject=p1", "a b d"},
                           {"subject:Patient=p1", "a b"},
                           {"subject:Group=p1", "d"},
                           {"patient=p1", "a b"},
                           {"patient=Patient/p1,Patient/p2", "a b c"},
                           {"subject=http://other.example/Patient/p1", "e"},
                           {"subject:identifier=urn:mrn|100", "e"},
                           {"subject=Patient/p1/_history/3", "a b"},
                       });
  check("Patient", {{"organization=Organization/o1", "p2"}, {"organization=o1", "p2"}});
}

TEST_F(Search, Dates) {
  check("Patient", {
                       {"birthdate=1974-12-25", "p1"},
                       {"birthdate=1974", "p1"},
                       {"birthdate=1980-01-01", ""},
                       {"birthdate=ne1974", "p2"},
                       {"birthdate=gt1975", "p2"},
                       {"birthdate=lt1980-06", "p1 p2"},
                       {"birthdate=ge1974-12-25", "p1 p2"},
                       {"birthdate=ge1974-12-25&birthdate=lt1975", "p1"},
                       {"death-date=2020-02-02", "p3"},
                   });
  check("Observation", {
                           {"date=2024-03-01", "a"},
                           {"date=ap2024-03-01", "a c e"},
                           {"date=2024-03-01T10:00:00Z", "a"},
                           {"date=2024-03-01T12:00:00%2B02:00",
                            "Parameter 'date': not a date; YYYY, YYYY-MM, YYYY-MM-DD or a time with its zone is."},
                           {"date=2024-03-01T12:00:00+02:00", "a"},
                           {"date=gt2024-03-01", "b c e"},
                           {"date=lt2024-03-01", "c"},
                           {"date=sa2024-03-01", "b"},
                           {"date=eb2024-03-02", "a"},
                           {"date=2024", "a b c"},
                           {"date:missing=true", "d"},
                           {"_lastUpdated=ge2000", "a b c d e"},
                           {"_lastUpdated=lt2000", ""},
                       });
}

TEST_F(Search, NumbersAndQuantities) {
  check("Observation", {
                           {"value-quantity=72", "a"},
                           {"value-quantity=72||beats/min", "a"},
                           {"value-quantity=72|http://unitsofmeasure.org|/min", "a"},
                           {"value-quantity=70.5|http://unitsofmeasure.org|kg", "b c"},
                           {"value-quantity=70500|http://unitsofmeasure.org|g", "b c"},
                           {"value-quantity=70.5||kg", "b"},
                           {"value-quantity=71||kg", "b"},
                           {"value-quantity=70.4||kg", ""},
                           {"value-quantity=gt70||kg", "b"},
                           {"value-quantity=gt70|http://unitsofmeasure.org|kg", "b c"},
                           {"value-quantity=lt10||kg", "d"},
                           {"value-quantity=gt4||kg", "b d"},
                           {"value-quantity=ge70.5|http://unitsofmeasure.org|kg", "b c"},
                           {"value-quantity=ap75||kg", "b"},
                           {"value-quantity=abc", "Parameter 'value-quantity': not a number."},
                       });
  check("RiskAssessment", {
                              {"probability=0.8", "r1"},
                              {"probability=gt0.8", "r2"},
                              {"probability=lt0.8", "r2"},
                              {"probability=ge0.8", "r1 r2"},
                              {"probability=ap0.8", "r1 r2"},
                              {"probability=sa0.05", "r1 r2"},
                              {"probability=1", "r1"},
                              {"probability=1.0", ""},
                          });
}

TEST_F(Search, Uris) {
  check("ValueSet", {
                        {"url=http://acme.org/fhir/ValueSet/123", "v1"},
                        {"url:below=http://acme.org/fhir/ValueSet/123", "v1 v2"},
                        {"url:below=http://acme.org/fhir", "v1 v2"},
                        {"url:below=http://acme.org/fhir/Val", ""},
                        {"url:above=http://acme.org/fhir/ValueSet/123/45/6", "v1 v2"},
                        {"url:above=http://acme.org/fhir/ValueSet/123", "v1"},
                    });
}

TEST_F(Search, SortsAndPages) {
  check("Observation", {
                           {"_sort=date", "c e a b d"},
                           {"_sort=-date", "b a e c d"},
                           {"_sort=-_id", "e d c b a"},
                           {"_sort=status,-_id", "e d b a c"},
                           {"_sort=-_lastUpdated&_count=2", "e d"},
                           {"_count=2", "a b"},
                       });
  for (const std::string_view sort : {"", "_sort=-date", "_sort=status,-_lastUpdated", "_sort=_id"}) {
    const Query all = RecordsForTest::parse("Observation", sort);
    const auto whole = records.search(all, records.last());
    Query paged = all;
    paged.count = 2;
    paged.total = Total::accurate;
    std::vector<Match> matches;
    Paging paging;
    do {
      const auto page = records.search(paged, records.last(), paging);
      ASSERT_TRUE(page) << page.error().message;
      EXPECT_EQ(page->total, 5u);
      for (const Match& match : page->matches) matches.push_back(match);
      paging.after = page->next;
    } while (!paging.after.empty());
    EXPECT_EQ(matches, whole->matches) << sort;
  }
  EXPECT_FALSE(records.search(RecordsForTest::parse("Observation", "_sort=date"), records.last(), {.after = "x"}));
}

TEST_F(Search, AcrossTypes) {
  check("",
        {{"_id=p1,a", "a p1"}, {"_type=Patient,Observation&_id=p1,a", "a p1"}, {"_type=Patient&gender=male", "p2"}});
}

TEST_F(Search, RefusesWhatItDoesNotKnow) {
  check("Patient", {
                       {"nonsense=1", "Patient has no search parameter 'nonsense'."},
                       {"gender:exact=1",
                        "Parameter 'gender:exact': there is no modifier ':exact' for it; a token has :not, :text, :in, "
                        ":not-in, :above, :below, "
                        ":of-type and :missing."},
                       {"name=", "Parameter 'name' has no value."},
                       {"birthdate=yesterday",
                        "Parameter 'birthdate': not a date; YYYY, YYYY-MM, YYYY-MM-DD or a time with its zone is."},
                       {"active:missing=maybe", "Parameter 'active:missing': it is true or false."},
                       {"_sort=nonsense", "Parameter '_sort': Patient cannot be sorted by 'nonsense'."},
                       {"_count=-1", "Parameter '_count': not a number of 0 or more."},
                   });
  const Query lenient = RecordsForTest::parse("Patient", "nonsense=1&gender=male", {.handling = Handling::lenient});
  EXPECT_EQ(lenient.ignored, std::vector<std::string>{"Patient has no search parameter 'nonsense'."});
  EXPECT_EQ(lenient.used.size(), 1u);
  EXPECT_EQ(records.search(lenient, records.last())->matches.size(), 1u);
}

TEST_F(Search, ShowsEveryCut) {
  const TypeId observation = Definitions::r4().type("Observation");
  const log::Offset first = records.last();
  const Query final = RecordsForTest::parse("Observation", "status=final&_total=accurate");
  records.put(R"({"resourceType":"Observation","id":"a","status":"amended","code":{"coding":[{"code":"8867-4"}]}})");
  const log::Offset amended = records.last();
  records.remove(observation, "b");
  records.remove(observation, "e");
  records.put(R"({"resourceType":"Observation","id":"b","status":"final","code":{"coding":[{"code":"other"}]}})");
  const auto at = [&](log::Offset cut, std::string_view search) {
    std::string out;
    const auto found = records.search(RecordsForTest::parse("Observation", search), cut);
    for (const Match& match : found.value().matches) out += records.resource(match.number).id;
    return out;
  };
  EXPECT_EQ(at(first, "status=final"), "abde");
  EXPECT_EQ(at(amended, "status=final"), "bde");
  EXPECT_EQ(at(log::after(amended), "status=final"), "de");
  EXPECT_EQ(at(records.last(), "status=final"), "bd");
  EXPECT_EQ(at(first, "code=http://loinc.org|29463-7&status=final"), "b");
  EXPECT_EQ(at(records.last(), "code=http://loinc.org|29463-7&status=final"), "");
  EXPECT_EQ(at(first, "status:not=final"), "c");
  EXPECT_EQ(at(first, "_sort=-date"), "baecd");
  EXPECT_EQ(at(first, "patient=p1&date=gt2023"), "ab");
  EXPECT_EQ(records.search(final, first)->total, 4u);
}

// All but how new a block's newest posting was: a number that says nothing of whose it was.
TEST_F(Search, ForgetsEverything) {
  view::MemoryTable& table = records.table();
  const auto rows = [&] {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [key, value] : table.pairs()) {
      std::string standing = key.starts_with('b') ? "" : value;
      if (standing.empty())
        Block{value}.each(0, Block::places, false, [&](unsigned place) {
          standing += fmt::format("{} ", place);
          return true;
        });
      found.emplace_back(key, standing);
    }
    return found;
  };
  const auto before = rows();
  records.put(R"({"resourceType":"Observation","id":"x","status":"final","code":{"coding":[{"code":"c"}]}})");
  records.put(R"({"resourceType":"Observation","id":"x","status":"amended","code":{"coding":[{"code":"d"}]}})");
  records.remove(Definitions::r4().type("Observation"), "x");
  records.put(R"({"resourceType":"Observation","id":"x","status":"final","code":{"coding":[{"code":"e"}]}})");
  EXPECT_NE(rows(), before);
  records.index().forget(ResourceNumber{records.resources().size()}, Definitions::r4().type("Observation"), table);
  EXPECT_EQ(rows(), before);
}

TEST_F(Search, ConditionalsStopAtTheSecond) {
  const RecordsForTest::At catalog{records, records.last()};
  const Source source{records.table(), catalog, {records.last(), true}};
  const auto count = [&](std::string_view search) {
    return match_up_to(RecordsForTest::parse("Observation", search), source, 2)->size();
  };
  EXPECT_EQ(count("code=nothing"), 0u);
  EXPECT_EQ(count("code=HR"), 1u);
  EXPECT_EQ(count("status=final"), 2u);
}

TEST_F(Search, EndsWhenItIsTooMuch) {
  const auto found =
      records.search(RecordsForTest::parse("Observation", "status=final"), records.last(), {.steps_max = 2});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::too_large);
}

TEST_F(Search, WithinACompartment) {
  QueryContext context;
  context.compartment = Definitions::r4().type("Patient");
  context.compartment_id = "p1";
  const auto found = records.search(RecordsForTest::parse("Observation", "", context), records.last());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->matches.size(), 2u);
}

}  // namespace
}  // namespace salus::fhir::search
