// The life of alarms: raised by telemetry, acknowledged by people, ended when the condition is over. A view of
// `records`.
#pragma once

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

struct Alarm {
  std::string id;
  std::string device;
  std::string bed;
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
  std::uint64_t version = 1;  // one more with each change
  std::uint64_t number = 0;   // offset of its alarm_raised: newer alarms have greater ones
  bool is_active() const { return !ended; }
};

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

// Entries (docs/formats/entries.md): alarm_raised, alarm_acknowledged, alarm_ended. A repeated id is refused, so that a
// wish which was sent twice counts once.
//
// In memory: every active alarm (100,000 at most; more are refused) and the newest 10,000 that ended. Older ones stand
// in the table (history()). Ids are told from repeated ones as long as their alarm is in memory. Threads: its host's;
// history() any, on a snapshot.
class Alarms final : public view::View {
 public:
  static constexpr std::size_t active_max = 100'000;
  static constexpr std::size_t ended_max = 10'000;

  std::string_view name() const override { return "alarms"; }
  // Refusals: invalid, conflict (id known; version changed meanwhile; acknowledged or ended already), not_found,
  // too_large. Detail: {"id","version"}.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  const Alarm* find(std::string_view id) const;
  AlarmPage list(const AlarmQuery& query) const;
  std::size_t active_count() const { return alarms_.size() - ended_.size(); }

  // Alarms that have left the memory, newest first.
  static std::vector<Alarm> history(const view::TableReader& table, std::uint64_t before, std::size_t limit);

 private:
  view::Answer raise(const json::object& body, const view::Place& place);
  view::Answer acknowledge(const json::object& body, const view::Place& place);
  view::Answer end(const json::object& body, const view::Place& place);
  view::Answer changed(Alarm& alarm);
  void forget_oldest();

  std::map<std::uint64_t, Alarm> alarms_;                   // by number
  std::unordered_map<std::string, std::uint64_t> numbers_;  // looked up, never walked
  std::set<std::uint64_t> ended_;
  std::set<std::uint64_t> dirty_;
  std::map<std::uint64_t, std::string> leaving_;  // forgotten since the last save
};

}  // namespace salus::monitor
