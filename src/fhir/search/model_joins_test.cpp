// Chains, _has, includes and earlier cuts over Synthea's bundles against the naive model.
#include <gtest/gtest.h>

#include "fhir/search/model_for_test.hpp"

namespace salus::fhir::search {
namespace {

class Joins : public Model {
 protected:
  // "Patient/1" -> what it is.
  std::map<std::string, const Held*> by_reference_;

  bool load_all() {
    if (!load()) return false;
    for (const auto& [type, all] : by_type_)
      for (const Held& held : all) by_reference_[name(type) + '/' + held.id] = &held;
    return true;
  }
  static std::string name(TypeId type) { return std::string(Definitions::r4().name(type)); }
  static std::vector<std::string> references(const Held& held, const Parameter& parameter) {
    std::vector<std::string> out;
    const auto found = held.elements.find(&parameter);
    if (found == held.elements.end()) return out;
    for (const auto& element : found->second) out.push_back(NaiveModel::string_of(element.value, "reference"));
    return out;
  }
  // A search by a parameter that some resource of the type has.
  std::optional<Asked> ask_of(TypeId type) {
    for (int tries = 0; tries < 20; ++tries) {
      const Held& held = one_of(by_type_[type]);
      if (held.elements.empty()) continue;
      const auto& [parameter, elements] =
          *std::next(held.elements.begin(), static_cast<std::ptrdiff_t>(pick(held.elements.size())));
      if (parameter->code[0] == '_') continue;
      Asked asked{parameter, "", {}};
      asked.values = {value_for(*parameter, asked.modifier, one_of(elements))};
      if (!asked.values[0].empty()) return asked;
    }
    return std::nullopt;
  }
  std::set<std::string> found(TypeId type, const std::string& search) {
    Query query = RecordsForTest::parse(name(type), search);
    query.count = 100'000;
    const auto page = records_.search(query, records_.last(), {.steps_max = 100'000'000});
    std::set<std::string> out;
    if (!page) ADD_FAILURE() << search << ": " << page.error().message;
    if (page)
      for (const Match& match : page->matches) out.insert(records_.resource(match.number).id);
    return out;
  }
};

TEST_F(Joins, ChainsAndHasAgree) {
  if (!load_all()) GTEST_SKIP() << "no data at " << data_folder();
  std::size_t searches = 0, hits = 0;
  for (int i = 0; i < 600; ++i) {
    const auto& [type, all] = *std::next(by_type_.begin(), static_cast<std::ptrdiff_t>(pick(by_type_.size())));
    const Held& some = one_of(all);
    for (const auto& [parameter, elements] : some.elements) {
      if (parameter->type != SearchType::reference || parameter->code[0] == '_' || pick(3) != 0) continue;
      const auto target = by_reference_.find(NaiveModel::string_of(one_of(elements).value, "reference"));
      if (target == by_reference_.end()) continue;
      const TypeId to = target->second->type;
      const auto asked = ask_of(to);
      if (!asked) continue;
      std::set<std::string> expected;
      for (const Held& held : all)
        for (const std::string& reference : references(held, *parameter)) {
          const auto at = by_reference_.find(reference);
          if (at != by_reference_.end() && at->second->type == to && meets(*at->second, *asked))
            expected.insert(held.id);
        }
      const std::string chain = std::string(parameter->code) + ':' + name(to) + '.' + asked->text();
      ASSERT_EQ(found(type, chain), expected) << name(type) << '?' << chain;
      // Beside another clause the chain is tried, not joined.
      if (const auto beside = ask_of(type)) {
        std::set<std::string> both;
        for (const Held& held : all)
          if (expected.contains(held.id) && meets(held, *beside)) both.insert(held.id);
        ASSERT_EQ(found(type, beside->text() + '&' + chain), both)
            << name(type) << '?' << beside->text() << '&' << chain;
      }
      const auto back = ask_of(type);
      if (!back) continue;
      std::set<std::string> referred;
      for (const Held& held : all)
        if (meets(held, *back))
          for (const std::string& reference : references(held, *parameter))
            if (const auto at = by_reference_.find(reference); at != by_reference_.end() && at->second->type == to)
              referred.insert(at->second->id);
      const std::string has = "_has:" + name(type) + ':' + std::string(parameter->code) + ':' + back->text();
      ASSERT_EQ(found(to, has), referred) << name(to) << '?' << has;
      searches += 3;
      hits += expected.size() + referred.size();
    }
  }
  std::printf("%zu searches found %zu\n", searches, hits);
  EXPECT_GT(searches, 500u);
  EXPECT_GT(hits, searches);
}

TEST_F(Joins, IncludesAgree) {
  if (!load_all()) GTEST_SKIP() << "no data at " << data_folder();
  std::size_t brought = 0;
  for (const auto& [type, all] : by_type_) {
    std::set<const Parameter*> parameters;
    for (const Held& held : all)
      for (const auto& [parameter, elements] : held.elements)
        if (parameter->type == SearchType::reference) parameters.insert(parameter);
    for (const Parameter* parameter : parameters) {
      Query query = RecordsForTest::parse(name(type), "_include=" + name(type) + ':' + std::string(parameter->code));
      query.count = 50;
      const auto page = records_.search(query, records_.last());
      ASSERT_TRUE(page);
      std::set<std::string> expected, matches, included;
      for (const Match& match : page->matches) matches.insert(records_.resource(match.number).id);
      for (const Held& held : all)
        if (matches.contains(held.id))
          for (const std::string& reference : references(held, *parameter))
            if (const auto at = by_reference_.find(reference);
                at != by_reference_.end() && !(at->second->type == type && matches.contains(at->second->id)))
              expected.insert(reference);
      for (const Match& match : page->included)
        included.insert(name(match.type) + '/' + records_.resource(match.number).id);
      ASSERT_EQ(included, expected) << name(type) << ' ' << parameter->code;
      brought += included.size();
    }
  }
  EXPECT_GT(brought, 500u);
}

// What is live at the end is what a fresh index of the same resources holds; earlier cuts show what stood then.
TEST_F(Joins, EveryCutShowsWhatStoodThen) {
  if (!load_all()) GTEST_SKIP() << "no data at " << data_folder();
  const log::Offset first = records_.last();
  std::map<std::string, std::set<std::string>> then;
  std::vector<std::pair<TypeId, std::string>> searches;
  for (int i = 0; i < 200; ++i) {
    const auto& [type, all] = *std::next(by_type_.begin(), static_cast<std::ptrdiff_t>(pick(by_type_.size())));
    if (const auto asked = ask_of(type)) {
      searches.emplace_back(type, asked->text());
      then[name(type) + '?' + asked->text()] = found(type, asked->text());
    }
  }
  // Resources take on each other's contents under their own ids, some go and some come back.
  for (const auto& [type, all] : by_type_)
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (pick(3) == 0) continue;
      const ResourceNumber number = RecordsForTest::At(records_, first).find(type, all[i].id);
      const auto& other = records_.resource(RecordsForTest::At(records_, first).find(type, one_of(all).id));
      if (pick(4) == 0) records_.remove(type, all[i].id);
      if (pick(4) == 0) continue;
      std::string text = write_json(*other.versions.front().document);
      const std::string id = "\"id\":\"" + other.id + '"';
      if (const std::size_t at = text.find(id); at != std::string::npos)
        text.replace(at, id.size(), "\"id\":\"" + all[i].id + '"');
      records_.put(text);
      ASSERT_EQ(records_.resource(number).id, all[i].id);
    }
  for (const auto& [type, search] : searches) {
    Query query = RecordsForTest::parse(name(type), search);
    query.count = 100'000;
    const auto page = records_.search(query, first, {.steps_max = 100'000'000});
    ASSERT_TRUE(page);
    std::set<std::string> ids;
    for (const Match& match : page->matches) ids.insert(records_.resource(match.number).id);
    ASSERT_EQ(ids, then[name(type) + '?' + search]) << search;
  }
  // Live rows but their offsets, against an index that never knew the past.
  view::MemoryTable fresh;
  for (std::size_t i = 0; i < records_.resources().size(); ++i) {
    const auto& resource = records_.resources()[i];
    const RecordsForTest::Version& last = resource.versions.back();
    if (last.document != nullptr)
      records_.index().put(ResourceNumber{i + 1}, resource.type, last.at, RecordsForTest::time_of(last.at),
                           records_.extractor().extract(*last.document), fresh);
  }
  const auto live = [](const view::MemoryTable& table) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : table.pairs())
      if (key[0] == 'l' || key[0] == 'v') keys.push_back(key);
    return keys;
  };
  EXPECT_EQ(live(records_.table()), live(fresh));
}

}  // namespace
}  // namespace salus::fhir::search
