#include "monitor/limits.hpp"

#include <gtest/gtest.h>

#include "log/kinds.hpp"
#include "monitor/limit_defaults.hpp"
#include "view/memory_table.hpp"

namespace salus::monitor {
namespace {

// The registry and the limits of one partition, restarted from their tables after every entry, beside ones that never
// restart: both must hold the same.
class LimitsTest : public testing::Test {
 protected:
  struct Views {
    device::Registry registry;
    Limits limits{registry};
    view::MemoryTable registry_table, limits_table;
    std::string apply(const log::Run& run, const view::Place& place) {
      std::optional<view::Answer> said = registry.apply(run, place);
      if (!said || !said->refusal)
        if (auto limits_said = limits.apply(run, place)) said = std::move(limits_said);
      return !said ? "not ours" : said->refusal ? std::string(name(said->refusal->code)) : "ok";
    }
    void save() {
      registry.save(registry_table);
      limits.save(limits_table);
    }
  };

  LimitsTest() { apply(log::kind::device_put, R"({"id":"m1"})"); }

  std::string apply(log::Kind kind, std::string_view body) {
    const log::Run run{.kind = kind, .first = log::Offset{++offset_}, .body = body};
    const view::Place place{{log::Epoch{1}, run.first}, now_};
    const std::string said = broken_->apply(run, place);
    EXPECT_EQ(straight_.apply(run, place), said);
    broken_->save();
    auto again = std::make_unique<Views>();
    again->registry_table = broken_->registry_table;
    again->limits_table = broken_->limits_table;
    EXPECT_TRUE(again->registry.load(again->registry_table));
    EXPECT_TRUE(again->limits.load(again->limits_table));
    broken_ = std::move(again);
    return said;
  }
  std::string put(std::string_view scope, std::string_view numbers, std::string_view reason = "") {
    return apply(
        log::kind::limits_put,
        fmt::format(R"({{{}"code":"hr","priority":"high",{},"by":"nurse","reason":"{}"}})", scope, numbers, reason));
  }
  std::string reset(std::string_view scope) {
    return apply(log::kind::limits_reset,
                 fmt::format(R"({{{}"code":"hr","priority":"high","by":"nurse","reason":"back"}})", scope));
  }
  std::string bind(std::string_view device, std::string_view ward, std::string_view bed, std::string_view patient,
                   std::string_view age_class = "unknown") {
    return apply(
        log::kind::binding_set,
        fmt::format(R"({{"device":"{}","ward":"{}","bed":"{}","patient":{},"age_class":"{}","by":"lead"}})", device,
                    ward, bed, patient.empty() ? "null" : fmt::format(R"({{"id":"{}"}})", patient), age_class));
  }
  // "bed 155": whose row holds for the heart rate at high priority, and its upper limit.
  std::string holds(std::string_view device = "m1") {
    const Subject subject = subject_of(broken_->registry, device);
    for (const ScopedLimit& row : broken_->limits.effective(subject)) {
      if (row.limit.code != device::code_named("hr") || row.limit.priority != Priority::high) continue;
      const Rule rule = (*broken_->limits.of(subject))[device::index(row.limit.code)].rules[0];
      if (!row.limit.enabled) {
        EXPECT_EQ(rule.high, Rule{}.high);
        return fmt::format("{} off", name(row.scope.kind));
      }
      EXPECT_EQ(rule.high, row.limit.high.value());
      return fmt::format("{} {}", name(row.scope.kind), *row.limit.high / 10);
    }
    return "nothing";
  }
  void TearDown() override {
    straight_.save();
    EXPECT_EQ(straight_.limits_table.pairs(), broken_->limits_table.pairs());
  }
  Limits& limits() { return broken_->limits; }
  view::MemoryTable& table() { return broken_->limits_table; }

  Time now_ = Time{} + seconds{1'767'225'600};

 private:
  std::uint64_t offset_ = 0;
  Views straight_;
  std::unique_ptr<Views> broken_ = std::make_unique<Views>();
};

TEST_F(LimitsTest, ComeFromTheNarrowestScopeThatHasARow) {
  bind("m1", "ICU", "B1", "P1", "adult");
  EXPECT_EQ(holds(), "hospital 130");
  constexpr std::pair<const char*, const char*> scopes[] = {{"", "hospital"},
                                                            {R"("ward":"ICU",)", "ward"},
                                                            {R"("age_class":"adult",)", "age_class"},
                                                            {R"("ward":"ICU","bed":"B1",)", "bed"},
                                                            {R"("patient":"P1",)", "patient"},
                                                            {R"("device":"m1",)", "device"}};
  int high = 150;
  for (const auto& [members, kind] : scopes) {
    EXPECT_EQ(put(members, fmt::format(R"("low":40,"high":{})", ++high)), "ok");
    EXPECT_EQ(holds(), fmt::format("{} {}", kind, high));
  }
  for (std::size_t i = std::size(scopes); i-- > 1;) {
    EXPECT_EQ(reset(scopes[i].first), "ok");
    EXPECT_EQ(holds(), fmt::format("{} {}", scopes[i - 1].second, 150 + i));
    EXPECT_EQ(reset(scopes[i].first), "not_found");
  }
  EXPECT_EQ(reset(""), "ok");
  EXPECT_EQ(holds(), "hospital 130");  // as delivered
  EXPECT_EQ(put(R"("ward":"ICU",)", R"("enabled":false)"), "ok");
  EXPECT_EQ(holds(), "ward off");
  EXPECT_EQ(put(R"("ward":"ICU","bed":"B1",)", R"("high":140)"), "ok");
  EXPECT_EQ(holds(), "bed 140");  // on again, for this bed
}

TEST_F(LimitsTest, AreNotThoseOfAnotherWardBedOrPatient) {
  bind("m1", "ICU", "B1", "P1");
  EXPECT_EQ(put(R"("ward":"A2","bed":"B1",)", R"("high":150)"), "ok");
  EXPECT_EQ(put(R"("ward":"A2",)", R"("high":151)"), "ok");
  EXPECT_EQ(put(R"("bed":"B1",)", R"("high":152)"), "ok");
  EXPECT_EQ(put(R"("patient":"P2",)", R"("high":153)"), "ok");
  EXPECT_EQ(put(R"("device":"m2",)", R"("high":154)"), "ok");
  EXPECT_EQ(put(R"("age_class":"child",)", R"("high":155)"), "ok");
  EXPECT_EQ(holds(), "hospital 130");
}

TEST_F(LimitsTest, AreDeliveredForEachAgeClassWithTheirSource) {
  bind("m1", "ICU", "B1", "P1", "child");
  EXPECT_EQ(holds(), "age_class 205");
  bind("m1", "ICU", "B1", "P1", "neonate");
  EXPECT_EQ(holds(), "age_class 220");
  put(R"("ward":"ICU",)", R"("high":150)");
  EXPECT_EQ(holds(), "age_class 220");  // a ward's numbers are for adults
  bind("m1", "ICU", "B1", "P1", "unknown");
  EXPECT_EQ(holds(), "ward 150");
  EXPECT_EQ(subject_of(device::Registry{}, "m1").watched_as(), AgeClass::adult);
  for (const Scope& scope : {Scope::hospital(), Scope::of(AgeClass::child), Scope::of(AgeClass::neonate)}) {
    EXPECT_FALSE(delivered_limits(scope).empty());
    for (const Limit& row : delivered_limits(scope)) {
      EXPECT_FALSE(row.source.empty());
      EXPECT_TRUE(row.by.empty());
      EXPECT_TRUE(row.low || row.high);
      EXPECT_TRUE(!row.low || !row.high || *row.low < *row.high);
    }
  }
  // What is high encloses what is medium.
  for (const Scope& scope : {Scope::hospital(), Scope::of(AgeClass::child), Scope::of(AgeClass::neonate)})
    for (const Limit& row : delivered_limits(scope)) {
      const Limit* medium = delivered_limit(scope, row.code, Priority::medium);
      if (row.priority != Priority::high || medium == nullptr) continue;
      EXPECT_TRUE(!row.low || !medium->low || *row.low < *medium->low) << device::info(row.code).alias();
      EXPECT_TRUE(!row.high || !medium->high || *row.high > *medium->high) << device::info(row.code).alias();
    }
}

TEST_F(LimitsTest, OfABedGoWithItsPatient) {
  apply(log::kind::device_put, R"({"id":"m2"})");
  put(R"("ward":"ICU","bed":"B1",)", R"("high":150)");  // for who is to come
  bind("m1", "ICU", "B1", "P1");
  EXPECT_EQ(holds(), "bed 150");
  bind("m2", "ICU", "B1", "P1");  // a second device at the same bed
  bind("m1", "", "", "");
  EXPECT_EQ(holds("m2"), "bed 150");
  bind("m2", "ICU", "B1", "P1", "adult");  // more is known
  EXPECT_EQ(holds("m2"), "bed 150");
  bind("m2", "ICU", "B1", "P2");
  EXPECT_EQ(holds("m2"), "hospital 130");
  put(R"("ward":"ICU","bed":"B1",)", R"("high":151)");
  bind("m2", "ICU", "B1", "");
  EXPECT_EQ(holds("m2"), "hospital 130");
  const std::vector<LimitChange> changes = limits().changes(~std::uint64_t{0});
  EXPECT_EQ(changes.front().action, LimitAction::vacated);
  EXPECT_EQ(changes.front().by, "lead");
  EXPECT_EQ(changes.front().row.high, 1510);
  put(R"("ward":"ICU","bed":"B1",)", R"("high":152)");
  bind("m2", "ICU", "B1", "P3");
  apply(log::kind::device_removed, R"({"id":"m2"})");
  bind("m1", "ICU", "B1", "P4");
  EXPECT_EQ(holds(), "hospital 130");
}

TEST_F(LimitsTest, OfAPatientFollowAMoveAndGoAfterHoursAway) {
  apply(log::kind::device_put, R"({"id":"m2"})");
  bind("m1", "ICU", "B1", "P1");
  put(R"("patient":"P1",)", R"("high":150)");
  bind("m1", "", "", "");
  now_ += std::chrono::hours{3};
  bind("m2", "A2", "B7", "P1");
  EXPECT_EQ(holds("m2"), "patient 150");
  now_ += std::chrono::hours{30};
  bind("m2", "", "", "");
  now_ += Limits::away_max + seconds{1};
  bind("m1", "ICU", "B1", "P1");
  EXPECT_EQ(holds(), "hospital 130");
}

TEST_F(LimitsTest, TakeEntriesAsTheyWereStoredBeforeThereWereScopes) {
  EXPECT_EQ(apply(log::kind::limits_put,
                  R"({"device":"m1","code":"hr","priority":"high","low":40,"high":150,"delay_ms":5000,"hysteresis":2,)"
                  R"("enabled":true,"reason":"r","by":"a"})"),
            "ok");
  EXPECT_EQ(apply(log::kind::limits_put, R"({"code":"8867-4","priority":"high","low":null,"high":140})"), "ok");
  EXPECT_EQ(holds("m1"), "device 150");
  EXPECT_EQ(holds("m2"), "hospital 140");
}

TEST_F(LimitsTest, RefuseWhatTheyCanNotMean) {
  EXPECT_EQ(put(R"("patient":"P1","device":"m1",)", R"("high":150)"), "invalid");
  EXPECT_EQ(put(R"("patient":"P1","ward":"ICU",)", R"("high":150)"), "invalid");
  EXPECT_EQ(put(R"("age_class":"unknown",)", R"("high":150)"), "invalid");
  EXPECT_EQ(put(R"("age_class":"elder",)", R"("high":150)"), "invalid");
  EXPECT_EQ(put(R"("device":"a/b",)", R"("high":150)"), "invalid");
  EXPECT_EQ(put(fmt::format(R"("ward":"{}",)", std::string(257, 'w')), R"("high":150)"), "invalid");
  EXPECT_EQ(put("", R"("high":150,"low":150)"), "invalid");
  EXPECT_EQ(put("", R"("high":150,"end_delay_ms":-1)"), "invalid");
  EXPECT_EQ(put("", R"("high":150,"delay_ms":600001)"), "invalid");
  EXPECT_EQ(apply(log::kind::limits_put, R"({"code":"ecg","priority":"high"})"), "invalid");
  EXPECT_EQ(apply(log::kind::limits_reset, R"({"code":"hr"})"), "invalid");
  EXPECT_EQ(apply(log::kind::limits_reset, R"({"code":"hr","priority":"high"})"), "not_found");  // only delivered
  EXPECT_EQ(apply(log::kind::tick, ""), "not ours");
}

TEST_F(LimitsTest, SayWhoChangedWhatAndWhyAlsoLongAfter) {
  put("", R"("high":140)", "ward round");
  put("", R"("high":145)", "again");
  reset("");
  std::vector<LimitChange> changes = limits().changes(~std::uint64_t{0});
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].action, LimitAction::reset);
  EXPECT_EQ(changes[1].before->high, 1400);
  EXPECT_EQ(changes[2].before->high, 1300);
  EXPECT_EQ(changes[2].reason, "ward round");
  EXPECT_EQ(changes[2].by, "nurse");
  for (std::size_t i = 0; i < 20; ++i) put(R"("ward":"ICU",)", fmt::format(R"("high":{})", 150 + i));
  std::vector<std::uint64_t> numbers;
  Limits::history(table(), 5, [&](LimitChange change) {
    numbers.push_back(change.number);
    return numbers.size() < 3;
  });
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{4, 3, 2}));
}

}  // namespace
}  // namespace salus::monitor
