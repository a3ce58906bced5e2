// Searches over Synthea's bundles, made from what stands in them, against the naive model; and the fast extraction
// against the evaluator.
#include <gtest/gtest.h>

#include "fhir/search/model_for_test.hpp"

namespace salus::fhir::search {
namespace {

TEST(SearchModel, FastExtractionIsTheEvaluators) {
  const auto bundles = some_bundles(200u << 20);
  if (bundles.empty()) GTEST_SKIP() << "no data at " << data_folder();
  const Extractor fast, general{Parameters::r4(), Evaluation::general};
  std::size_t resources = 0, postings = 0;
  for (const std::string& bundle : bundles)
    for (const std::string& text : resources_of(bundle)) {
      const auto document = read_json(text);
      ASSERT_TRUE(document);
      auto a = fast.extract(*document), b = general.extract(*document);
      ++resources;
      postings += a.size();
      // The evaluator cannot follow references here, so it finds nothing by resolve(): what it finds, both do.
      std::vector<Posting> missing;
      std::ranges::set_difference(b, a, std::back_inserter(missing));
      EXPECT_TRUE(missing.empty()) << text.substr(0, 200);
      std::erase_if(a, [&](const Posting& posting) {
        if (posting.list >= timeline_list) return true;
        const SearchParameter parameter = Definitions::r4().search(static_cast<std::uint32_t>(posting.list) / 8);
        return parameter.expression.find("resolve()") != std::string_view::npos;
      });
      std::erase_if(b, [&](const Posting& posting) { return posting.list >= timeline_list; });
      std::erase_if(b, [&](const Posting& posting) {
        return Definitions::r4().search(static_cast<std::uint32_t>(posting.list) / 8).expression.find("resolve()") !=
               std::string_view::npos;
      });
      ASSERT_EQ(a, b) << text.substr(0, 200);
    }
  EXPECT_GT(resources, 1000u);
  std::printf("%zu resources, %.1f postings each\n", resources,
              static_cast<double>(postings) / static_cast<double>(resources));
}

TEST_F(Model, EverySearchParameterThatOccursAgrees) {
  if (!load()) GTEST_SKIP() << "no data at " << data_folder();
  std::size_t searches = 0, parameters = 0;
  for (const auto& [type, all] : by_type_) {
    std::map<const Parameter*, std::vector<const NaiveModel::Element*>> elements;
    for (const Held& held : all)
      for (const auto& [parameter, of] : held.elements)
        if (parameter->code[0] != '_')
          for (const auto& element : of) elements[parameter].push_back(&element);
    parameters += elements.size();
    std::vector<Asked> made;
    for (const auto& [parameter, of] : elements) {
      for (int i = 0; i < 12; ++i) {
        Asked asked{parameter, "", {}};
        if (std::string value = value_for(*parameter, asked.modifier, *one_of(of)); !value.empty()) {
          asked.values.push_back(std::move(value));
          std::string other;
          if (pick(4) == 0) value = value_for(*parameter, other, *one_of(of));
          if (!value.empty() && other == asked.modifier && pick(4) == 0) asked.values.push_back(value);
          made.push_back(std::move(asked));
        }
      }
      made.push_back({parameter, "missing", {pick(2) == 0 ? "true" : "false"}});
    }
    for (const Asked& asked : made) {
      compare(type, {asked});
      if (HasFatalFailure()) return;
      ++searches;
    }
    for (int i = 0; i < 40 && !made.empty(); ++i) {
      std::vector<Asked> several{one_of(made), one_of(made)};
      if (pick(3) == 0) several.push_back(one_of(made));
      const Parameter* sort = one_of(made).parameter;
      compare(type, several, pick(2) == 0 ? "" : (pick(2) == 0 ? "-" : "") + std::string(sort->code));
      if (HasFatalFailure()) return;
      ++searches;
    }
  }
  std::printf("%zu searches by %zu parameters over %zu resources\n", searches, parameters, records_.resources().size());
  EXPECT_GT(searches, 1000u);
}

TEST_F(Model, SortsByDate) {
  if (!load()) GTEST_SKIP() << "no data at " << data_folder();
  for (const auto& [name, code] :
       {std::pair{"Observation", "date"}, {"Encounter", "date"}, {"Condition", "onset-date"}}) {
    const TypeId type = Definitions::r4().type(name);
    const Parameter* parameter = Parameters::r4().find(type, code);
    std::map<std::string, double> starts;
    for (const Held& held : by_type_[type])
      if (const auto found = held.elements.find(parameter); found != held.elements.end())
        starts[held.id] = NaiveModel::interval(found->second.front())->first;
    for (const bool descending : {false, true}) {
      Query query = RecordsForTest::parse(name, std::string("_sort=") + (descending ? "-" : "") + code);
      query.count = 100'000;
      const auto page = records_.search(query, records_.last());
      ASSERT_TRUE(page);
      ASSERT_EQ(page->matches.size(), by_type_[type].size());
      std::optional<double> before;
      for (const Match& match : page->matches) {
        const auto start = starts.find(records_.resource(match.number).id);
        if (start == starts.end()) continue;
        if (before) {
          EXPECT_TRUE(descending ? *before >= start->second : *before <= start->second);
        }
        before = start->second;
      }
    }
  }
}

}  // namespace
}  // namespace salus::fhir::search
