#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "device/registry.hpp"
#include "log/kinds.hpp"
#include "view/memory_table.hpp"

namespace salus::device {
namespace {

Time at(std::string_view clock) {
  return parse_iso(fmt::format("2026-01-01T{}:00Z", clock)).value();
}
std::string clock(Time time) {
  return to_iso(time).substr(11, 5);
}
std::string text(const Binding& binding) {
  if (binding.is_idle()) return "idle";
  return binding.bed + (binding.patient.empty() ? "" : "/" + binding.patient);
}

// Two registries that hear the same: one is made anew from its table after every entry, the other never.
class Bench {
 public:
  Bench() {
    for (const char* id : {"m1", "m2", "m3"})
      apply(log::kind::device_put, fmt::format(R"({{"id":"{}"}})", id), "00:00");
  }
  // "ok" or the refusal's code.
  std::string apply(log::Kind kind, std::string_view body, std::string_view time) {
    const view::Place place{{log::Epoch{1}, log::Offset{++offset}}, at(time)};
    const log::Run run{.kind = kind, .first = log::Offset{offset}, .body = body};
    const auto answer = straight->apply(run, place);
    const auto again = restarted->apply(run, place);
    EXPECT_EQ(answer->refusal.has_value(), again->refusal.has_value());
    restarted->save(saved);
    restarted = std::make_unique<Registry>();
    EXPECT_TRUE(restarted->load(saved));
    refusal = answer->refusal ? answer->refusal->message : std::string{};
    return answer->refusal ? std::string(name(answer->refusal->code)) : "ok";
  }
  // "08:00 B1/P1 | 09:00 idle", then what was superseded.
  std::string history(std::string_view id) const {
    std::string said;
    for (const Binding& binding : restarted->bindings(id))
      said += fmt::format("{}{} {}", said.empty() ? "" : " | ", clock(binding.from), text(binding));
    for (const Superseded& old : restarted->superseded(id))
      said += fmt::format(" ({}-{} {}{}{})", clock(old.binding.from), clock(*old.binding.to), text(old.binding),
                          old.reason.empty() ? "" : ": ", old.reason);
    return said;
  }
  ~Bench() {
    view::MemoryTable other;
    straight->save(other);
    EXPECT_EQ(saved.pairs(), other.pairs());
  }

  std::uint64_t offset = 0;
  std::string refusal;
  std::unique_ptr<Registry> straight = std::make_unique<Registry>(), restarted = std::make_unique<Registry>();
  view::MemoryTable saved;
};

std::string stay(std::string_view bed, std::string_view patient) {
  const std::string who = patient.empty() ? "null" : fmt::format(R"({{"id":"{}","label":"Secret"}})", patient);
  return fmt::format(R"("bed":"{}","patient":{})", bed, who);
}
std::string set(std::string_view device, int version, std::string_view bed, std::string_view patient,
                std::string_view more = "") {
  return fmt::format(R"({{"device":"{}","version":{},{}{}}})", device, version, stay(bed, patient), more);
}
std::string row(std::string_view device, int version, std::string_view bed, std::string_view patient) {
  return set(device, version, bed, patient);
}
std::string several(std::initializer_list<std::string> rows, std::string_view more = "") {
  std::string list;
  for (const std::string& one : rows) list += (list.empty() ? "" : ",") + one;
  return fmt::format(R"({{"devices":[{}]{}}})", list, more);
}
std::string correction(std::initializer_list<std::string> rows, std::string_view from, std::string_view to,
                       std::string_view bed, std::string_view patient) {
  return several(rows,
                 fmt::format(R"(,"from":"2026-01-01T{}:00Z","to":{},{},"reason":"mixed up","by":"nurse")", from,
                             to.empty() ? "null" : fmt::format(R"("2026-01-01T{}:00Z")", to), stay(bed, patient)));
}
std::string seen(std::string_view device, int version) {
  return fmt::format(R"({{"device":"{}","version":{}}})", device, version);
}

using namespace log::kind;

TEST(Bindings, AreRefusedWhenSomethingChangedMeanwhile) {
  Bench bench;
  EXPECT_EQ(bench.apply(binding_set, set("m1", 1, "B1", "P1"), "08:00"), "conflict");
  EXPECT_EQ(bench.apply(binding_set, set("m1", 0, "B1", "P1"), "08:00"), "ok");
  EXPECT_EQ(bench.apply(binding_set, set("m1", 0, "B1", "P1"), "08:01"), "conflict");
  EXPECT_NE(bench.refusal.find("version 1"), std::string::npos) << bench.refusal;
  EXPECT_EQ(bench.apply(binding_set, R"({"device":"m1","version":"1"})", "08:01"), "invalid");
  EXPECT_EQ(bench.apply(binding_set, set("m1", 1, "B1", "P1", R"(,"from":"2026-01-01T07:00:00Z")"), "08:01"),
            "conflict");
  EXPECT_EQ(bench.apply(binding_set, R"({"device":"m1","version":1})", "08:02"), "ok");
  EXPECT_EQ(bench.history("m1"), "08:00 B1/P1 | 08:02 idle");
  EXPECT_EQ(bench.restarted->binding_version("m1"), 2U);
}

TEST(Bindings, GiveABedOnePatientAndAPatientOneBed) {
  Bench bench;
  EXPECT_EQ(bench.apply(binding_set, set("m1", 0, "B1", "P1"), "08:00"), "ok");
  EXPECT_EQ(bench.apply(binding_set, set("m2", 0, "B1", "P2"), "08:01"), "conflict");
  EXPECT_NE(bench.refusal.find("'B1'"), std::string::npos);
  EXPECT_NE(bench.refusal.find("'m1'"), std::string::npos);
  EXPECT_EQ(bench.refusal.find("Secret"), std::string::npos);
  EXPECT_EQ(bench.refusal.find("P1"), std::string::npos);
  EXPECT_EQ(bench.apply(binding_set, set("m2", 0, "B2", "P1"), "08:01"), "conflict");
  EXPECT_EQ(bench.apply(binding_set, set("m2", 0, "B2", "P1", R"(,"transfer":true)"), "08:01"),
            "conflict");  // m1 stays
  EXPECT_EQ(bench.apply(binding_set, set("m2", 0, "B1", "P1"), "08:02"), "ok");
  EXPECT_EQ(bench.apply(binding_set, set("m3", 0, "B1", ""), "08:02"), "ok");
  EXPECT_EQ(bench.apply(binding_set, set("m1", 1, "B2", "P1"), "08:03"), "conflict");
  EXPECT_EQ(bench.apply(bindings_changed, several({row("m1", 1, "B2", "P1"), row("m2", 1, "B1", "")}), "08:03"),
            "conflict");
  EXPECT_EQ(bench.apply(bindings_changed,
                        several({row("m1", 1, "B2", "P1"), row("m2", 1, "B3", "P1")}, R"(,"transfer":true)"), "08:03"),
            "invalid");
  EXPECT_EQ(bench.apply(bindings_changed,
                        several({row("m1", 1, "B2", "P1"), row("m2", 1, "B1", "")}, R"(,"transfer":true)"), "08:03"),
            "ok");
  EXPECT_EQ(bench.apply(binding_set, set("m3", 1, "B1", "P2"), "08:04"), "ok");  // P1 has left
  // Without versions, as old logs have it, the last word holds.
  EXPECT_EQ(bench.apply(binding_set, R"({"device":"m3","bed":"B2","patient":{"id":"P3"}})", "08:05"), "ok");
}

TEST(Bindings, ChangeTogetherOrNotAtAll) {
  Bench bench;
  EXPECT_EQ(bench.apply(bindings_changed, several({row("m1", 0, "B1", "P1"), row("m2", 7, "B1", "P1")}), "08:00"),
            "conflict");
  EXPECT_EQ(bench.apply(bindings_changed, several({row("m1", 0, "B1", "P1"), row("m9", 0, "B1", "P1")}), "08:00"),
            "not_found");
  EXPECT_EQ(bench.apply(bindings_changed, several({row("m1", 0, "B1", "P1"), row("m1", 0, "B1", "P1")}), "08:00"),
            "invalid");
  EXPECT_EQ(bench.apply(bindings_changed, several({}), "08:00"), "invalid");
  EXPECT_EQ(bench.apply(bindings_changed, R"({"devices":[{"device":"m1","bed":"B1"}]})", "08:00"), "invalid");
  EXPECT_EQ(bench.history("m1") + bench.history("m2"), "");
  EXPECT_EQ(bench.apply(bindings_changed, several({row("m1", 0, "B1", "P1"), row("m2", 0, "B1", "P1")}), "08:00"),
            "ok");
  EXPECT_EQ(bench.straight->rebound(), (std::vector<std::string>{"m1", "m2"}));
  EXPECT_EQ(bench.straight->changed_by(bench.offset), (std::vector<std::string>{"m1", "m2"}));
}

TEST(Bindings, AreCorrectedForAnIntervalAndKeepWhatWasHeld) {
  Bench bench;
  bench.apply(bindings_changed, several({row("m1", 0, "B1", "P1"), row("m2", 0, "B2", "P2")}), "08:00");
  // m1 stood at B2 for an hour.
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m1", 0)}, "09:00", "10:00", "B2", "P2"), "12:00"),
            "conflict");
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m1", 1)}, "09:00", "10:00", "B2", "P1"), "12:00"),
            "conflict");
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m1", 1)}, "09:00", "10:00", "B3", "P2"), "12:00"),
            "conflict");
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m1", 1)}, "09:00", "09:00", "B2", "P2"), "12:00"),
            "invalid");
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m1", 1)}, "09:00", "12:01", "B2", "P2"), "12:00"),
            "invalid");
  EXPECT_EQ(bench.apply(binding_corrected, R"({"devices":[{"device":"m1","version":1}],"from":"2026-01-01T09:00:00Z"})",
                        "12:00"),
            "invalid");
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m1", 1)}, "09:00", "10:00", "B2", "P2"), "12:00"), "ok");
  EXPECT_EQ(bench.history("m1"), "08:00 B1/P1 | 09:00 B2/P2 | 10:00 B1/P1 (09:00-10:00 B1/P1: mixed up)");
  EXPECT_EQ(bench.restarted->superseded("m1").front().by, "nurse");
  EXPECT_EQ(clock(bench.restarted->superseded("m1").front().at), "12:00");
  // Corrected again, across the borders, for nobody.
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m1", 2)}, "08:30", "09:30", "", ""), "12:30"), "ok");
  EXPECT_EQ(bench.history("m1"),
            "08:00 B1/P1 | 08:30 idle | 09:30 B2/P2 | 10:00 B1/P1 (09:00-10:00 B1/P1: mixed up) "
            "(08:30-09:00 B1/P1: mixed up) (09:00-09:30 B2/P2: mixed up)");
  // Before its first binding it was nowhere; afterwards it is as it was.
  EXPECT_EQ(bench.apply(binding_corrected, correction({seen("m3", 0)}, "09:00", "10:00", "B3", "P3"), "12:30"), "ok");
  EXPECT_EQ(bench.history("m3"), "09:00 B3/P3 | 10:00 idle");
  // Both devices of a bed had the wrong patient since nine, and still have.
  EXPECT_EQ(
      bench.apply(binding_corrected, correction({seen("m1", 3), seen("m2", 1)}, "11:00", "", "B2", "P4"), "13:00"),
      "ok");
  EXPECT_EQ(bench.history("m2"), "08:00 B2/P2 | 11:00 B2/P4 (11:00-13:00 B2/P2: mixed up)");
  EXPECT_EQ(bench.restarted->bed({"", "B2"})->patient, "P4");
}

TEST(Bindings, AreUndoneTogether) {
  Bench bench;
  bench.apply(bindings_changed, several({row("m1", 0, "B1", "P1"), row("m2", 0, "B1", "P1")}), "08:00");
  bench.apply(bindings_changed, several({row("m1", 1, "", ""), row("m2", 1, "", "")}), "09:00");
  const auto undo = [&](std::uint64_t change, int version) {
    return several({seen("m1", version), seen("m2", version)},
                   fmt::format(R"(,"change":{},"reason":"not gone yet","by":"nurse")", change));
  };
  const std::uint64_t discharged = bench.offset;
  EXPECT_EQ(bench.apply(bindings_undone, undo(discharged - 1, 2), "09:05"), "conflict");
  EXPECT_EQ(bench.apply(bindings_undone, undo(discharged, 1), "09:05"), "conflict");
  EXPECT_EQ(bench.apply(bindings_undone, undo(discharged, 2), "09:05"), "ok");
  EXPECT_EQ(bench.history("m1"), "08:00 B1/P1 | 09:00 B1/P1 (09:00-09:05 idle: not gone yet)");
  EXPECT_EQ(clock(bench.restarted->bed({"", "B1"})->since), "08:00");
  EXPECT_EQ(bench.restarted->bed({"", "B1"})->devices.size(), 2U);
  EXPECT_EQ(bench.apply(bindings_undone, undo(bench.offset, 3), "09:06"), "conflict") << "an undoing";
  // Not when another patient has come to the bed, nor after a day.
  bench.apply(bindings_changed, several({row("m1", 3, "", ""), row("m2", 3, "", "")}), "10:00");
  const std::uint64_t again = bench.offset;
  EXPECT_EQ(bench.apply(binding_set, set("m3", 0, "B1", "P2"), "10:01"), "ok");
  EXPECT_EQ(bench.apply(bindings_undone, undo(again, 4), "10:02"), "conflict");
}

TEST(Bindings, AreFoundFromTheirBedsAndPatients) {
  Bench bench;
  bench.apply(bindings_changed,
              several({row("m1", 0, "B1", "P-77"), row("m2", 0, "B1", "P-77"), row("m3", 0, "B2", "")}), "08:00");
  bench.apply(bindings_changed, several({row("m1", 1, "B2", "P-77"), row("m2", 1, "B1", "")}, R"(,"transfer":true)"),
              "09:00");
  EXPECT_EQ(bench.restarted->at_bed({"", "B2"}), (std::vector<std::string>{"m1", "m3"}));
  EXPECT_EQ(bench.restarted->with_patient("P-77"), (std::vector<std::string>{"m1"}));
  BedPage page = bench.restarted->beds({.limit = 1});
  EXPECT_TRUE(page.more && page.total == 2 && page.items.front().bed.name == "B1" &&
              page.items.front().patient.empty());
  page = bench.restarted->beds({.after = page.items.back().bed, .limit = 1});
  EXPECT_TRUE(!page.more && page.items.front().patient == "P-77" && clock(page.items.front().since) == "09:00");
  EXPECT_EQ(bench.restarted->beds({.search = "77"}).total, 1U);
  EXPECT_EQ(bench.restarted->beds({.search = "p-7"}).total, 0U);  // the end of an identifier, no other part
  EXPECT_EQ(bench.restarted->beds({.search = "M3"}).total, 1U);
  EXPECT_EQ(bench.restarted->beds({.ward = "ICU"}).total, 0U);
  std::string stays;
  for (const Stay& stay : bench.restarted->stays("P-77", at("08:30"), at("12:00")))
    stays +=
        fmt::format("{} {}-{} {}, ", stay.device, clock(stay.binding.from), clock(*stay.binding.to), stay.binding.bed);
  EXPECT_EQ(stays, "m1 08:30-09:00 B1, m2 08:30-09:00 B1, m1 09:00-12:00 B2, ");
  bench.apply(device_removed, R"({"id":"m1"})", "13:00");
  EXPECT_TRUE(bench.restarted->with_patient("P-77").empty());
  EXPECT_EQ(bench.restarted->beds({}).total, 2U);
}

// Whatever is asked for, a bed has one patient and a patient one bed, at every instant, and nothing of what was held in
// the past is lost: each minute either still holds or is superseded.
TEST(Bindings, KeepOnePatientABedUnderAnyHistory) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    Bench bench;
    std::mt19937 random{seed};
    const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
    const auto minute = [](int n) { return fmt::format("{:02}:{:02}", 1 + n / 60, n % 60); };
    int applied = 0;
    for (int step = 0; step < 200; ++step) {
      const std::string id = fmt::format("m{}", 1 + below(3)), other = fmt::format("m{}", 1 + below(3));
      const auto version = [&](const std::string& of) {
        return static_cast<int>(bench.straight->binding_version(of)) - (below(20) == 0);
      };
      const std::string bed = below(5) == 0 ? "" : fmt::format("B{}", below(3)),
                        patient = below(4) == 0 ? "" : fmt::format("P{}", below(3));
      const std::string transfer = below(2) == 0 ? R"(,"transfer":true)" : "";
      const std::string now = minute(step * 5);
      std::string said;
      if (const int what = below(4); what == 0) {
        said = bench.apply(binding_set, set(id, version(id), bed, patient, transfer), now);
      } else if (what == 1) {
        said = bench.apply(bindings_changed,
                           several({row(id, version(id), bed, patient),
                                    row(other, version(other), below(2) == 0 ? bed : "", below(2) == 0 ? patient : "")},
                                   transfer),
                           now);
      } else if (what == 2) {
        const int from = below(static_cast<unsigned>(step * 5 + 1));
        said = bench.apply(binding_corrected,
                           correction({seen(id, version(id))}, minute(from),
                                      below(3) == 0 ? "" : minute(from + 1 + below(60)), bed, patient),
                           now);
      } else if (const auto bindings = bench.straight->bindings(id); !bindings.empty()) {
        said = bench.apply(
            bindings_undone,
            several({seen(id, version(id))}, fmt::format(R"(,"change":{},"reason":"no")", bindings.back().change)),
            now);
      }
      applied += said == "ok";
    }
    EXPECT_GT(applied, 40) << seed;
    for (int n = 0; n < 1'000; ++n) {
      std::map<std::string, std::string> patient_of, bed_of;
      for (const char* id : {"m1", "m2", "m3"}) {
        const Binding* binding = bench.straight->binding_at(id, at(minute(n)));
        if (binding == nullptr || binding->patient.empty() || binding->bed.empty()) continue;
        ASSERT_EQ(patient_of.emplace(binding->bed, binding->patient).first->second, binding->patient)
            << seed << " " << minute(n);
        ASSERT_EQ(bed_of.emplace(binding->patient, binding->bed).first->second, binding->bed)
            << seed << " " << minute(n);
      }
    }
  }
}

}  // namespace
}  // namespace salus::device
