// One vital of one device against its limits: which alarm is on, since when something is wrong, and what changes now.
// Pure: values and times in, transitions out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "monitor/limits.hpp"

namespace salus::monitor {

enum class Side : std::uint8_t { low, high };

// A value counts by two clocks: the sample's own time, so that a burst of stored samples alarms at once, and the
// partition's, so that one sample that nothing follows alarms when its delay has passed.
struct Instant {
  std::int64_t sample_ns = 0;
  std::int64_t now_ns = 0;
};

// On a side at most one alarm is on: the most severe. When that changes, the old one ends and a new one is raised, so
// that what was acknowledged at medium is heard again at high.
struct Transition {
  Side side{};
  std::optional<Priority> ended;
  std::optional<Priority> raised;
  bool any() const { return ended || raised; }
};

class LimitWatch {
 public:
  // Whether `value` needs update(): nothing is on, nothing is wrong and it is within every limit otherwise.
  bool needs(const CodeRules& rules, Value value) const {
    return !idle_ || value < rules.safe_low || value > rules.safe_high;
  }

  // The newest value. Returns what changes on the low and on the high side.
  std::array<Transition, 2> update(const CodeRules& rules, Value value, Instant at);
  // The partition's time reached `now_ns`; the value is still the last one.
  std::array<Transition, 2> elapse(const CodeRules& rules, std::int64_t now_ns);
  // When elapse() would change something; the greatest number when never.
  std::int64_t due_ns(const CodeRules& rules) const;

  bool idle() const { return idle_; }
  void save(Writer& writer) const;
  void load(Reader& reader);

 private:
  struct Onset {
    bool set = false;
    Instant at;
  };
  struct State {
    std::array<Onset, priority_count> onsets;  // since when the limit of that priority is broken
    Onset back;                                // since when the value is back inside the active one's
    std::optional<Priority> active;
  };
  bool is_held(State& state, const Rule& rule, Side side, Instant at);
  Transition decide(const CodeRules& rules, Side side, Instant at);

  std::array<State, 2> sides_;
  Value value_ = 0;
  std::int64_t last_sample_ns_ = 0;
  bool idle_ = true;
};

}  // namespace salus::monitor
