// A telemetry partition on a bench, and tables of what is sent and what it raises.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "log/kinds.hpp"
#include "monitor/telemetry.hpp"
#include "view/memory_table.hpp"

namespace salus::monitor {

inline constexpr std::int64_t second = 1'000'000'000;
inline constexpr std::int64_t start_ns = 1'767'225'600 * second;

// One telemetry partition with what it hears of `records`, restarted from its table whenever asked to.
class Bench {
 public:
  struct Heard final : Observer {
    std::string events;
    std::size_t shown = 0;
    std::map<Code, Value> numerics;
    void on_numerics(std::string_view, std::int64_t, std::span<const Numeric> values) override {
      ++shown;
      for (const Numeric& one : values) numerics[one.code] = one.value;
    }
    void on_raised(const Condition& condition) override { events += "+" + event(condition); }
    void on_ended(const Condition& condition, Time) override { events += "-" + event(condition); }
    static std::string event(const Condition& condition) {
      const std::string_view code = condition.code == device::no_code ? "device" : device::info(condition.code).alias();
      return fmt::format("{}.{}.{} ", code, name(condition.rule), name(condition.priority));
    }
  };

  // `restarting`: after every entry.
  explicit Bench(bool restarting = false) : restarting_(restarting) {
    records(log::kind::device_put, R"({"id":"m1"})");
  }

  void records(log::Kind kind, std::string_view body) {
    const log::Offset offset{++record_};
    TelemetryContext{*telemetry_}.apply({.kind = kind, .first = offset, .body = body},
                                        {{log::Epoch{1}, offset}, now()});
    if (restarting_) restart();
  }
  void send(std::string_view payload, device::MessageView like = {}) {
    like.payload = payload;
    writer_.begin(device_, device::Session{1}, now());
    writer_.add(like);
    run(writer_.take());
  }
  void run(const log::Draft& draft) {
    const log::Offset offset{offset_};
    offset_ += draft.count;
    const view::Place place{{log::Epoch{1}, offset}, now()};
    telemetry_->advance(place);
    const auto answer =
        telemetry_->apply({.kind = draft.kind, .count = draft.count, .first = offset, .body = draft.body}, place);
    ASSERT_TRUE(answer && !answer->refusal);
    if (restarting_) restart();
  }
  void tick() { telemetry_->advance({{log::Epoch{1}, log::Offset{offset_++}}, now()}); }
  void restart() {
    telemetry_->save(table_);
    telemetry_ = std::make_unique<Telemetry>(&heard_);
    ASSERT_TRUE(telemetry_->load(table_));
  }
  // What was raised and ended since the last call.
  std::string events() {
    std::string result = std::exchange(heard_.events, {});
    if (!result.empty()) result.pop_back();
    return result;
  }
  // How often numbers were shown since the last call, and the newest of each code.
  std::size_t shown() { return std::exchange(heard_.shown, 0); }
  const std::map<Code, Value>& numerics() const { return heard_.numerics; }

  std::int64_t now_ns = start_ns;
  Time now() const { return time_from_ns(now_ns); }
  Telemetry& telemetry() { return *telemetry_; }
  view::MemoryTable& table() { return table_; }
  std::string device_ = "m1";

 private:
  const bool restarting_;
  Heard heard_;
  std::unique_ptr<Telemetry> telemetry_ = std::make_unique<Telemetry>(&heard_);
  view::MemoryTable table_;
  device::MessageRunWriter writer_;
  std::uint64_t record_ = 0;
  std::uint64_t offset_ = 1;
};

// Rows: seconds since the start, what is sent ("-" only lets time pass), what is raised (+) and ended (-).
inline void check(std::string_view table, bool restarting, std::string_view limits = {}) {
  Bench bench;
  if (!limits.empty()) bench.records(log::kind::limits_put, limits);
  std::istringstream rows{std::string(table)};
  for (std::string row; std::getline(rows, row);) {
    std::istringstream cells{row};
    double at = 0;
    std::string payload, expected, more;
    if (!(cells >> at >> payload)) continue;
    while (cells >> more) expected += (expected.empty() ? "" : " ") + more;
    bench.now_ns = start_ns + static_cast<std::int64_t>(at * 1'000) * 1'000'000;
    if (payload == "-") {
      bench.tick();
    } else {
      bench.send(payload);
    }
    EXPECT_EQ(bench.events(), expected) << row;
    if (restarting) bench.restart();
  }
}
inline void check(std::string_view table, std::string_view limits = {}) {
  check(table, false, limits);
  check(table, true, limits);
}

}  // namespace salus::monitor
