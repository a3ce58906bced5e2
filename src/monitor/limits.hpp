// Alarm limits: which values of a vital are alarming, how much, and after how long. A view of `records`.
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
#include "view/view.hpp"

namespace salus::monitor {

using device::Code;
using device::Value;

// IEC 60601-1-8: high needs an answer at once, medium promptly, low is to be known.
enum class Priority : std::uint8_t { high, medium, low };
inline constexpr std::size_t priority_count = 3;
std::string_view name(Priority priority);
std::optional<Priority> priority_from(std::string_view name);

// Alarms when the value is below `low` or above `high`, for as long as `delay`; ends when it is back inside by
// `hysteresis`.
struct Limit {
  Code code = device::no_code;
  Priority priority = Priority::medium;
  std::optional<Value> low;
  std::optional<Value> high;
  std::int64_t delay_ms = 0;
  Value hysteresis = 0;
  bool enabled = true;
  std::string by;  // empty: as delivered, for the hospital to sign
  std::string reason;
  Time set{};
};

// The limits that hold for one device, laid out for apply.
struct Rule {
  Value low = std::numeric_limits<Value>::min();  // the least: never below
  Value high = std::numeric_limits<Value>::max();
  Value hysteresis = 0;
  std::int64_t delay_ns = 0;
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

// Entry limits_put (docs/formats/entries.md): one row per scope, code and priority. The scope is a device or, when
// absent, every device that has no row of its own for that code and priority. Bounds: 100,000 rows. Threads: its
// host's.
class Limits final : public view::View {
 public:
  Limits();

  std::string_view name() const override { return "limits"; }
  // Refusals: invalid, too_large.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  // Never null. Devices without rows of their own share one set.
  std::shared_ptr<const LimitSet> of(std::string_view device) const;

  // Rows of a scope ("" is the default), by code and priority.
  std::vector<Limit> list(std::string_view scope) const;
  std::vector<std::string> scopes() const;  // devices that have rows of their own

  // Rises with every change. Not part of the state.
  std::uint64_t revision() const { return revision_; }

 private:
  struct Key {
    std::string scope;
    Code code{};
    Priority priority{};
    auto operator<=>(const Key&) const = default;
  };
  static std::string bytes_of(const Key& key);
  void overlay(LimitSet& set, std::string_view scope) const;
  void rebuild();

  std::map<Key, Limit> rows_;
  std::set<Key> dirty_;
  std::shared_ptr<const LimitSet> common_;
  std::uint64_t revision_ = 1;
};

}  // namespace salus::monitor
