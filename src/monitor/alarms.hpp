// The life of alarms: raised by telemetry, acknowledged by people, ended when the condition is over. A view of
// `records`.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "monitor/condition.hpp"
#include "view/view.hpp"

namespace salus::monitor {

// IEC 60601-1-8: while the condition is there an alarm is active, or acknowledged by somebody; a latching one that
// ended before anybody acknowledged it stays latched until somebody does.
enum class AlarmLife : std::uint8_t { active, acknowledged, latched, ended };
std::string_view name(AlarmLife life);

// A step that an alarm has taken because nobody accepted it.
struct Escalation {
  std::uint32_t step = 0;  // of the rota, from 1
  std::string to;          // as in RotaStep
  Time at{};
};

struct Alarm {
  std::string id;
  std::string device;  // empty: the ward's own
  std::string bed;
  std::string ward;  // where it was raised
  std::string code;  // alias; empty: the device itself
  ConditionRule rule{};
  Priority priority{};
  std::optional<Value> value;  // stored integers of `code`
  std::optional<Value> limit;
  std::string unit;
  std::string text;
  Time raised{};
  std::optional<Time> ended;
  std::string acknowledged_by;  // empty: nobody has
  Time acknowledged{};
  Time reminded{};  // it was acknowledged, persisted, and is heard again since then
  std::uint32_t reminders = 0;
  Time waits_since{};                 // for somebody to accept it
  std::uint32_t step = 0;             // steps of the rota taken since then
  std::vector<Escalation> escalated;  // all of them, oldest first; the newest escalations_kept
  Time delivered{};                   // a screen showed it
  std::string delivered_to;           // the first that said so; empty: none has
  bool latching = false;
  std::uint64_t version = 1;          // one more with each change
  std::uint64_t acknowledgeable = 1;  // the version since which it is the same to whoever acknowledges it
  std::uint64_t number = 0;           // offset of its alarm_raised: newer alarms have greater ones
  bool is_active() const { return !ended; }
  bool is_acknowledged() const { return !acknowledged_by.empty() && reminded == Time{}; }
  bool is_latched() const { return ended && latching && !is_acknowledged(); }
  bool waits() const { return life() == AlarmLife::active || life() == AlarmLife::latched; }
  bool is_over() const { return ended && !is_latched(); }
  AlarmLife life() const {
    if (ended) return is_latched() ? AlarmLife::latched : AlarmLife::ended;
    return is_acknowledged() ? AlarmLife::acknowledged : AlarmLife::active;
  }
};

// The hospital's. After how long an acknowledged alarm that persists is heard again, by Priority; 0: never.
struct AlarmSettings {
  std::array<std::int64_t, priority_count> remind_s{120, 120, 0};
  std::string by;  // empty: as delivered
  std::string reason;
  Time set{};
};

// Who is told when nobody accepts: "user:nurse", "role:clinician" or "station:icu-desk-3f2a".
struct RotaStep {
  std::string to;
  std::array<std::int64_t, 2> after_s{};  // by Priority, high and medium; 0: not at this priority
};
// A ward's; low priority does not escalate.
struct Rota {
  std::string ward;
  std::vector<RotaStep> steps;  // times ascend
  std::string by;
  std::string reason;
  Time set{};
};
// Of one ward, by what the server has to watch it for.
struct WardAlarms {
  bool waits = false;        // an alarm of a patient or device that nobody has accepted
  std::string silent, gone;  // the ward's own that are on: their ids; else empty
};

// `active`: all that are not over, latched ones too.
enum class AlarmState : std::uint8_t { active, ended, all };
struct AlarmQuery {
  AlarmState state = AlarmState::all;
  std::string device{};                      // empty: every device
  std::uint64_t before = ~std::uint64_t{0};  // the last number of the page before
  std::size_t limit = 100;
};
struct AlarmPage {
  std::vector<Alarm> items;  // newest first
  std::size_t total = 0;     // that match and are in memory, on all pages
  bool more = false;
};

// Entries (docs/formats/entries.md): alarm_raised, alarm_acknowledged, alarm_delivered, alarm_ended,
// alarm_settings_put, escalation_put. Escalation is decided here, by the partition's time: the same on every replay. A
// repeated id is refused, so that a wish which was sent twice counts once.
//
// In memory: every active alarm (100,000 at most; more are refused) and the newest 10,000 that ended. Older ones stand
// in the table (history()). Ids are told from repeated ones as long as their alarm is in memory. Threads: its host's;
// history() any, on a snapshot.
class Alarms final : public view::View {
 public:
  static constexpr std::size_t active_max = 100'000;
  static constexpr std::size_t ended_max = 10'000;
  static constexpr std::size_t rotas_max = 1'000;
  static constexpr std::size_t steps_max = 10;
  static constexpr std::size_t rota_changes_kept = 1'000;
  static constexpr std::size_t escalations_kept = 100;  // of one alarm

  std::string_view name() const override { return "alarms"; }
  std::string layout() const override { return "3"; }
  // Refusals: invalid, conflict (id known; version changed meanwhile; acknowledged or ended already), not_found,
  // too_large. Detail: {"id","version"}.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  // Who acknowledged what persists is reminded.
  void advance(const view::Place& place) override;
  std::optional<Time> next_due() const override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  const Alarm* find(std::string_view id) const;
  AlarmPage list(const AlarmQuery& query) const;
  std::size_t active_count() const { return alarms_.size() - ended_.size(); }
  const AlarmSettings& settings() const { return settings_; }
  // The rota in force; null: none. A ward without one does not escalate.
  const Rota* rota(std::string_view ward) const;
  std::vector<Rota> rotas() const;                    // by ward
  std::vector<Rota> rota_changes() const;             // newest first
  std::map<std::string, WardAlarms> by_ward() const;  // wards with any
  // Rises with every alarm that advance() changed. Not part of the state.
  std::uint64_t reminders() const { return reminders_; }

  // Alarms that have left the memory, newest first.
  static std::vector<Alarm> history(const view::TableReader& table, std::uint64_t before, std::size_t limit);

 private:
  view::Answer raise(const json::object& body, const view::Place& place);
  view::Answer acknowledge(const json::object& body, const view::Place& place);
  view::Answer end(const json::object& body, const view::Place& place);
  view::Answer deliver(const json::object& body, const view::Place& place);
  view::Answer put_rota(const json::object& body, const view::Place& place);
  void remind(std::uint64_t number, Time due);
  void escalate(std::uint64_t number, Time due);
  std::optional<Time> escalate_at(const Alarm& alarm) const;
  void save_rotas(view::Table& table);
  bool load_rotas(const view::Table& table);
  view::Answer set(const json::object& body, const view::Place& place);
  view::Answer changed(Alarm& alarm);
  void forget_oldest();
  std::optional<Time> remind_at(const Alarm& alarm) const;
  void schedule(const Alarm& alarm);
  void unschedule(const Alarm& alarm);
  void schedule_all();
  static std::string encode(const Alarm& alarm);

  std::map<std::uint64_t, Alarm> alarms_;                   // by number
  std::unordered_map<std::string, std::uint64_t> numbers_;  // looked up, never walked
  std::set<std::uint64_t> ended_;
  std::set<std::uint64_t> dirty_;
  std::set<std::pair<Time, std::uint64_t>> timers_;       // when an acknowledged one is heard again
  std::set<std::pair<Time, std::uint64_t>> escalations_;  // when the next step is due
  std::map<std::string, Rota, std::less<>> rotas_;
  std::map<std::uint64_t, Rota> rota_changes_;  // by offset; the newest
  std::set<std::uint64_t> rotas_dirty_, rotas_forgotten_;
  AlarmSettings settings_;
  bool settings_dirty_ = false;
  std::uint64_t reminders_ = 0;
  std::map<std::uint64_t, std::string> leaving_;  // forgotten since the last save
};

}  // namespace salus::monitor
