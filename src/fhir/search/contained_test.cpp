// What is contained: hand-made resources, and Synthea's put into others, against the naive model.
#include "fhir/search/contained.hpp"

#include <gtest/gtest.h>

#include "fhir/search/model_for_test.hpp"

namespace salus::fhir::search {
namespace {

struct Asking {
  static Result<ContainedResult> ask(const RecordsForTest& records, const Query& query, const Paging& paging = {}) {
    const RecordsForTest::At catalog{records, records.last()};
    return run_contained(query, {const_cast<RecordsForTest&>(records).table(), catalog, {records.last(), true}},
                         paging);
  }
  // "container#contained" of all pages of `count`.
  static std::string all(const RecordsForTest& records, std::string_view type, std::string_view search,
                         std::uint32_t count = 2) {
    std::string out;
    try {
      Query query = RecordsForTest::parse(type, search);
      query.count = count;
      Paging paging;
      do {
        const auto page = ask(records, query, paging);
        if (!page) return page.error().message;
        for (const ContainedMatch& match : page->matches)
          out += fmt::format("{}{}{}", out.empty() ? "" : " ", records.resource(match.container.number).id,
                             query.returns_contained ? "#" + match.id : "");
        paging.after = page->next;
      } while (!paging.after.empty());
    } catch (const std::exception& e) {
      return e.what();
    }
    return out;
  }
};

class ContainedSearchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    records.put(R"({"resourceType":"Organization","id":"acme","name":"Acme"})");
    records.put(R"({"resourceType":"Medication","id":"m","code":{"coding":[{"system":"rx","code":"aspirin"}]}})");
    records.put(
        R"({"resourceType":"MedicationRequest","id":"a","status":"active","intent":"order","subject":{"reference":"Patient/p"},
      "medicationReference":{"reference":"#x"},"contained":[
      {"resourceType":"Medication","id":"x","code":{"coding":[{"system":"rx","code":"aspirin"}],"text":"Aspirin"},"status":"active",
       "manufacturer":{"reference":"Organization/acme"}}]})");
    records.put(
        R"({"resourceType":"MedicationRequest","id":"b","status":"active","intent":"order","subject":{"reference":"Patient/p"},
      "medicationReference":{"reference":"#x"},"contained":[
      {"resourceType":"Medication","id":"x","code":{"coding":[{"system":"rx","code":"ibuprofen"}]},"status":"inactive",
       "manufacturer":{"reference":"#maker"}},
      {"resourceType":"Medication","id":"y","code":{"coding":[{"system":"rx","code":"aspirin"}]},"status":"inactive"},
      {"resourceType":"Organization","id":"maker","name":"Tiny"}]})");
    records.put(R"({"resourceType":"Medication","id":"holder","contained":[
      {"resourceType":"Medication","id":"z","code":{"coding":[{"system":"rx","code":"zinc"}]}}]})");
    records.put(
        R"({"resourceType":"MedicationRequest","id":"plain","status":"active","intent":"order","subject":{"reference":"Patient/p"},
      "medicationReference":{"reference":"Medication/m"}})");
  }
  RecordsForTest records;
};

TEST_F(ContainedSearchTest, OneAndTheSameMeetsAll) {
  for (const auto& [type, search, says] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"Medication", "_contained=true&_containedType=contained", "holder#z a#x b#x b#y"},
           {"Medication", "_contained=true", "holder a b"},
           {"Medication", "_contained=true&code=aspirin", "a b"},
           {"Medication", "_contained=true&_containedType=contained&code=rx|aspirin", "a#x b#y"},
           {"Medication", "_contained=true&_containedType=contained&code=rx|", "holder#z a#x b#x b#y"},
           {"Medication", "_contained=true&_containedType=contained&code=aspirin&status=inactive", "b#y"},
           {"Medication", "_contained=true&_containedType=contained&code=aspirin&status=active", "a#x"},
           {"Medication", "_contained=true&code=ibuprofen&status=active", ""},
           {"Medication", "_contained=true&_containedType=contained&status:not=inactive", "holder#z a#x"},
           {"Medication", "_contained=true&_containedType=contained&status:missing=true", "holder#z"},
           {"Medication", "_contained=true&_containedType=contained&code:text=asp", "a#x"},
           {"Medication", "_contained=true&_containedType=contained&_id=x,z", "holder#z a#x b#x"},
           {"Medication", "_contained=true&_containedType=contained&manufacturer=Organization/acme", "a#x"},
           {"Medication", "_contained=true&_containedType=contained&manufacturer.name=acme", "a#x"},
           {"Medication", "_contained=true&_containedType=contained&manufacturer.name=tiny", "b#x"},
           {"Medication", "_contained=true&_containedType=contained&_sort=code", "a#x b#y b#x holder#z"},
           {"Medication", "_contained=true&_containedType=contained&_sort=-code", "holder#z b#x a#x b#y"},
           {"Medication", "_contained=true&_sort=-code", "holder b a"},
           {"Medication", "_contained=true&_containedType=contained&_lastUpdated=gt2000", "holder#z a#x b#x b#y"},
           {"Medication", "_contained=true&_containedType=contained&_lastUpdated=lt2000", ""},
           {"Medication", "_contained=true&_containedType=contained&_content=aspirin", "a#x b#y"},
           {"Medication", "_contained=true&_has:MedicationRequest:medication:status=active", ""},
           {"Organization", "_contained=true&_containedType=contained", "b#maker"},
           {"", "_contained=true&_containedType=contained&_type=Medication,Organization&_id=maker,x",
            "a#x b#x b#maker"},
           {"", "_contained=true&_type=Medication,Organization", "holder a b"},
           {"Patient", "_contained=true", ""}})
    for (const std::uint32_t count : {1u, 2u, 100u})
      EXPECT_EQ(Asking::all(records, type, search, count), says) << type << '?' << search << " by " << count;
}

TEST_F(ContainedSearchTest, OnlyWhatIsAskedForIsContained) {
  EXPECT_EQ(records.ids("Medication", "code=aspirin"), std::vector<std::string>{"m"});
  EXPECT_EQ(records.ids("Medication", "_contained=false&code=aspirin"), std::vector<std::string>{"m"});
  EXPECT_EQ(records.ids("Organization", "name=tiny"), std::vector<std::string>{});
}

// "A chained condition will be evaluated inside contained resources."
TEST_F(ContainedSearchTest, ChainsLookIntoWhatAResourceContains) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(records.ids("MedicationRequest", "medication.code=aspirin"), (Ids{"a", "plain"}));
  EXPECT_EQ(records.ids("MedicationRequest", "medication.code=ibuprofen"), Ids{"b"});
  EXPECT_EQ(records.ids("MedicationRequest", "status=active&medication.code=ibuprofen"), Ids{"b"});
  EXPECT_EQ(records.ids("MedicationRequest", "medication:Medication.manufacturer.name=tiny"), Ids{"b"});
  EXPECT_EQ(records.ids("MedicationRequest", "medication:Medication.manufacturer.name=acme"), Ids{"a"});
  EXPECT_EQ(records.ids("MedicationRequest", "medication.code=zinc"), Ids{});
}

TEST_F(ContainedSearchTest, ChangesAndDeletionsAreFollowed) {
  const std::string search = "_contained=true&_containedType=contained&code=aspirin";
  records.put(
      R"({"resourceType":"MedicationRequest","id":"a","status":"active","intent":"order","subject":{"reference":"Patient/p"},
      "contained":[{"resourceType":"Medication","id":"x","code":{"coding":[{"system":"rx","code":"zinc"}]}}]})");
  EXPECT_EQ(Asking::all(records, "Medication", search), "b#y");
  records.remove(Definitions::r4().type("MedicationRequest"), "b");
  EXPECT_EQ(Asking::all(records, "Medication", search), "");
}

TEST_F(ContainedSearchTest, BothShowsAContainerOnce) {
  Query query = RecordsForTest::parse("Medication", "_contained=both");
  query.count = 100;
  const auto found = Asking::ask(records, query);
  ASSERT_TRUE(found);
  std::string said;
  for (const ContainedMatch& match : found->matches) said += records.resource(match.container.number).id + ' ';
  EXPECT_EQ(said, "a b ") << "'holder' is a match by itself";
}

TEST_F(ContainedSearchTest, ConditionsFindNothingContained) {
  const std::vector<std::pair<std::string, std::string>> asked{{"_contained", "true"}};
  const auto query = parse_query(Definitions::r4().type("Medication"), asked, {});
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().message, "Parameter '_contained': what is contained is found by searches alone.");
}

TEST_F(ContainedSearchTest, DamagedLinksAreRefused) {
  Query query = RecordsForTest::parse("Medication", "_contained=true");
  for (const std::string after : {"x", "\xff\xff\xff\xff", std::string("\0\0\0\0", 4).c_str()})
    if (!after.empty()) {
      EXPECT_FALSE(Asking::ask(records, query, {.after = after}));
    }
}

// Each of Synthea's resources once more, within a Basic that holds two of them.
TEST_F(Model, ContainedResourcesAreFoundAsTheModelFindsThem) {
  if (!load()) GTEST_SKIP() << "no data at " << data_folder();
  std::vector<std::pair<std::string, std::string>> chosen;
  for (const auto& resource : records_.resources())
    if (chosen.size() < 4'000 && pick(3) == 0)
      chosen.emplace_back(resource.id, write_json(*resource.versions.front().document));
  std::set<std::string> contained;
  for (std::size_t i = 0; i + 1 < chosen.size(); i += 2) {
    records_.put(fmt::format(R"({{"resourceType":"Basic","id":"holds-{}","code":{{"text":"x"}},"contained":[{},{}]}})",
                             i, chosen[i].second, chosen[i + 1].second));
    contained.insert({chosen[i].first, chosen[i + 1].first});
  }
  std::size_t searches = 0, hits = 0;
  for (int i = 0; i < 1'500; ++i) {
    const auto& [type, all] = *std::next(by_type_.begin(), static_cast<std::ptrdiff_t>(pick(by_type_.size())));
    std::vector<Asked> asked;
    for (int tries = 0; tries < 10 && asked.size() < 1 + i % 2; ++tries) {
      const Held& held = one_of(all);
      if (held.elements.empty()) continue;
      const auto& [parameter, elements] =
          *std::next(held.elements.begin(), static_cast<std::ptrdiff_t>(pick(held.elements.size())));
      if (parameter->code[0] == '_') continue;
      Asked one{parameter, "", {}};
      one.values = {value_for(*parameter, one.modifier, one_of(elements))};
      if (!one.values[0].empty()) asked.push_back(std::move(one));
    }
    std::string search = "_contained=true&_containedType=contained";
    for (const Asked& one : asked) search += '&' + one.text();
    std::set<std::string> expected, found;
    for (const Held& held : all)
      if (contained.contains(held.id) && std::ranges::all_of(asked, [&](const Asked& one) { return meets(held, one); }))
        expected.insert(held.id);
    Query query = RecordsForTest::parse(Definitions::r4().name(type), search);
    query.count = static_cast<std::uint32_t>(1 + pick(300));
    query.total = pick(2) == 0 ? Total::accurate : Total::none;
    Paging paging;
    std::size_t seen = 0;  // also of what Synthea's own resources contain
    std::optional<std::uint64_t> total;
    do {
      const auto page = Asking::ask(records_, query, paging);
      ASSERT_TRUE(page) << search << ": " << page.error().message;
      total = page->total;
      seen += page->matches.size();
      for (const ContainedMatch& match : page->matches) {
        if (!records_.resource(match.container.number).id.starts_with("holds-")) continue;
        ASSERT_TRUE(found.insert(match.id).second) << search << " twice " << match.id;
      }
      paging.after = page->next;
    } while (!paging.after.empty());
    if (total) {
      ASSERT_EQ(*total, seen) << search;
    }
    ASSERT_EQ(found, expected) << Definitions::r4().name(type) << '?' << search;
    ++searches;
    hits += found.size();
  }
  std::printf("%zu searches of contained resources, %zu hits\n", searches, hits);
  EXPECT_GT(hits, 1'000u);
}

}  // namespace
}  // namespace salus::fhir::search
