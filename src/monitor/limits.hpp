// Alarm limits: which values of a vital are alarming, how much, and after how long, for whom. A view of `records`.
#pragma once

#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "device/code.hpp"
#include "monitor/limit_scope.hpp"
#include "monitor/seats.hpp"
#include "view/view.hpp"

namespace salus::monitor {

using device::Code;
using device::Value;

// IEC 60601-1-8: high needs an answer at once, medium promptly, low is to be known.
enum class Priority : std::uint8_t { high, medium, low };
inline constexpr std::size_t priority_count = 3;
std::string_view name(Priority priority);
std::optional<Priority> priority_from(std::string_view name);

// Alarms when the value is below `low` or above `high`, for as long as `delay`; ends when it has been back inside by
// `hysteresis` for as long as `end_delay`.
struct Limit {
  Code code = device::no_code;
  Priority priority = Priority::medium;
  std::optional<Value> low;
  std::optional<Value> high;
  std::int64_t delay_ms = 0;
  std::int64_t end_delay_ms = 0;
  Value hysteresis = 0;
  bool enabled = true;
  bool latching = false;  // an alarm that ended before anybody acknowledged it stays until somebody does
  std::string by;         // empty: as delivered, for the hospital to sign
  std::string reason;
  std::string_view source;  // of a delivered row: where its numbers come from
  Time set{};
};

// A row with whose it is.
struct ScopedLimit {
  Scope scope;
  Limit limit;
};

// The limits that hold for one device, laid out for apply.
struct Rule {
  Value low = std::numeric_limits<Value>::min();  // the least: never below
  Value high = std::numeric_limits<Value>::max();
  Value hysteresis = 0;
  bool latching = false;
  std::int64_t delay_ns = 0;
  std::int64_t end_delay_ns = 0;
};
struct CodeRules {
  // Within, no limit of any priority is broken.
  Value safe_low = std::numeric_limits<Value>::min();
  Value safe_high = std::numeric_limits<Value>::max();
  std::array<Rule, priority_count> rules;  // by Priority
};
using LimitSet = std::array<CodeRules, device::code_count_max>;

// How long a vital that is measured all the time may be missing; 0 for those measured now and then.
std::int64_t no_data_after_ns(Code code);
inline constexpr std::int64_t device_gone_after_ns = 20'000'000'000;

// What happened to a row, for who asks why an alarm came or did not.
enum class LimitAction : std::uint8_t {
  put,
  reset,    // somebody took the row away: what is above it holds again
  vacated,  // the patient it was set for has left
};
std::string_view name(LimitAction action);
struct LimitChange {
  std::uint64_t number = 0;  // ascending
  Time time{};
  LimitAction action{};
  Scope scope;
  Limit row;                    // as it was put; of the others, what was taken away
  std::optional<Limit> before;  // what `put` replaced in the same scope
  std::string by;
  std::string reason;
};

// Entries (docs/formats/entries.md): limits_put, limits_reset; and what they do to a bed's and a patient's own rows,
// binding_set and device_removed. One row per scope, code and priority; for a device the narrowest scope's row holds.
// Rows as delivered lie under those that were set in the same scope.
//
// Bounds: 100,000 rows. Threads: its host's; history() any, on a snapshot.
class Limits final : public view::View {
 public:
  static constexpr std::size_t rows_max = 100'000;
  static constexpr std::size_t changes_max = 1'000;  // in memory; older ones stand in the table
  // A patient who comes back to a bed within it still has limits of the patient's own.
  static constexpr std::chrono::hours away_max{4};

  // `registry` outlives this, is applied before it, and is loaded before it. `keeps_history`: false for a copy that
  // nobody asks.
  explicit Limits(const device::Registry& registry, bool keeps_history = true);

  std::string_view name() const override { return "limits"; }
  std::string layout() const override { return "2"; }
  // Refusals: invalid, not_found (limits_reset: there is no such row), too_large.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  // Never null. Those without rows of their own share one set by ward and age class.
  std::shared_ptr<const LimitSet> of(const Subject& subject) const;
  // The row that holds for each code and priority, by code and priority.
  std::vector<ScopedLimit> effective(const Subject& subject) const;

  // Rows of one scope, delivered ones included, by code and priority.
  std::vector<Limit> list(const Scope& scope) const;
  std::vector<Scope> scopes() const;  // that have rows that somebody set

  // Newest first, those in memory with a number below `before`.
  std::vector<LimitChange> changes(std::uint64_t before) const;
  // Older ones, newest first, until `take` returns false.
  static void history(const view::TableReader& table, std::uint64_t before,
                      const std::function<bool(LimitChange)>& take);

  // Rises with every change. Not part of the state.
  std::uint64_t revision() const { return revision_; }

 private:
  struct Key {
    Scope scope;
    Code code{};
    Priority priority{};
    auto operator<=>(const Key&) const = default;
  };
  struct Compiled {
    std::string ward;
    AgeClass age_class{};
    auto operator<=>(const Compiled&) const = default;
  };
  static std::string bytes_of(const Key& key);
  static std::vector<Scope> wide_scopes(const Subject& subject);
  static std::vector<Scope> own_scopes(const Subject& subject);
  view::Answer put(const json::object& body, const view::Place& place);
  view::Answer reset(const json::object& body, const view::Place& place);
  void bound(std::string_view device, const view::Place& place);
  void vacate(const Scope& scope, const std::string& by, const view::Place& place);
  void note(LimitChange change, const view::Place& place);
  bool has_rows(const Scope& scope) const;
  void overlay(LimitSet& set, const Scope& scope) const;
  void changed();

  const device::Registry& registry_;
  const bool keeps_history_;
  std::map<Key, Limit> rows_;  // that somebody set
  std::set<Key> dirty_;
  Seats seats_;
  std::map<std::string, Time, std::less<>> away_;  // patients with rows of their own who are at no device, since when
  std::set<std::string> away_dirty_;
  std::map<std::uint64_t, LimitChange> changes_;
  std::uint64_t next_change_ = 1;
  std::uint64_t saved_changes_ = 1;                                       // those below are in the table
  mutable std::map<Compiled, std::shared_ptr<const LimitSet>> compiled_;  // made when asked for; not part of the state
  std::uint64_t revision_ = 1;
};

// How a row stands in an entry. Errors: invalid.
Result<Limit> read_limit(const json::object& body, Time now);
struct LimitName {
  Code code{};
  Priority priority{};
};
Result<LimitName> read_limit_name(const json::object& body);

}  // namespace salus::monitor
