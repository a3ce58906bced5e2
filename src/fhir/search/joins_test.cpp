// What searches find through other resources, and in which order.
#include <gtest/gtest.h>

#include <algorithm>

#include "fhir/search/search_for_test.hpp"

namespace salus::fhir::search {
namespace {

TEST_F(Search, Composites) {
  records.put(
      R"({"resourceType":"Observation","id":"bp","status":"final","code":{"coding":[{"system":"urn:own","code":"BP"}]},
    "component":[{"code":{"coding":[{"code":"sys"}]},"valueQuantity":{"value":120,"code":"mm[Hg]","system":"http://unitsofmeasure.org"}},
                 {"code":{"coding":[{"code":"dia"}]},"valueQuantity":{"value":80,"code":"mm[Hg]","system":"http://unitsofmeasure.org"}}]})");
  check("Observation",
        {
            {"code-value-quantity=8867-4$72", "a"},
            {"code-value-quantity=http://loinc.org|29463-7$gt70||kg", "b"},
            {"code-value-quantity=29463-7$70.5|http://unitsofmeasure.org|kg", "b c"},
            {"code-value-quantity=8867-4$gt100", ""},
            {"component-code-value-quantity=sys$gt100", "bp"},
            {"component-code-value-quantity=dia$gt100", ""},
            {"component-code-value-quantity=dia$lt100||mm[Hg]", "bp"},
            {"combo-code-value-quantity=sys$120,8867-4$72", "a bp"},
            {"code-value-quantity=8867-4", "Parameter 'code-value-quantity': 2 values are joined by '$'."},
        });
}

TEST_F(Search, Chains) {
  records.put(R"({"resourceType":"Organization","id":"o1","name":"Clinic","partOf":{"reference":"Organization/o2"}})");
  records.put(R"({"resourceType":"Organization","id":"o2","name":"Trust"})");
  check("Observation",
        {
            {"subject:Patient.name=mull", "a b"},
            {"patient.gender=male", "c"},
            {"subject.family=王", "c"},
            {"patient.gender:not=male", "a b"},
            {"patient.organization.name=clin", "c"},
            {"patient.organization.partof.name=trust", "c"},
            {"patient.organization.partof.name=clinic", ""},
            {"code=29463-7&patient.gender=female", "b"},
            {"status=final&patient.identifier=urn:mrn|100", "a b"},
            {"patient._id=p2", "c"},
            {"status.name=x", "Parameter 'status.name': status is no reference; nothing can follow it."},
            {"patient.nonsense=x", "Patient has no search parameter 'nonsense'."},
            {"patient:Nobody.name=x", "Parameter 'patient:Nobody.name': there is no resource type 'Nobody'."},
        });
  check("Patient", {
                       {"_has:Observation:patient:code=8867-4", "p1"},
                       {"_has:Observation:patient:code=29463-7", "p1 p2"},
                       {"gender=male&_has:Observation:patient:code=29463-7", "p2"},
                       {"_has:Observation:patient:code=29463-7&_has:Observation:patient:code=8867-4", "p1"},
                       {"_has:Observation:patient:value-quantity=gt70||kg", "p1"},
                       {"_has:RiskAssessment:subject:probability=0.8", "p1"},
                       {"organization.partof.name=trust", "p2"},
                       {"_has:Observation:nothing:code=1",
                        "Parameter '_has:Observation:nothing:code': Observation has no reference 'nothing'."},
                   });
  check("Organization", {
                            {"_has:Patient:organization:gender=male", "o1"},
                            {"_has:Patient:organization:_has:Observation:patient:code=29463-7", "o1"},
                            {"_has:Patient:organization:_has:Observation:patient:code=8867-4", ""},
                            {"_has:Organization:partof:_has:Patient:organization:gender=male", "o2"},
                        });
}

TEST_F(Search, FiltersAndLists) {
  records.put(
      R"({"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{"item":{"reference":"Patient/p3"}},
    {"item":{"reference":"Patient/p1"}},{"item":{"reference":"Observation/a"}}]})");
  check("Patient", {
                       {"_list=l", "p1 p3"},
                       {"_list=nothing", ""},
                       {"gender=female&_list=l", "p1"},
                       {"_filter=gender eq female", "p1"},
                       {"_filter=gender ne female", "p2 p3"},
                       {"_filter=gender eq female or gender eq male", "p1 p2"},
                       {"_filter=not (gender eq female)", "p2 p3"},
                       {"_filter=family co \"LLER\" and (birthdate lt 1975 or gender pr false)", "p1 p3"},
                       {"_filter=family eq muller", "p1"},
                       {"_filter=family sw mull", "p1 p3"},
                       {"_filter=family ew \"son\"", "p3"},
                       {"_filter=birthdate ge 1980 and gender eq male", "p2"},
                       {"gender=male,female&_filter=birthdate lt 1980", "p1"},
                       {"_filter=gender xx male", "Parameter '_filter': 'gender' is not compared by 'xx'."},
                       {"_filter=(gender eq male", "Parameter '_filter': a parenthesis is not closed."},
                       {"_filter=gender eq", "Parameter '_filter': a comparison is 'name operator value'."},
                       {"_filter=nonsense eq 1", "Patient has no search parameter 'nonsense'."},
                   });
  check("Observation", {
                           {"_filter=patient.gender eq female", "a b"},
                           {"_filter=code eq http://loinc.org|29463-7 and patient.family sw mull", "b"},
                           {"_filter=subject re Patient/p2", "c"},
                           {"_filter=value-quantity gt 70||kg", "b"},
                           {"_list=l", "a"},
                       });
}

TEST_F(Search, Includes) {
  records.put(R"({"resourceType":"Organization","id":"o1","name":"Clinic","partOf":{"reference":"Organization/o2"}})");
  records.put(R"({"resourceType":"Organization","id":"o2","name":"Trust"})");
  const auto included = [&](std::string_view type, std::string_view text) {
    const auto found = records.search(RecordsForTest::parse(type, text), records.last());
    std::vector<std::string> ids;
    for (const Match& match : found.value().included) ids.push_back(records.resource(match.number).id);
    std::ranges::sort(ids);
    std::string out;
    for (const std::string& id : ids) out += (out.empty() ? "" : " ") + id;
    return out;
  };
  EXPECT_EQ(included("Observation", "status=preliminary&_include=Observation:patient"), "p2");
  EXPECT_EQ(included("Observation", "_include=Observation:subject:Patient"), "p1 p2");
  EXPECT_EQ(included("Observation", "_include=Observation:subject:Group"), "");
  EXPECT_EQ(included("Observation", "status=preliminary&_include=*"), "p2");
  EXPECT_EQ(included("Observation", "status=preliminary&_include=Observation:*&_include=Patient:organization"), "p2");
  EXPECT_EQ(included("Observation", "status=preliminary&_include=Observation:*&_include:iterate=Patient:organization"),
            "o1 p2");
  EXPECT_EQ(included("Observation", "status=preliminary&_include:iterate=*"), "o1 o2 p2");
  EXPECT_EQ(included("Patient", "_id=p1&_revinclude=Observation:patient"), "a b");
  EXPECT_EQ(included("Patient", "_id=p1&_revinclude=*"), "a b r1 r2");
  EXPECT_EQ(included("Organization", "_id=o2&_include:iterate=Organization:partof"), "");
  EXPECT_EQ(included("Organization",
                     "_id=o2&_revinclude:iterate=Organization:partof&_revinclude:iterate=Patient:organization"),
            "o1 p2");
  EXPECT_EQ(included("Organization", "_id=o1&_include=Organization:partof&_count=0"), "");
}

// The order is the same by whatever plan; the timeline is one seek, and reads no more than a page.
TEST_F(Search, NewestFirst) {
  for (int i = 0; i < 300; ++i) {
    const std::string when =
        i % 10 == 0 ? "" : fmt::format(R"(,"effectiveDateTime":"2024-{:02}-{:02}T08:00:00Z")", 1 + i % 12, 1 + i % 28);
    records.put(
        fmt::format(R"({{"resourceType":"Observation","id":"n{}","status":"{}","subject":{{"reference":"Patient/p{}"}},
      "code":{{"coding":[{{"system":"urn:s{}","code":"x"}},{{"system":"urn:t","code":"y{}"}}]}}{}}})",
                    i, i % 3 == 0 ? "final" : "amended", 1 + i % 2, i % 2, i % 5, when));
  }
  for (const std::string_view search :
       {"patient=p1&code=x", "patient=p1&code=urn:s0|x", "subject=Patient/p2&code=y1,y2,urn:s1|x",
        "code=x&patient=p1&status=final", "code=x&patient=p2&date=ge2024-06", "status=final,amended", "code=x"}) {
    for (const std::string_view sort : {"-date", "date"}) {
      const auto name = std::string(search) + "&_sort=" + std::string(sort);
      Query query = RecordsForTest::parse("Observation", name);
      query.count = 1000;
      // A second key that nothing has takes every shortcut away and changes no order.
      Query slow = RecordsForTest::parse("Observation", name + ",value-date");
      slow.count = 1000;
      const auto expected = records.search(slow, records.last());
      const auto whole = records.search(query, records.last());
      ASSERT_TRUE(whole && expected);
      EXPECT_EQ(whole->matches, expected->matches) << name;
      query.count = 7;
      std::vector<Match> paged;
      Paging paging;
      do {
        const auto page = records.search(query, records.last(), paging);
        ASSERT_TRUE(page);
        paged.insert(paged.end(), page->matches.begin(), page->matches.end());
        paging.after = page->next;
      } while (!paging.after.empty());
      EXPECT_EQ(paged, whole->matches) << name;
    }
  }
  const auto page = records.search(
      RecordsForTest::parse("Observation", "patient=p1&code=urn:s0|x&_sort=-date&_count=10"), records.last());
  ASSERT_EQ(page.value().plan.size(), 1u);
  EXPECT_EQ(page->plan[0].how, "timeline");
  EXPECT_TRUE(page->plan[0].tried.empty());
  EXPECT_LE(page->steps, 20u);
  EXPECT_EQ(page->matches.size(), 10u);
}

}  // namespace
}  // namespace salus::fhir::search
