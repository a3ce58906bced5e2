// Code systems, value sets and what they are made of: R4's own against the definitions' table, and made ones row by
// row.
#include "fhir/terminology/terminology.hpp"

#include <gtest/gtest.h>

#include <set>

#include "fhir/document/json.hpp"
#include "fhir/terminology/embedded.hpp"
#include "fhir/terminology/expand.hpp"
#include "fhir/terminology/translate.hpp"

namespace salus::fhir::terminology {
namespace {

class Given final : public Source {
 public:
  void put(std::string url, std::string json) { texts_[std::move(url)] = std::move(json); }
  std::optional<Place> find(Kind, std::string_view url, std::string_view) const override {
    const auto found = texts_.find(url);
    if (found == texts_.end()) return std::nullopt;
    return Place{found->first, [text = found->second]() -> Result<Document> {
                   auto document = read_json(text);
                   if (!document) return fail(document.error().error());
                   return std::move(*document);
                 }};
  }
  void each(Kind, const std::function<bool(Place)>&) const override {}

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

class Terms : public ::testing::Test {
 protected:
  void SetUp() override {
    given.put("urn:animals", R"({"resourceType":"CodeSystem","url":"urn:animals","version":"3","status":"active",
      "content":"complete","caseSensitive":false,"property":[{"code":"legs","type":"integer"}],"concept":[
      {"code":"animal","display":"Animal","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
        {"code":"mammal","display":"Mammal","concept":[
          {"code":"dog","display":"Dog","definition":"It barks.","designation":[{"language":"de-CH","value":"Hund"}],
           "property":[{"code":"legs","valueInteger":4}]},
          {"code":"whale","display":"Whale","property":[{"code":"legs","valueInteger":0}]}]},
        {"code":"bird","display":"Bird","concept":[
          {"code":"dodo","display":"Dodo","property":[{"code":"status","valueCode":"retired"},{"code":"legs","valueInteger":2}]}]}]},
      {"code":"bat","display":"Bat","property":[{"code":"parent","valueCode":"mammal"},{"code":"parent","valueCode":"flyer"},
        {"code":"legs","valueInteger":2}]},
      {"code":"flyer","display":"Flyer"}]})");
    given.put("urn:absent",
              R"({"resourceType":"CodeSystem","url":"urn:absent","status":"active","content":"not-present"})");
  }
  // The codes of a ValueSet with this `compose`, or why there are none.
  std::string codes(const std::string& compose, ExpandAsked asked = {}) {
    const auto document =
        read_json(R"({"resourceType":"ValueSet","url":"urn:vs","status":"active","compose":)" + compose + "}");
    EXPECT_TRUE(document) << compose;
    const auto set = terms.value_set(*document);
    if (!set) return set.error().message;
    const auto text = expand(**set, asked, terms.limits(), "urn:uuid:1", "2026-01-01T00:00:00Z");
    if (!text) return text.error().message;
    std::string out;
    for (std::size_t at = text->find("\"code\":\""); at != std::string::npos; at = text->find("\"code\":\"", at + 1))
      out += (out.empty() ? "" : " ") + text->substr(at + 8, text->find('"', at + 8) - at - 8);
    EXPECT_TRUE(read_json(*text)) << *text;
    // What is listed is found, and nothing else.
    for (const char* code : {"animal", "mammal", "dog", "whale", "bird", "dodo", "bat", "flyer"}) {
      if (asked.count || asked.offset > 0 || !asked.filter.empty() || asked.active_only) break;
      const auto found = (*set)->find("urn:animals", code);
      EXPECT_EQ(found && *found, (' ' + out + ' ').find(std::string(" ") + code + ' ') != std::string::npos)
          << compose << code;
    }
    return out;
  }
  static std::string by(const std::string& property, const std::string& op, const std::string& value) {
    return R"({"include":[{"system":"urn:animals","filter":[{"property":")" + property + R"(","op":")" + op +
           R"(","value":")" + value + R"("}]}]})";
  }

  Given given;
  Cache cache;
  Terminology terms{given, cache};
};

TEST_F(Terms, Filters) {
  for (const auto& [property, op, value, expected] :
       std::vector<std::tuple<std::string, std::string, std::string, std::string>>{
           {"concept", "is-a", "mammal", "mammal dog whale bat"},
           {"concept", "descendent-of", "mammal", "dog whale bat"},
           {"concept", "is-not-a", "mammal", "animal bird dodo flyer"},
           {"concept", "generalizes", "bat", "animal mammal bat flyer"},
           {"concept", "is-a", "unicorn",
            "The value set urn:vs filters by 'unicorn', which urn:animals does not have."},
           {"legs", "=", "2", "dodo bat"},
           {"legs", "in", "0, 4", "dog whale"},
           {"legs", "not-in", "0,4", "animal mammal bird dodo bat flyer"},
           {"legs", "exists", "true", "dog whale dodo bat"},
           {"legs", "exists", "false", "animal mammal bird flyer"},
           {"display", "regex", "[DB].*d", "bird"},
           {"code", "regex", "(", "The value set urn:vs filters by a pattern that is none."},
           {"parent", "=", "bird", "dodo"},
           {"code", "child-of", "x", "The value set urn:vs filters by 'child-of', which is not known."}})
    EXPECT_EQ(codes(by(property, op, value)), expected) << property << ' ' << op << ' ' << value;
}

TEST_F(Terms, IncludesExcludesAndImports) {
  given.put("urn:mammals", R"({"resourceType":"ValueSet","url":"urn:mammals","status":"active","compose":)" +
                               by("concept", "is-a", "mammal") + "}");
  given.put(
      "urn:a",
      R"({"resourceType":"ValueSet","url":"urn:a","status":"active","compose":{"include":[{"valueSet":["urn:b"]}]}})");
  given.put(
      "urn:b",
      R"({"resourceType":"ValueSet","url":"urn:b","status":"active","compose":{"include":[{"valueSet":["urn:a"]}]}})");
  const std::string all = R"({"system":"urn:animals"})",
                    some = R"({"system":"urn:animals","concept":[{"code":"dog"},{"code":"bird","display":"Fowl"}]})";
  for (
      const auto& [compose, expected] : std::vector<std::pair<std::string, std::string>>{
          {R"({"include":[)" + all + "]}", "animal mammal dog whale bird dodo bat flyer"},
          {R"({"include":[)" + some + "]}", "dog bird"},
          {R"({"include":[)" + all + R"(],"exclude":[{"valueSet":["urn:mammals"]}]})", "animal bird dodo flyer"},
          {R"({"include":[)" + all + R"(],"exclude":[)" + some + "]}", "animal mammal whale dodo bat flyer"},
          {R"({"inactive":false,"include":[)" + all + "]}", "animal mammal dog whale bird bat flyer"},
          {R"({"include":[{"valueSet":["urn:mammals"]}]})", "mammal dog whale bat"},
          {R"({"include":[{"system":"urn:animals","concept":[{"code":"dog"},{"code":"bird"}],"valueSet":["urn:mammals"]}]})",
           "dog"},
          {R"({"include":[)" + some + "," + some + "]}", "dog bird"},
          {R"({"include":[{"valueSet":["urn:a"]}]})", "The value set urn:a includes itself."},
          {R"({"include":[{"valueSet":["urn:none"]}]})", "The value set urn:none is not known here."},
          {R"({"include":[{"system":"urn:absent"}]})",
           "The codes of urn:absent are not here; a CodeSystem with them can be created in the record."},
          {R"({"include":[{"system":"urn:nobody","concept":[{"code":"x"}]}]})", "x"}})
    EXPECT_EQ(codes(compose), expected) << compose;
}

TEST_F(Terms, Expansions) {
  const std::string all = R"({"include":[{"system":"urn:animals"}]})";
  EXPECT_EQ(codes(all, {.filter = "d"}), "dog dodo");
  EXPECT_EQ(codes(all, {.filter = "HUND"}), "dog");
  EXPECT_EQ(codes(all, {.filter = "ha"}), "");
  EXPECT_EQ(codes(all, {.offset = 2, .count = 3}), "dog whale bird");
  EXPECT_EQ(codes(all, {.count = 0}), "");
  EXPECT_EQ(codes(all, {.active_only = true}), "animal mammal dog whale bird bat flyer");
  const auto set =
      terms.value_set(*read_json(R"({"resourceType":"ValueSet","status":"active","compose":)" + all + "}"));
  const auto text =
      expand(**set, {.filter = "dog", .language = "de", .with_designations = true}, terms.limits(), "i", "t");
  ASSERT_TRUE(text);
  EXPECT_NE(
      text->find(
          R"({"system":"urn:animals","version":"3","code":"dog","display":"Hund","designation":[{"language":"de-CH","value":"Hund"}]})"),
      std::string::npos)
      << *text;
  EXPECT_NE(text->find(R"("total":1)"), std::string::npos);
  const auto bounded = expand(**set, {}, {.looked_at_max = 3}, "i", "t");
  ASSERT_FALSE(bounded);
  EXPECT_EQ(bounded.error().code, ErrorCode::too_large);
}

TEST_F(Terms, ACodeIsSaidToBeInOrOut) {
  const auto animals = *terms.code_system("urn:animals", {});
  const auto says = [&](std::string_view code, std::string_view display) {
    const Verdict verdict = Terminology::validate(*animals, {"urn:animals", {}, code, display});
    return fmt::format("{} {}", verdict.result, verdict.message);
  };
  EXPECT_EQ(says("dog", ""), "true ");
  EXPECT_EQ(says("DOG", "dog"), "true ") << "case does not matter here";
  EXPECT_EQ(says("dog", "Hund"), "true ");
  EXPECT_EQ(says("dog", "Cat"), "false The display of urn:animals|dog is 'Dog'.");
  EXPECT_EQ(says("cat", ""), "false The code 'cat' is not in urn:animals.");
  EXPECT_TRUE(animals->subsumes(*animals->find("animal"), *animals->find("bat")));
  EXPECT_FALSE(animals->subsumes(*animals->find("bat"), *animals->find("animal")));
  EXPECT_FALSE(CodeSystem::make(*read_json(
      R"({"resourceType":"CodeSystem","status":"active","content":"complete","concept":[{"code":"a"},{"code":"a"}]})")));
  const auto units = terms.value_set("http://hl7.org/fhir/ValueSet/ucum-units");
  ASSERT_TRUE(units) << units.error().message;
  EXPECT_TRUE((*units)->find("http://unitsofmeasure.org", "mm[Hg]")->has_value());
  EXPECT_FALSE((*units)->find("http://unitsofmeasure.org", "furlongs")->has_value());
}

// The table of required bindings was expanded by other code, at build time.
TEST_F(Terms, R4sOwnValueSetsAreThoseOfTheDefinitions) {
  const Definitions& d = Definitions::r4();
  EXPECT_GT(EmbeddedSource::r4().size(), 2000u);
  std::size_t compared = 0, listed = 0, not_here = 0;
  EmbeddedSource::r4().each(Kind::value_set, [&](const Place& place) {
    const std::string url = place.key.substr(5);
    Terminology one{given, cache};  // as a request has it
    const auto set = one.value_set(url);
    if (!set) {  // two of R4's own build on what R4 lacks
      EXPECT_EQ(set.error().code, ErrorCode::not_found) << url << ": " << set.error().message;
      ++not_here;
      return true;
    }
    const auto number = d.value_set(url);
    std::size_t count = 0;
    const auto done = (*set)->each(2'000'000, [&](const Coded& coded) {
      ++count;
      if (number) {
        EXPECT_TRUE(d.has_code(*number, coded.system, coded.code)) << url << ' ' << coded.code;
      }
      if (count % 7 == 1) {
        EXPECT_TRUE((*set)->find(coded.system, coded.code)->has_value()) << url << ' ' << coded.code;
      }
      return true;
    });
    (done ? listed : not_here) += 1;
    if (number) ++compared;
    return true;
  });
  EXPECT_GT(compared, 200u);
  std::printf("%zu value sets are listed, %zu of them compared; %zu need codes that are not here\n", listed, compared,
              not_here);
}

TEST_F(Terms, Translates) {
  const auto map = read_json(
      R"({"resourceType":"ConceptMap","url":"urn:map","status":"active","group":[{"source":"urn:animals","target":"urn:t",
    "element":[{"code":"dog","target":[{"code":"D","display":"D!","equivalence":"equal"}]},
               {"code":"bat","target":[{"equivalence":"unmatched"}]}],"unmapped":{"mode":"fixed","code":"other"}}]})");
  ASSERT_TRUE(map);
  const auto said = [&](const TranslateAsked& asked) {
    std::string out;
    const auto found = translate(*map, asked, terms);
    for (const Translation& one : *found) out += fmt::format("{} {}|{} ", one.equivalence, one.system, one.code);
    return out;
  };
  EXPECT_EQ(said({.system = "urn:animals", .code = "dog"}), "equal urn:t|D ");
  EXPECT_EQ(said({.system = "urn:animals", .code = "bat"}), "unmatched urn:t| ");
  EXPECT_EQ(said({.system = "urn:animals", .code = "whale"}), "wider urn:t|other ");
  EXPECT_EQ(said({.system = "urn:else", .code = "dog"}), "");
  EXPECT_EQ(said({.system = "urn:t", .code = "D", .reverse = true}), "equal urn:animals|dog ");
  EXPECT_EQ(said({.system = "urn:animals", .code = "dog", .target_system = "urn:u"}), "");
}

TEST_F(Terms, TheCacheIsBounded) {
  Cache small{100'000};
  int reads = 0;
  const auto place = [&](const std::string& key) {
    return Place{
        key, [&reads]() -> Result<Document> {
          ++reads;
          std::string concepts;
          for (int i = 0; i < 300; ++i) concepts += fmt::format(R"({}{{"code":"c{}"}})", i == 0 ? "" : ",", i);
          return *read_json(R"({"resourceType":"CodeSystem","content":"complete","concept":[)" + concepts + "]}");
        }};
  };
  for (const char* key : {"a", "a", "b", "a", "c", "a"}) ASSERT_TRUE(small.get(place(key), Kind::code_system));
  EXPECT_GE(reads, 5) << "one fits at a time";
  reads = 0;
  for (const char* key : {"a", "b", "a", "b"}) ASSERT_TRUE(cache.get(place(key), Kind::code_system));
  EXPECT_EQ(reads, 2);
}

}  // namespace
}  // namespace salus::fhir::terminology
