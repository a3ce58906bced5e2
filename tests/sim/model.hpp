// The naive model: what the views must say, worked out from what the entries mean with maps and nothing clever.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "device/recent.hpp"
#include "meaning.hpp"
#include "node.hpp"

namespace salus::simulate {

// Devices, bindings and limits, as `records` and as telemetry's context have them.
struct Context {
  struct Binding {
    std::string patient;
    std::string bed;
  };
  struct Device {
    std::string name;
    bool enabled = true;
    std::uint64_t version = 1;
    std::map<std::int64_t, Binding> bindings;
  };
  using LimitKey = std::tuple<std::string, std::string, monitor::Priority>;

  std::map<std::string, Device> devices;
  std::map<LimitKey, LimitsPut> limits;

  void apply(const Meaning& meaning);
  bool hears(const std::string& device) const;
  // The row in force for the one rule that the model evaluates; null when there is none.
  const LimitsPut* limit_of(const std::string& device, const std::string& code) const;

  void compare(const device::Registry& registry, const monitor::Limits& limits, const char* whose) const;
};

class RecordsModel {
 public:
  void apply(const Ordered& ordered);
  void compare(const RecordsNode& node) const;

 private:
  struct Alarm {
    bool ended = false;
    bool acknowledged = false;
  };
  Context context_;
  std::map<std::string, Alarm> alarms_;
};

class TelemetryModel {
 public:
  explicit TelemetryModel(const History& records) : records_(records) {}
  void apply(const Ordered& ordered);
  // `tables` is what `node` saved; `page` is how many samples are read at once.
  void compare(const TelemetryNode& node, const Tables& tables, std::size_t page) const;
  // Every side of the watched rule that went on or off, in order: "m1 +low".
  const std::vector<std::string>& watched() const { return watched_; }

 private:
  // What is forgotten when a device is removed or disabled; its samples stay.
  struct Device {
    std::uint64_t messages = 0, repeated = 0, malformed = 0, other = 0, clock_wrong = 0, rejected = 0;
    std::map<std::string, std::uint64_t> unknown;
    std::set<std::pair<std::int64_t, std::uint64_t>> readings, frames;
    std::set<std::tuple<std::uint64_t, std::uint16_t, std::string>> packets;
    bool low = false, high = false;
    std::optional<std::string> person;  // whose values they are; nothing: not looked at yet
    std::int64_t since_ns = 0;
    device::DeviceClock clock;
  };
  using Samples = std::map<std::int64_t, Value>;

  void catch_up(log::Offset stamp);
  void take(const std::string& id, Device& device, const Messages& run, const Sent& sent);
  void take_reading(const std::string& id, Device& device, const Reading& reading, std::int64_t arrival_ns);
  void watch(const std::string& id, Device& device, Value value);
  void leave(const std::string& id);
  void end_alarms(const std::string& id, Device& device);
  void follow(const std::string& id, Device& device, std::int64_t now_ns);
  void compare_samples(const TelemetryNode& node, const view::MemoryTable& table, std::size_t page) const;

  const History& records_;
  std::size_t seen_ = 0;  // groups of records
  Context context_;
  std::int64_t context_ns_ = 0;  // time of the newest of `records` that was seen
  std::map<std::string, Device> devices_;
  std::map<std::pair<std::string, std::string>, Samples> samples_;  // by device and alias
  std::vector<std::string> watched_;
  std::uint64_t unregistered_ = 0;
};

}  // namespace salus::simulate
