#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "device/message_run.hpp"
#include "device/recent.hpp"
#include "device/registry.hpp"
#include "log/kinds.hpp"
#include "view/memory_table.hpp"

namespace salus::device {
namespace {

Time at(const char* text) {
  return parse_iso(text).value();
}

TEST(MessageRun, ReadsWhatItWrites) {
  MessageRunWriter writer;
  writer.begin("monitor-7", Session{300}, at("2026-01-01T00:00:00Z"));
  writer.add({.format = Format::json, .repeated = true, .at_least_once = true, .packet_id = 9, .payload = "{}"});
  writer.add({.format = Format::other, .topic = "devices/monitor-7/log", .payload = "x"});
  const log::Draft draft = writer.take();
  EXPECT_EQ(draft.count, 2U);
  Result<MessageRunReader> run = MessageRunReader::open(draft.body);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->device(), "monitor-7");
  EXPECT_EQ(run->session(), Session{300});
  EXPECT_EQ(to_iso(run->arrival()), "2026-01-01T00:00:00.000Z");
  const MessageView first = run->next().value();
  EXPECT_TRUE(first.repeated && first.at_least_once && first.packet_id == 9 && first.payload == "{}");
  EXPECT_EQ(run->next().value().topic, "devices/monitor-7/log");
  EXPECT_TRUE(run->at_end());
  for (std::size_t cut = 0; cut < draft.body.size(); ++cut) {
    Result<MessageRunReader> torn = MessageRunReader::open(ByteView(draft.body).substr(0, cut));
    while (torn && !torn->at_end() && torn->next()) {
    }
  }
}

TEST(RecentPairs, AgreesWithANaiveWindow) {
  std::mt19937 random{2};
  RecentPairs recent;
  std::deque<std::pair<std::int64_t, std::uint64_t>> naive;
  for (int i = 0; i < 20'000; ++i) {
    const std::pair<std::int64_t, std::uint64_t> pair{i / 3 + static_cast<int>(random() % 600), random() % 3};
    const bool known = std::find(naive.begin(), naive.end(), pair) != naive.end();
    ASSERT_EQ(recent.seen(pair.first, pair.second), known) << i;
    if (!known) naive.push_back(pair);
    if (naive.size() > RecentPairs::size_max) naive.pop_front();
    if (i % 1'111 == 0) {
      std::string saved, again;
      Writer writer{saved};
      recent.save(writer);
      Reader reader{saved};
      ASSERT_TRUE(recent.load(reader) && reader.at_end());
      Writer second{again};
      recent.save(second);
      ASSERT_EQ(saved, again);
    }
  }
}

TEST(DeviceClock, TakesTheLeastOfTheLastMinutes) {
  constexpr std::int64_t s = 1'000'000'000;
  DeviceClock clock;
  EXPECT_EQ(clock.offset_ns(), 0);
  clock.observe(100 * s, 105 * s);
  clock.observe(101 * s, 104 * s);
  clock.observe(102 * s, 110 * s);
  EXPECT_EQ(clock.offset_ns(), 3 * s);
  clock.observe(500 * s, 507 * s);
  EXPECT_EQ(clock.offset_ns(), 3 * s);  // the window before still counts
  clock.observe(900 * s, 907 * s);
  EXPECT_EQ(clock.offset_ns(), 7 * s);
  const std::int64_t now = ns_of(at("2026-01-01T00:00:00Z"));
  EXPECT_TRUE(DeviceClock::is_credible(now - 86'400 * s, now));
  EXPECT_TRUE(DeviceClock::is_credible(now + 300 * s, now));
  EXPECT_FALSE(DeviceClock::is_credible(now + 301 * s, now));
  EXPECT_FALSE(DeviceClock::is_credible(1, now));
}

class RegistryTest : public testing::Test {
 protected:
  // The answer in a word: "ok" or the refusal's code. Restarts from what was saved after every entry.
  std::string apply(log::Kind kind, std::string_view body, const char* time) {
    const view::Place place{{log::Epoch{1}, log::Offset{++offset_}}, at(time)};
    const auto answer = registry_->apply({.kind = kind, .first = log::Offset{offset_}, .body = body}, place);
    registry_->save(table_);
    auto again = std::make_unique<Registry>();
    EXPECT_TRUE(again->load(table_));
    registry_ = std::move(again);
    if (!answer) return "not ours";
    return answer->refusal ? std::string(name(answer->refusal->code)) : "ok";
  }
  std::string bed(const char* time) const {
    const Binding* binding = registry_->binding_at("m1", at(time));
    return binding == nullptr ? "-" : binding->is_idle() ? "idle" : binding->bed + "/" + binding->patient;
  }
  std::unique_ptr<Registry> registry_ = std::make_unique<Registry>();
  view::MemoryTable table_;
  std::uint64_t offset_ = 0;
};

TEST_F(RegistryTest, KeepsDevicesAndNeverTheirKeys) {
  using namespace log::kind;
  EXPECT_EQ(
      apply(
          device_put,
          R"({"id":"m1","name":"Monitor 1","simulated":true,"authentication":{"symmetricKey":{"primaryKey":"c2VjcmV0"}}})",
          "2026-01-01T00:00:00Z"),
      "ok");
  EXPECT_EQ(apply(device_put, R"({"id":"m1","name":"Bedside 1"})", "2026-01-01T01:00:00Z"), "ok");
  EXPECT_EQ(apply(device_put, R"({"id":"a/b"})", "2026-01-01T01:00:00Z"), "invalid");
  EXPECT_EQ(apply(device_put, R"({"id":"m2","name":7})", "2026-01-01T01:00:00Z"), "invalid");
  EXPECT_EQ(apply(device_put, "{", "2026-01-01T01:00:00Z"), "invalid");
  EXPECT_EQ(apply(device_put, R"({"id":"m2","model":"X9"})", "2026-01-01T01:00:00Z"), "ok");
  EXPECT_EQ(apply(tick, "", "2026-01-01T01:00:00Z"), "not ours");
  ASSERT_NE(registry_->find("m1"), nullptr);
  EXPECT_EQ(registry_->find("m1")->version, 2U);
  EXPECT_EQ(to_iso(registry_->find("m1")->created), "2026-01-01T00:00:00.000Z");
  EXPECT_FALSE(registry_->find("m1")->simulated);
  for (const auto& [key, value] : table_.pairs()) EXPECT_EQ(value.find("c2VjcmV0"), std::string::npos);
  EXPECT_EQ(registry_->list({.search = "bedside"}).total, 1U);
  EXPECT_EQ(registry_->list({.limit = 1}).items.front()->id, "m1");
  EXPECT_TRUE(registry_->list({.limit = 1}).more);
  EXPECT_EQ(registry_->list({.after = "m1", .limit = 1}).items.front()->id, "m2");
  EXPECT_EQ(apply(device_removed, R"({"id":"m2"})", "2026-01-01T02:00:00Z"), "ok");
  EXPECT_EQ(apply(device_removed, R"({"id":"m2"})", "2026-01-01T02:00:00Z"), "not_found");
}

TEST_F(RegistryTest, KnowsWhereADeviceWasAndWhen) {
  using namespace log::kind;
  EXPECT_EQ(apply(binding_set, R"({"device":"m1","bed":"B1"})", "2026-01-01T00:00:00Z"), "not_found");
  apply(device_put, R"({"id":"m1"})", "2026-01-01T00:00:00Z");
  EXPECT_EQ(bed("2026-01-01T12:00:00Z"), "-");
  EXPECT_EQ(
      apply(binding_set, R"({"device":"m1","bed":"B1","patient":{"id":"P1","label":"One"}})", "2026-01-01T08:00:00Z"),
      "ok");
  EXPECT_EQ(apply(binding_set, R"({"device":"m1","bed":"B2","patient":{"id":"P2"}})", "2026-01-01T10:00:00Z"), "ok");
  EXPECT_EQ(bed("2026-01-01T07:59:59Z"), "-");
  EXPECT_EQ(bed("2026-01-01T08:00:00Z"), "B1/P1");
  EXPECT_EQ(bed("2026-01-01T10:00:00Z"), "B2/P2");
  // Said late: the patient had left before.
  EXPECT_EQ(
      apply(binding_set, R"({"device":"m1","from":"2026-01-01T09:00:00Z","patient":null})", "2026-01-01T11:00:00Z"),
      "ok");
  EXPECT_EQ(bed("2026-01-01T09:30:00Z"), "idle");
  EXPECT_EQ(bed("2026-01-01T10:00:00Z"), "B2/P2");
  EXPECT_EQ(registry_->bindings("m1").size(), 3U);
  EXPECT_EQ(apply(binding_set, R"({"device":"m1","from":"2026-01-01T12:06:00Z","bed":"B3"})", "2026-01-01T12:00:00Z"),
            "invalid");
  EXPECT_EQ(apply(binding_set, R"({"device":"m1","patient":{"label":"x"}})", "2026-01-01T12:00:00Z"), "invalid");
}

TEST_F(RegistryTest, KnowsTheAgeClassAndPacingOfWhoLiesThereOrThatNobodySaid) {
  using namespace log::kind;
  apply(device_put, R"({"id":"m1"})", "2026-01-01T00:00:00Z");
  const auto bound = [&](const char* members) {
    const std::string body = fmt::format(R"({{"device":"m1","bed":"B1"{}}})", members);
    const std::string said = apply(binding_set, body, "2026-01-01T08:00:00Z");
    if (said != "ok") return said;
    const Binding& now = *registry_->binding_now("m1");
    return fmt::format("{} {}", name(now.age_class), !now.paced ? "unknown" : *now.paced ? "paced" : "not paced");
  };
  EXPECT_EQ(bound(""), "unknown unknown");
  EXPECT_EQ(bound(R"(,"age_class":"adult","paced":true)"), "adult paced");
  EXPECT_EQ(bound(R"(,"age_class":"child","paced":false)"), "child not paced");
  EXPECT_EQ(bound(R"(,"age_class":"neonate","paced":null)"), "neonate unknown");
  EXPECT_EQ(bound(R"(,"age_class":"unknown")"), "unknown unknown");
  EXPECT_EQ(bound(R"(,"age_class":null)"), "unknown unknown");
  EXPECT_EQ(bound(R"(,"age_class":"elderly")"), "invalid");
  EXPECT_EQ(bound(R"(,"age_class":7)"), "invalid");
  EXPECT_EQ(bound(R"(,"paced":"yes")"), "invalid");
}

}  // namespace
}  // namespace salus::device
