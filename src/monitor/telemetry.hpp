// The view of the telemetry partition: from what devices sent to stored series, present values, scores and conditions.
//
// It holds its own registry and limits (its context): the host passes it every run of `records` up to a group's stamp
// through context(), then the group through apply(). So what was in force is the same on every node and replay.
//
// Arithmetic: a 100-byte JSON message with six vitals costs about half a microsecond; a wave sample some nanoseconds.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "device/message.hpp"
#include "device/message_run.hpp"
#include "device/recent.hpp"
#include "device/registry.hpp"
#include "device/waveform_frame.hpp"
#include "monitor/condition.hpp"
#include "monitor/ecg_monitor.hpp"
#include "monitor/limit_watch.hpp"
#include "monitor/limits.hpp"
#include "monitor/news2.hpp"
#include "series/store.hpp"
#include "view/view.hpp"

namespace salus::monitor {

struct Numeric {
  Code code{};
  Value value = 0;  // at device::info(code).scale
};

// Hears what apply finds, on apply's thread, in order. Everything passed lives until the function returns. Must be
// short: apply waits. What it hears may be provisional (the host knows whether the group is durable).
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_numerics(std::string_view device, std::int64_t time_ns, std::span<const Numeric> values) {}
  // The channel's integers as the device sent them; value = (sample - offset) × multiplier / 10^exponent.
  virtual void on_wave(std::string_view device, Code code, std::int64_t time_ns, const series::Period& period,
                       const device::WaveChannel& channel) {}
  virtual void on_raised(const Condition& condition) {}
  virtual void on_ended(const Condition& condition, Time at) {}
  virtual void on_news2(std::string_view device, std::int64_t time_ns, const News2& score) {}
  virtual void on_device(std::string_view device) {
  }  // first heard, silent, heard again, or something unknown in a message
};

// What must be appended to `records`: once, in this order. It waits here until context() has seen it there.
struct Wish {
  std::uint64_t number = 0;
  std::string condition;  // id
  log::Kind kind{};       // alarm_raised or alarm_ended
  std::string body;
};

struct Latest {
  Code code{};
  std::int64_t time_ns = 0;   // sample
  std::int64_t heard_ns = 0;  // partition time
  Value value = 0;
};

// What one device has sent, for people who look after devices.
struct DeviceStatus {
  std::uint64_t messages = 0;
  std::uint64_t repeated = 0;     // came twice, counted once
  std::uint64_t malformed = 0;    // whole messages that could not be read
  std::uint64_t other = 0;        // on topics that are not interpreted
  std::uint64_t clock_wrong = 0;  // stored by arrival time
  std::array<std::uint64_t, device::reject_count> rejected{};
  std::uint64_t unknown_overflow = 0;  // unknown keys beyond the 32 that are listed
  std::map<std::string, std::uint64_t> unknown_keys;
  std::string last_error;  // of the last malformed message; never a value
  std::int64_t last_heard_ns = 0;
  std::int64_t clock_offset_ns = 0;
  bool gone = false;
};

// Threads: the telemetry partition's apply thread.
class Telemetry final : public view::View {
 public:
  static constexpr std::size_t outbox_max = 65'536;  // when full, a wish is dropped and counted; the condition stays
  static constexpr std::size_t unknown_keys_max = 32;
  static constexpr std::size_t unknown_key_bytes_max = 64;

  // Both may be null. `worker`: see series::Store.
  explicit Telemetry(Observer* observer, view::Worker* worker = nullptr);
  ~Telemetry() override;

  std::string_view name() const override { return "telemetry"; }
  std::string layout() const override;

  // A run of `records`, in their order. Runs before context_end() are ignored: they were seen.
  void context(const log::Run& run, const view::Place& place);
  log::Offset context_end() const { return log::Offset{context_end_}; }

  // Refusals: damaged (the run is not as MessageRunWriter writes; nothing was changed after the bad message).
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void advance(const view::Place& place) override;
  std::optional<Time> next_due() const override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  const device::Registry& registry() const { return registry_; }
  const Limits& limits() const { return limits_; }
  const series::Store& store() const { return store_; }
  // Where series lie in this view's table: read with query.hpp through view::PrefixedTable(snapshot, series_prefix).
  static constexpr std::string_view series_prefix = "s";

  // Nothing when the device has not been heard.
  std::optional<DeviceStatus> status(std::string_view device) const;
  std::vector<Latest> latest(std::string_view device) const;  // by code
  std::vector<Code> waves(std::string_view device) const;
  std::optional<std::pair<std::int64_t, News2>> news2(std::string_view device) const;  // sample time of the score
  std::vector<Condition> conditions(std::string_view device) const;
  // Newest values, for scores. Empty where none is scored: scores are for adults.
  std::vector<ScoreValue> scored_values(std::string_view device) const;

  // The oldest wishes, in order.
  std::vector<Wish> outbox(std::size_t limit) const;
  std::size_t outbox_size() const { return outbox_.size(); }
  std::uint64_t outbox_dropped() const { return totals_.outbox_dropped; }
  std::uint64_t unregistered() const {
    return totals_.unregistered;
  }  // messages of devices that are not (or no longer) known

 private:
  struct DeviceState;
  struct Totals {
    std::uint64_t unregistered = 0;
    std::uint64_t outbox_dropped = 0;
    std::uint64_t next_wish = 1;
    std::int64_t listening_since_ns = 0;  // silence is counted from here on
    std::int64_t context_ns = 0;          // time of the newest entry of `records` that was seen
  };
  struct TimerOrder {
    bool operator()(const std::pair<std::int64_t, DeviceState*>& a,
                    const std::pair<std::int64_t, DeviceState*>& b) const;
  };

  DeviceState* device_of(std::string_view id, std::uint32_t messages);
  const DeviceState* heard(std::string_view id) const;
  void mark(DeviceState& state);
  void refresh(DeviceState& state);
  void retire(std::string_view id, const view::Place& place);
  void registered(const log::Run& run, const view::Place& place);
  void scored_or_not(DeviceState& state, const view::Place& place);
  void rearm_all();
  void follow_binding(DeviceState& state, const view::Place& place);
  void forget_person(DeviceState& state, const view::Place& place);
  void hear_patient(DeviceState& state, std::string_view patient, const view::Place& place);
  static bool is_before_stay(const DeviceState& state, std::int64_t time_ns);

  void take(DeviceState& state, const device::MessageView& message, device::Session session, std::int64_t arrival_ns,
            const view::Place& place);
  void take_telemetry(DeviceState& state, const device::MessageView& message, std::int64_t arrival_ns,
                      const view::Place& place);
  void take_reading(DeviceState& state, const device::Reading& reading, std::int64_t arrival_ns,
                    const view::Place& place);
  void take_value(DeviceState& state, Code code, Value value, std::int64_t time_ns, const view::Place& place);
  void take_waveform(DeviceState& state, ByteView payload, std::int64_t arrival_ns, const view::Place& place);
  void take_channel(DeviceState& state, const device::WaveFrame& frame, const device::WaveChannel& channel,
                    std::int64_t start_ns, const view::Place& place);
  void collect_ecg(Code code, const device::WaveChannel& channel, const series::Period& period,
                   std::span<const Value> stored);
  void take_ecg(DeviceState& state, std::int64_t start_ns, const view::Place& place);
  void take_ecg_second(DeviceState& state, const EcgSecond& second, const view::Place& place);
  bool device_sends_rate(const DeviceState& state, std::int64_t now_ns) const;
  bool is_said_by_asystole(const DeviceState& state, Code code, Value value) const;
  void count_unknown(DeviceState& state, std::string_view key);
  std::int64_t sample_time(DeviceState& state, bool has_time, std::int64_t device_ns, std::int64_t arrival_ns);

  static const CodeRules& rules_of(const DeviceState& state, Code code);
  void quiet(DeviceState& state, Code code, const view::Place& place);
  void quiet_low(DeviceState& state, Code code, const view::Place& place);
  void watch(DeviceState& state, Code code, Value value, Instant at, const view::Place& place);
  void settle(DeviceState& state, Code code, const std::array<Transition, 2>& changes, Value value,
              const view::Place& place);
  static bool is_scored(const Subject& subject) { return subject.watched_as() == AgeClass::adult; }
  void score(DeviceState& state, std::int64_t time_ns, const view::Place& place);
  void raise(DeviceState& state, Code code, ConditionRule rule, Priority priority, std::optional<Value> value,
             std::optional<Value> limit, const view::Place& place, bool latching = false);
  void end(DeviceState& state, Code code, ConditionRule rule, Priority priority, const view::Place& place);
  void wish(const std::string& condition, log::Kind kind, std::string body);
  void settled(log::Kind kind, const std::string& condition);

  void heard_now(DeviceState& state, const view::Place& place);
  void arm(DeviceState& state, std::int64_t due_ns);
  void rearm(DeviceState& state);
  std::int64_t due_of(const DeviceState& state) const;
  void fire(DeviceState& state, const view::Place& place);

  void save_device(const DeviceState& state, Writer& writer) const;
  bool load_device(DeviceState& state, Reader& reader);

  Observer* observer_;
  device::Registry registry_;
  Limits limits_{registry_, false};
  series::Store store_;
  std::uint64_t context_end_ = 0;
  Totals totals_;
  std::map<std::string, std::unique_ptr<DeviceState>, std::less<>> devices_;
  struct ViewHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, DeviceState*, ViewHash, std::equal_to<>> by_id_;  // looked up, never walked
  std::set<std::pair<std::int64_t, DeviceState*>, TimerOrder> timers_;
  std::vector<DeviceState*> dirty_;
  std::set<std::string> retired_;  // to be taken from the table
  std::map<std::uint64_t, Wish> outbox_;
  std::set<std::uint64_t> wishes_added_;
  std::set<std::uint64_t> wishes_gone_;

  // Reused from message to message.
  device::Message message_;
  device::WaveFrame frame_;
  std::vector<Numeric> numerics_;
  std::vector<Value> samples_;
  std::vector<EcgSamples> ecg_channels_;
  std::array<std::vector<std::int32_t>, QrsDetector::leads_max> ecg_microvolts_;
  std::vector<EcgSecond> ecg_seconds_;
};

// Telemetry's context as a view of `records`, for a host that applies upstream views (view::Upstream). It keeps nothing
// of its own: Telemetry saves what it heard. Lifetime: shorter than its telemetry's.
class TelemetryContext final : public view::View {
 public:
  explicit TelemetryContext(Telemetry& telemetry) : telemetry_(telemetry) {}
  std::string_view name() const override { return "telemetry_context"; }
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override {
    telemetry_.context(run, place);
    return std::nullopt;
  }
  void save(view::Table&) override {}
  Result<void> load(const view::Table&) override { return {}; }

 private:
  Telemetry& telemetry_;
};

}  // namespace salus::monitor
