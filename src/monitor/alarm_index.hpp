// Every alarm that was ever raised, by the time at which it was: for reviewing them and for counting how many there
// are.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "monitor/condition.hpp"
#include "view/view.hpp"

namespace salus::monitor {

struct IndexedAlarm {
  Time raised{};
  std::uint64_t number = 0;  // Alarm::number
  std::string id;
  std::string device;  // of an alarm that is the ward's own: the ward
  std::string bed;     // empty: at none
  ConditionRule rule{};
  Priority priority{};
};

struct AlarmFilter {
  Time from{};  // [from, to)
  Time to = Time::max();
  std::string device{};  // empty: every
  std::string bed{};
  std::optional<ConditionRule> rule{};
  std::optional<Priority> priority{};
  bool matches(const IndexedAlarm& alarm) const;
};

// A place in the order of review: newest first, of one instant the greater number first.
struct AlarmPosition {
  std::int64_t raised_ns = 0;
  std::uint64_t number = 0;
  auto operator<=>(const AlarmPosition&) const = default;
};
inline AlarmPosition position_of(const IndexedAlarm& alarm) {
  return {ns_of(alarm.raised), alarm.number};
}

// A view of `records`, after Alarms, which refuses repeated ids. In memory: what was raised since the last save().
// Threads: its host's.
class AlarmIndex final : public view::View {
 public:
  std::string_view name() const override { return "alarm_index"; }
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override { return {}; }

  const std::vector<IndexedAlarm>& unsaved() const { return unsaved_; }

 private:
  std::vector<IndexedAlarm> unsaved_;
};

// The index as it stood, to be read on another thread.
struct AlarmIndexCut {
  std::vector<IndexedAlarm> unsaved;
  std::shared_ptr<const view::TableReader> table;
};

struct AlarmReview {
  std::vector<IndexedAlarm> items;    // newest first
  std::optional<AlarmPosition> next;  // go on from here; nothing: these were the last
};
inline constexpr std::size_t review_examined_max = 200'000;  // then it answers with what it has, and `next`

AlarmReview review(const AlarmIndexCut& cut, const AlarmFilter& filter, std::optional<AlarmPosition> before,
                   std::size_t limit);

enum class BurdenBy : std::uint8_t { bed, rule, hour };
struct BurdenRow {
  std::string key;               // bed (its device where it stood at none), name of the rule, or the hour in ISO 8601
  std::size_t of_priority[3]{};  // by Priority
  std::size_t count() const { return of_priority[0] + of_priority[1] + of_priority[2]; }
};
inline constexpr std::size_t burden_alarms_max = 1'000'000;
inline constexpr std::size_t burden_rows_max = 10'000;

// How many were raised in [from, to): hours ascending, beds and rules with the most first. Hours without are absent.
// Errors: too_large (over burden_alarms_max or burden_rows_max; ask for less time).
Result<std::vector<BurdenRow>> burden(const AlarmIndexCut& cut, Time from, Time to, BurdenBy by);

}  // namespace salus::monitor
