// Who is told when nobody accepts: by rows of seconds, what happens, and the steps that alarm "a" has taken then.
#include <gtest/gtest.h>

#include <sstream>

#include "log/kinds.hpp"
#include "monitor/alarms.hpp"
#include "view/memory_table.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second;

// Restarted from its table after every entry, beside one that never restarts: both say the same.
class Ward {
 public:
  std::string apply(std::int64_t at, log::Kind kind, const std::string& body) {
    std::string said[2];
    ++offset_;
    const view::Place place{{log::Epoch{1}, log::Offset{offset_}}, time_from_ns(start_ns + at * second)};
    Alarms* both[] = {broken_.get(), &straight_};
    for (int i = 0; i < 2; ++i) {
      if (const auto due = both[i]->next_due(); due && *due <= place.time) both[i]->advance(place);
      const auto answer = both[i]->apply({.kind = kind, .first = log::Offset{offset_}, .body = body}, place);
      said[i] = answer && answer->refusal ? std::string(name(answer->refusal->code)) : steps(*both[i]);
    }
    EXPECT_EQ(said[0], said[1]) << body;
    broken_->save(table_);
    broken_ = std::make_unique<Alarms>();
    EXPECT_TRUE(broken_->load(table_));
    EXPECT_EQ(broken_->next_due(), straight_.next_due()) << body;
    return said[0];
  }
  const Alarms& alarms() const { return straight_; }
  std::string table() {
    view::MemoryTable straight;
    straight_.save(straight);
    return straight.pairs() == table_.pairs() ? "the same" : "another";
  }

 private:
  static std::string steps(const Alarms& alarms) {
    const Alarm* alarm = alarms.find("a");
    if (alarm == nullptr) return "none";
    std::string text;
    for (const Escalation& one : alarm->escalated)
      text += fmt::format("{}{}:{}@{}", text.empty() ? "" : " ", one.step, one.to.substr(one.to.find(':') + 1),
                          (ns_of(one.at) - start_ns) / second);
    return text.empty() ? "-" : text;
  }

  std::unique_ptr<Alarms> broken_ = std::make_unique<Alarms>();
  Alarms straight_;
  view::MemoryTable table_;
  std::uint64_t offset_ = 0;
};

constexpr const char* kRota =
    R"({"ward":"ICU","steps":[{"to":"role:clinician","high_s":30,"medium_s":60},{"to":"user:nurse","high_s":60,"medium_s":0},{"to":"station:ed","high_s":90}],"by":"lead","reason":"nights"})";

void check(std::string_view rows) {
  Ward ward;
  EXPECT_EQ(ward.apply(0, log::kind::escalation_put, kRota), "none");
  std::istringstream lines{std::string(rows)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells{line};
    std::int64_t at = 0;
    std::string what, expected, more;
    if (!(cells >> at >> what)) continue;
    log::Kind kind = log::kind::tick;
    std::string body;
    if (what == "raised" || what == "latches" || what == "elsewhere") {
      std::string priority;
      cells >> priority;
      kind = log::kind::alarm_raised;
      body = fmt::format(
          R"({{"id":"a","device":"m1","ward":"{}","rule":"low","code":"spo2","priority":"{}","latching":{}}})",
          what == "elsewhere" ? "ED" : "ICU", priority, what == "latches");
    }
    if (what == "ack") kind = log::kind::alarm_acknowledged, body = R"({"id":"a","by":"nurse"})";
    if (what == "end") kind = log::kind::alarm_ended, body = R"({"id":"a"})";
    if (what == "off")
      kind = log::kind::escalation_put, body = R"({"ward":"ICU","steps":[],"by":"lead","reason":"over"})";
    if (what == "on") kind = log::kind::escalation_put, body = kRota;
    while (cells >> more) expected += (expected.empty() ? "" : " ") + more;
    EXPECT_EQ(ward.apply(at, kind, body), expected) << line;
  }
  EXPECT_EQ(ward.table(), "the same");
}

TEST(Escalation, GoesAlongTheRotaWhileNobodyAccepts) {
  check(R"(
    100  raised high  -
    129  -            -
    130  -            1:clinician@130
    160  -            1:clinician@130 2:nurse@160
    400  -            1:clinician@130 2:nurse@160 3:ed@190
    9000 -            1:clinician@130 2:nurse@160 3:ed@190
  )");
}

TEST(Escalation, StopsWhenSomebodyAcceptsAndWhenItIsOver) {
  check(R"(
    0    raised high  -
    30   -            1:clinician@30
    40   ack          1:clinician@30
    100  -            1:clinician@30
  )");
  check(R"(
    0    raised high  -
    20   end          -
    100  -            -
  )");
}

TEST(Escalation, BeginsAnewForOneThatPersistsAndIsHeardAgain) {
  check(R"(
    0    raised high  -
    10   ack          -
    159  -            -
    160  -            1:clinician@160
  )");
}

TEST(Escalation, OfALatchedOneGoesOnUntilSomebodyHasSeenIt) {
  check(R"(
    0    latches high -
    10   end          -
    30   -            1:clinician@30
    40   ack          1:clinician@30
    9000 -            1:clinician@30
  )");
}

TEST(Escalation, IsByPriorityAndByWard) {
  check(R"(
    0    raised medium  -
    59   -              -
    60   -              1:clinician@60
    9000 -              1:clinician@60
  )");
  check(R"(
    0    raised low     -
    9000 -              -
  )");
  check(R"(
    0    elsewhere high -
    9000 -              -
  )");
}

TEST(Escalation, OverdueStepsFireOnceAfterNobodyListened) {
  check(R"(
    0    raised high  -
    9000 -            1:clinician@30 2:nurse@60 3:ed@90
    9001 -            1:clinician@30 2:nurse@60 3:ed@90
  )");
}

TEST(Escalation, FollowsARotaThatChanges) {
  check(R"(
    0    raised high  -
    10   off          -
    100  -            -
    110  on           -
    111  -            1:clinician@30 2:nurse@60 3:ed@90
  )");
}

TEST(Escalation, KeepsWhoSetARotaAndRefusesOneThatIsNone) {
  Ward ward;
  const auto put = [&](std::string_view steps, std::string_view ward_name = "ICU", std::string_view reason = "x") {
    return ward.apply(0, log::kind::escalation_put,
                      fmt::format(R"({{"ward":"{}","steps":{},"by":"lead","reason":"{}"}})", ward_name, steps, reason));
  };
  EXPECT_EQ(put(R"([{"to":"role:clinician","high_s":30,"medium_s":60}])"), "none");
  EXPECT_EQ(put("[]", ""), "invalid");
  EXPECT_EQ(put("[]", "ICU", ""), "invalid");
  EXPECT_EQ(put("{}"), "invalid");
  EXPECT_EQ(put(R"([{"to":"nurse","high_s":30}])"), "invalid");
  EXPECT_EQ(put(R"([{"to":"user:","high_s":30}])"), "invalid");
  EXPECT_EQ(put(R"([{"to":"user:nurse"}])"), "invalid") << "at no priority";
  EXPECT_EQ(put(R"([{"to":"user:nurse","high_s":3601}])"), "invalid");
  EXPECT_EQ(put(R"([{"to":"user:nurse","high_s":60},{"to":"user:trainee","high_s":30}])"), "invalid") << "back in time";
  EXPECT_EQ(put(R"([{"to":"user:nurse","high_s":60},{"to":"user:trainee","high_s":60,"medium_s":9}])"), "invalid");
  ASSERT_NE(ward.alarms().rota("ICU"), nullptr);
  EXPECT_EQ(ward.alarms().rota("ICU")->by, "lead");
  for (std::size_t i = 0; i < Alarms::rota_changes_kept + 5; ++i)
    ward.apply(static_cast<std::int64_t>(i) + 1, log::kind::escalation_put,
               R"({"ward":"ED","steps":[],"by":"second","reason":"y"})");
  EXPECT_EQ(ward.alarms().rota_changes().size(), Alarms::rota_changes_kept);
  EXPECT_EQ(ward.alarms().rota_changes().back().ward, "ICU") << "the one in force stays, whatever its age";
  EXPECT_EQ(ward.table(), "the same");
}

TEST(Escalation, DeliveryIsNotedOnceAndHindersNobody) {
  Ward ward;
  using namespace log::kind;
  ward.apply(0, alarm_raised, R"({"id":"a","device":"m1","ward":"ICU","rule":"low","priority":"high"})");
  EXPECT_EQ(ward.apply(1, alarm_delivered, R"({"ids":["a","unknown",7],"to":"desk"})"), "-");
  ward.apply(2, alarm_delivered, R"({"ids":["a"],"to":"corridor"})");
  EXPECT_EQ(ward.alarms().find("a")->delivered_to, "desk");
  EXPECT_EQ(ward.alarms().find("a")->version, 2U);
  EXPECT_EQ(ward.apply(3, alarm_delivered, R"({"ids":["a"]})"), "invalid");
  EXPECT_EQ(ward.apply(3, alarm_delivered, R"({"ids":"a","to":"desk"})"), "invalid");
  EXPECT_EQ(ward.apply(4, alarm_acknowledged, R"({"id":"a","by":"nurse","version":3})"), "conflict");
  EXPECT_EQ(ward.apply(4, alarm_acknowledged, R"({"id":"a","by":"nurse","version":1})"), "-")
      << "who saw it before it was delivered saw the same alarm";
  EXPECT_EQ(ward.apply(5, alarm_ended, R"({"id":"a"})"), "-");
}

TEST(Escalation, KnowsWhatAWardWaitsFor) {
  Ward ward;
  using namespace log::kind;
  ward.apply(0, alarm_raised, R"({"id":"a","device":"m1","ward":"ICU","rule":"low","priority":"high"})");
  ward.apply(0, alarm_raised, R"({"id":"s","device":"","ward":"ICU","rule":"no_audible_screen","priority":"medium"})");
  ward.apply(0, alarm_raised, R"({"id":"g","device":"","ward":"ED","rule":"stations_gone","priority":"medium"})");
  const auto wards = ward.alarms().by_ward();
  EXPECT_TRUE(wards.at("ICU").waits);
  EXPECT_EQ(wards.at("ICU").silent, "s");
  EXPECT_FALSE(wards.at("ED").waits) << "its own alarm does not keep itself on";
  EXPECT_EQ(wards.at("ED").gone, "g");
  ward.apply(1, alarm_acknowledged, R"({"id":"a","by":"nurse"})");
  EXPECT_FALSE(ward.alarms().by_ward().at("ICU").waits);
}

}  // namespace
}  // namespace salus::monitor
