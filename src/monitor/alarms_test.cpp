#include "monitor/alarms.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "log/kinds.hpp"
#include "monitor/pauses.hpp"
#include "view/memory_table.hpp"

namespace salus::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second;

// Rows: seconds since the start, what happens, and how the alarm "a" stands then. What happens: raised or latches (with
// a priority), ack, end, "-" (time passes), or settings with the seconds after which high, medium and low are heard
// again. Restarted from its table after every row, beside one that never restarts.
void check(std::string_view rows) {
  auto broken = std::make_unique<Alarms>();
  Alarms straight;
  view::MemoryTable broken_table, straight_table;
  std::uint64_t offset = 0;
  std::istringstream lines{std::string(rows)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells{line};
    std::int64_t at = 0;
    std::string what, expected, more;
    if (!(cells >> at >> what)) continue;
    log::Kind kind = log::kind::tick;
    std::string body;
    if (what == "raised" || what == "latches") {
      std::string priority;
      cells >> priority;
      kind = log::kind::alarm_raised;
      body = fmt::format(R"({{"id":"a","device":"m1","rule":"low","code":"spo2","priority":"{}","latching":{}}})",
                         priority, what == "latches");
    } else if (what == "ack") {
      kind = log::kind::alarm_acknowledged;
      body = R"({"id":"a","by":"nurse"})";
    } else if (what == "end") {
      kind = log::kind::alarm_ended;
      body = R"({"id":"a"})";
    } else if (what == "settings") {
      std::int64_t high = 0, medium = 0, low = 0;
      cells >> high >> medium >> low;
      kind = log::kind::alarm_settings_put;
      body = fmt::format(R"({{"remind_high_s":{},"remind_medium_s":{},"remind_low_s":{},"by":"lead"}})", high, medium,
                         low);
    }
    while (cells >> more) expected += (expected.empty() ? "" : " ") + more;
    std::string said[2];
    Alarms* both[] = {broken.get(), &straight};
    ++offset;
    for (int i = 0; i < 2; ++i) {
      const view::Place place{{log::Epoch{1}, log::Offset{offset}}, time_from_ns(start_ns + at * second)};
      if (const auto due = both[i]->next_due(); due && *due <= place.time) both[i]->advance(place);
      const auto answer = both[i]->apply({.kind = kind, .first = log::Offset{offset}, .body = body}, place);
      const Alarm* alarm = both[i]->find("a");
      said[i] = answer && answer->refusal ? std::string(name(answer->refusal->code))
                : alarm == nullptr        ? "none"
                : alarm->reminders > 0    ? fmt::format("{} {}", name(alarm->life()), alarm->reminders)
                                          : std::string(name(alarm->life()));
    }
    EXPECT_EQ(said[0], expected) << line;
    EXPECT_EQ(said[1], expected) << line;
    broken->save(broken_table);
    broken = std::make_unique<Alarms>();
    EXPECT_TRUE(broken->load(broken_table));
  }
  straight.save(straight_table);
  EXPECT_EQ(straight_table.pairs(), broken_table.pairs());
}

TEST(AlarmLife, IsHeardAgainWhenItPersistsAfterSomebodyAcknowledged) {
  check(R"(
    0    raised high         active
    10   ack                 acknowledged
    20   ack                 conflict
    129  -                   acknowledged
    130  -                   active 1
    140  ack                 acknowledged 1
    259  -                   acknowledged 1
    600  -                   active 2
    610  end                 ended 2
    9000 -                   ended 2
  )");
  check(R"(
    0    raised low          active
    10   ack                 acknowledged
    9000 -                   acknowledged
  )");
}

TEST(AlarmLife, TakesTheHospitalsTimeAlsoForWhatIsAcknowledgedAlready) {
  check(R"(
    0    raised medium       active
    10   ack                 acknowledged
    50   settings 60 90 0    acknowledged
    99   -                   acknowledged
    100  -                   active 1
    110  settings 0 0 0      active 1
    120  ack                 acknowledged 1
    9000 settings 60 -1 0    invalid
    9001 settings 60 3601 0  invalid
    9002 -                   acknowledged 1
    9003 settings 0 60 0     acknowledged 1
    9004 -                   active 2
  )");
}

TEST(AlarmLife, LatchesUntilSomebodyHasSeenIt) {
  check(R"(
    0    latches high           active
    10   end                   latched
    20   end                   conflict
    9000 -                     latched
    9001 ack                   ended
    9002 ack                   conflict
  )");
  check(R"(
    0    latches high           active
    10   ack                   acknowledged
    20   end                   ended
  )");
  check(R"(
    0    latches high           active
    10   ack                   acknowledged
    130  -                     active 1
    140  end                   latched 1
    150  ack                   ended 1
  )");
}

TEST(AlarmLife, CountsALatchedOneAmongTheActive) {
  Alarms alarms;
  const auto apply = [&](log::Kind kind, std::string_view body, std::uint64_t offset) {
    alarms.apply({.kind = kind, .first = log::Offset{offset}, .body = body},
                 {{log::Epoch{1}, log::Offset{offset}}, time_from_ns(start_ns)});
  };
  apply(log::kind::alarm_raised, R"({"id":"a","rule":"low","priority":"high","latching":true})", 1);
  apply(log::kind::alarm_ended, R"({"id":"a"})", 2);
  EXPECT_EQ(alarms.list({.state = AlarmState::active}).total, 1U);
  EXPECT_EQ(alarms.list({.state = AlarmState::ended}).total, 0U);
  EXPECT_EQ(alarms.active_count(), 1U);
  apply(log::kind::alarm_acknowledged, R"({"id":"a","by":"nurse"})", 3);
  EXPECT_EQ(alarms.list({.state = AlarmState::active}).total, 0U);
  EXPECT_EQ(alarms.list({.state = AlarmState::ended}).total, 1U);
  EXPECT_EQ(alarms.active_count(), 0U);
}

class PausesTest : public testing::Test {
 protected:
  std::string apply(log::Kind kind, std::string_view body) {
    const view::Place place{{log::Epoch{1}, log::Offset{++offset_}}, now_};
    const log::Run run{.kind = kind, .first = log::Offset{offset_}, .body = body};
    if (const auto due = pauses_->next_due(); due && *due <= now_) pauses_->advance(place);
    registry_.apply(run, place);
    const auto answer = pauses_->apply(run, place);
    registry_.save(registry_table_);
    pauses_->save(table_);
    pauses_ = std::make_unique<Pauses>(registry_);
    EXPECT_TRUE(pauses_->load(table_));
    return !answer ? "not ours" : answer->refusal ? std::string(name(answer->refusal->code)) : "ok";
  }
  std::string pause(std::string_view what, std::string_view more) {
    return apply(log::kind::alarms_paused,
                 fmt::format(R"({{"ward":"ICU","bed":"B1","what":"{}","by":"nurse"{}}})", what, more));
  }
  // "audio alarm": what is inactivated at bed ICU/B1.
  std::string there(std::string_view ward = "ICU") {
    std::string text;
    for (const Pause& one : pauses_->of_bed(ward, "B1"))
      text += fmt::format("{}{}", text.empty() ? "" : " ", name(one.what));
    return text;
  }
  std::string in(std::int64_t seconds) {
    return fmt::format(R"(,"until":"{}")", to_iso(now_ + std::chrono::seconds{seconds}));
  }
  void pass(std::int64_t seconds) {
    now_ += std::chrono::seconds{seconds};
    apply(log::kind::tick, "");
  }
  std::unique_ptr<Pauses> pauses_ = std::make_unique<Pauses>(registry_);

 private:
  device::Registry registry_;
  view::MemoryTable registry_table_, table_;
  Time now_ = time_from_ns(start_ns);
  std::uint64_t offset_ = 0;
};

TEST_F(PausesTest, EndAtTheirTimeOrByHand) {
  EXPECT_EQ(pause("audio", in(120)), "ok");
  EXPECT_EQ(pause("alarm", in(300) + R"(,"reason":"care")"), "ok");
  EXPECT_EQ(there(), "audio alarm");
  EXPECT_EQ(there("A2"), "");
  pass(119);
  EXPECT_EQ(there(), "audio alarm");
  pass(1);
  EXPECT_EQ(there(), "alarm");
  EXPECT_EQ(apply(log::kind::alarms_resumed, R"({"ward":"ICU","bed":"B1","what":"alarm","by":"nurse"})"), "ok");
  EXPECT_EQ(there(), "");
  EXPECT_EQ(apply(log::kind::alarms_resumed, R"({"ward":"ICU","bed":"B1","what":"alarm","by":"nurse"})"), "not_found");
  pass(1'000);
}

TEST_F(PausesTest, ThatAreSaidAgainHaveTheNewEnd) {
  pause("audio", in(60));
  pass(30);
  pause("audio", in(60));
  pass(59);
  EXPECT_EQ(there(), "audio");
  pass(1);
  EXPECT_EQ(there(), "");
}

TEST_F(PausesTest, WithoutAnEndSayWhyAndStayUntilThePatientHasLeft) {
  apply(log::kind::device_put, R"({"id":"m1"})");
  apply(log::kind::binding_set, R"({"device":"m1","ward":"ICU","bed":"B1","patient":{"id":"P1"}})");
  EXPECT_EQ(pause("audio", ""), "invalid");
  EXPECT_EQ(pause("alarm", in(60)), "invalid");
  EXPECT_EQ(pause("audio", R"(,"reason":"end of life")"), "ok");
  pass(90'000);
  EXPECT_EQ(there(), "audio");
  EXPECT_EQ(pauses_->list().front().pause.reason, "end of life");
  apply(log::kind::binding_set, R"({"device":"m1","ward":"ICU","bed":"B1","patient":{"id":"P2"}})");
  EXPECT_EQ(there(), "");
}

TEST_F(PausesTest, RefuseWhatTheyCanNotMean) {
  EXPECT_EQ(pause("light", in(60)), "invalid");
  EXPECT_EQ(pause("audio", in(0)), "invalid");
  EXPECT_EQ(pause("audio", in(86'401)), "invalid");
  EXPECT_EQ(pause("audio", R"(,"until":7)"), "invalid");
  EXPECT_EQ(apply(log::kind::alarms_paused, R"({"ward":"ICU","what":"audio"})"), "invalid");
  EXPECT_EQ(apply(log::kind::alarms_paused, "{"), "invalid");
}

TEST(Alarms, LiveAsTheirEntriesSay) {
  auto alarms = std::make_unique<Alarms>();
  view::MemoryTable table;
  std::uint64_t offset = 0;
  const auto apply = [&](log::Kind kind, std::string_view body) {
    const view::Place place{{log::Epoch{1}, log::Offset{++offset}}, time_from_ns(start_ns)};
    const auto answer = alarms->apply({.kind = kind, .first = log::Offset{offset}, .body = body}, place);
    alarms->save(table);
    alarms = std::make_unique<Alarms>();
    EXPECT_TRUE(alarms->load(table));
    return !answer           ? std::string("not ours")
           : answer->refusal ? std::string(name(answer->refusal->code))
                             : std::string("ok");
  };
  using namespace log::kind;
  const char* raised =
      R"({"id":"a","device":"m1","bed":"B1","code":"spo2","rule":"low","priority":"high","value":84.5,"limit":86,"unit":"%","text":"SpO2 below 86 %","raised":"2026-01-01T00:00:00Z"})";
  EXPECT_EQ(apply(alarm_raised, raised), "ok");
  EXPECT_EQ(apply(alarm_raised, raised), "conflict");
  EXPECT_EQ(apply(alarm_raised, R"({"id":"b","rule":"odd"})"), "invalid");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"b","by":"nurse"})"), "not_found");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a","by":"nurse","version":2})"), "conflict");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a"})"), "invalid");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a","by":"nurse","version":1})"), "ok");
  EXPECT_EQ(apply(alarm_acknowledged, R"({"id":"a","by":"nurse"})"), "conflict");
  EXPECT_EQ(alarms->list({.state = AlarmState::active}).total, 1U);
  EXPECT_EQ(apply(alarm_ended, R"({"id":"a","at":"2026-01-01T00:01:00Z"})"), "ok");
  EXPECT_EQ(apply(alarm_ended, R"({"id":"a"})"), "conflict");
  EXPECT_EQ(apply(tick, ""), "not ours");
  ASSERT_NE(alarms->find("a"), nullptr);
  EXPECT_EQ(alarms->find("a")->version, 3U);
  EXPECT_EQ(alarms->find("a")->value, 845);
  EXPECT_EQ(alarms->active_count(), 0U);
}

TEST(Alarms, ForgetTheOldestThatEndedIntoTheTable) {
  Alarms alarms;
  view::MemoryTable table;
  std::uint64_t offset = 0;
  const auto apply = [&](log::Kind kind, const std::string& body) {
    const view::Place place{{log::Epoch{1}, log::Offset{++offset}}, time_from_ns(start_ns)};
    return alarms.apply({.kind = kind, .first = log::Offset{offset}, .body = body}, place);
  };
  for (std::size_t i = 0; i < Alarms::ended_max + 3; ++i) {
    apply(log::kind::alarm_raised, fmt::format(R"({{"id":"a{}","rule":"low","priority":"low"}})", i));
    apply(log::kind::alarm_ended, fmt::format(R"({{"id":"a{}"}})", i));
  }
  alarms.save(table);
  EXPECT_EQ(alarms.find("a0"), nullptr);
  EXPECT_EQ(alarms.list({.limit = 1}).total, Alarms::ended_max);
  const std::vector<Alarm> old = Alarms::history(table, ~std::uint64_t{0}, 100);
  ASSERT_EQ(old.size(), 3U);
  EXPECT_EQ(old.front().id, "a2");
}

}  // namespace
}  // namespace salus::monitor
