#include "mqtt/topic.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "mqtt/topic_tree.hpp"

namespace salus::mqtt {
namespace {

std::vector<std::string> levels_of(const std::string& text) {
  std::vector<std::string> levels(1);
  for (const char c : text) {
    if (c == '/') {
      levels.emplace_back();
    } else {
      levels.back() += c;
    }
  }
  return levels;
}

// 4.7 read aloud, one level at a time.
bool naive(const std::vector<std::string>& filter, const std::vector<std::string>& topic, std::size_t at = 0) {
  if (at < filter.size() && filter[at] == "#") return true;
  if (at == topic.size() || at == filter.size()) return at == topic.size() && at == filter.size();
  if (filter[at] != "+" && filter[at] != topic[at]) return false;
  return naive(filter, topic, at + 1);
}
bool naive_matches(const std::string& filter, const std::string& topic) {
  if (topic[0] == '$' && (filter[0] == '+' || filter[0] == '#')) return false;
  return naive(levels_of(filter), levels_of(topic));
}

// Every text of one to three levels over a few words.
std::vector<std::string> all_of(const std::vector<std::string>& words) {
  std::vector<std::string> all;
  for (const auto& a : words) {
    all.push_back(a);
    for (const auto& b : words) {
      all.push_back(a + "/" + b);
      for (const auto& c : words) all.push_back(a + "/" + b + "/" + c);
    }
  }
  return all;
}

std::vector<std::string> filters() {
  std::vector<std::string> valid;
  for (const auto& filter : all_of({"a", "b", "", "$s", "+", "#"}))
    if (is_topic_filter(filter)) valid.push_back(filter);
  return valid;
}
std::vector<std::string> topics() {
  std::vector<std::string> valid;
  for (const auto& topic : all_of({"a", "b", "", "$s", "c"}))
    if (is_topic_name(topic)) valid.push_back(topic);
  for (const char* deep : {"a/b/c/d", "a///", "$s/a/b/c", "c/c/c/c"}) valid.emplace_back(deep);
  return valid;
}

TEST(Topic, MatchesAsTheStandardSays) {
  struct Row {
    const char* filter;
    const char* topic;
    bool selects;
  };
  for (const Row& row : {Row{"sport/tennis/player1/#", "sport/tennis/player1", true},
                         {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
                         {"sport/#", "sport", true},
                         {"sport/tennis/+", "sport/tennis/player1/ranking", false},
                         {"sport/+", "sport", false},
                         {"sport/+", "sport/", true},
                         {"+/+", "/finance", true},
                         {"/+", "/finance", true},
                         {"+", "/finance", false},
                         {"#", "$SYS/x", false},
                         {"+/monitor/x", "$SYS/monitor/x", false},
                         {"$SYS/#", "$SYS/x", true},
                         {"a", "A", false}})
    EXPECT_EQ(matches(row.filter, row.topic), row.selects) << row.filter << " " << row.topic;
}

TEST(Topic, ValidatesFiltersAndNames) {
  for (const char* good : {"a", "/", "+", "#", "a/#", "+/+/#", "a/+/b", "$share/g/a", "a b"})
    EXPECT_TRUE(is_topic_filter(good));
  for (const char* bad : {"", "a#", "#/a", "a/#/b", "a+", "+a/b", "a/##", "++"})
    EXPECT_FALSE(is_topic_filter(bad)) << bad;
  for (const char* bad : {"", "a/+", "#", "a+b"}) EXPECT_FALSE(is_topic_name(bad)) << bad;
  std::string deep = "a";
  for (std::size_t i = 1; i < filter_levels_max; ++i) deep += "/a";
  EXPECT_TRUE(is_topic_filter(deep));
  EXPECT_FALSE(is_topic_filter(deep + "/a"));
}

TEST(Topic, MatchesLikeTheNaiveModel) {
  for (const auto& filter : filters())
    for (const auto& topic : topics())
      EXPECT_EQ(matches(filter, topic), naive_matches(filter, topic)) << filter << " " << topic;
}

TEST(Topic, CoversExactlyWhatEveryTopicSays) {
  const auto names = topics();
  for (const auto& wide : filters()) {
    for (const auto& narrow : filters()) {
      bool all = true;
      for (const auto& topic : names) all &= !matches(narrow, topic) || matches(wide, topic);
      // The parent that "/#" selects beside its children is the empty name, which no topic has: covers() does not
      // use that, and errs on the side of "no".
      if (narrow == "/#" && !covers(wide, narrow)) continue;
      EXPECT_EQ(covers(wide, narrow), all) << wide << " " << narrow;
    }
  }
}

TEST(TopicTree, FindsWhatMatchesAndForgetsWhatWasRemoved) {
  TopicTree<int, int> tree;
  const auto texts = filters();
  std::set<int> held;
  const auto check = [&] {
    for (const auto& topic : topics()) {
      std::multiset<int> found;
      tree.match(topic, [&](int key, int value) {
        EXPECT_EQ(key, value);
        found.insert(key);
      });
      std::multiset<int> wanted;
      for (const int i : held)
        if (matches(texts[static_cast<std::size_t>(i)], topic)) wanted.insert(i);
      EXPECT_EQ(found, wanted) << topic;
    }
  };
  for (int i = 0; i < static_cast<int>(texts.size()); ++i) {
    EXPECT_TRUE(tree.put(texts[static_cast<std::size_t>(i)], i, i));
    EXPECT_FALSE(tree.put(texts[static_cast<std::size_t>(i)], i, i));
    held.insert(i);
  }
  check();
  for (int i = 0; i < static_cast<int>(texts.size()); i += 2) {
    EXPECT_TRUE(tree.remove(texts[static_cast<std::size_t>(i)], i));
    EXPECT_FALSE(tree.remove(texts[static_cast<std::size_t>(i)], i));
    held.erase(i);
  }
  check();
  EXPECT_EQ(tree.size(), held.size());
}

}  // namespace
}  // namespace salus::mqtt
