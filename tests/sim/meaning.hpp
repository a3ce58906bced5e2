// What an entry means, said by who made it: the model never reads a body, so a parser's mistake shows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "device/message_run.hpp"
#include "log/run.hpp"
#include "monitor/limits.hpp"

namespace salus::simulate {

using device::Value;

// Refused by every view, or none of the model's business (a tick, an epoch).
struct Nothing {};

struct DevicePut {
  std::string id;
  std::string name;
  bool enabled = true;
};
struct DeviceRemoved {
  std::string id;
};
struct BindingSet {
  std::string device;
  std::int64_t from_ns = 0;
  std::string patient;
  std::string bed;
};
struct LimitsPut {
  std::string device;  // empty: every device
  std::string code;
  monitor::Priority priority{};
  std::optional<Value> low;
  std::optional<Value> high;
  bool enabled = true;
};
struct AlarmEvent {
  log::Kind kind{};
  std::string id;
};

struct Reading {
  std::optional<std::int64_t> time_ns;
  std::optional<std::uint64_t> sequence;
  std::map<std::string, Value> values;  // by alias, as stored
  std::uint64_t rejected = 0;
  std::vector<std::string> unknown;
};
struct Wave {
  std::int64_t time_ns = 0;
  std::uint64_t sequence = 0;
  std::map<std::int64_t, Value> samples;  // by nanoseconds after the start
};
struct Sent {
  device::MessageView flags;  // without its views
  std::string payload;
  bool readable = true;
  std::vector<Reading> readings;
  std::optional<Wave> wave;
};
struct Messages {
  std::string device;
  std::uint64_t session = 0;
  std::int64_t arrival_ns = 0;
  std::vector<Sent> sent;
};

using Meaning = std::variant<Nothing, DevicePut, DeviceRemoved, BindingSet, LimitsPut, AlarmEvent, Messages>;

struct Entry {
  log::Draft draft;
  Meaning meaning;
};

// A group as it was ordered, with what its runs mean.
struct Ordered {
  std::shared_ptr<const log::Group> group;
  std::vector<Meaning> meanings;
};
using History = std::vector<Ordered>;

}  // namespace salus::simulate
