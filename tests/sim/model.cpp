#include "model.hpp"

#include <numeric>
#include <utility>

#include "failure.hpp"
#include "log/kinds.hpp"
#include "series/query.hpp"
#include "view/prefixed_table.hpp"

namespace salus::simulate {

void Context::apply(const Meaning& meaning) {
  if (const auto* put = std::get_if<DevicePut>(&meaning)) {
    const auto [at, created] = devices.try_emplace(put->id);
    at->second.version += created ? 0 : 1;
    at->second.name = put->name;
    at->second.enabled = put->enabled;
  } else if (const auto* removed = std::get_if<DeviceRemoved>(&meaning)) {
    devices.erase(removed->id);
  } else if (const auto* binding = std::get_if<BindingSet>(&meaning)) {
    const auto at = devices.find(binding->device);
    if (at != devices.end()) at->second.bindings[binding->from_ns] = {binding->patient, binding->bed};
  } else if (const auto* limit = std::get_if<LimitsPut>(&meaning)) {
    limits[{limit->device, limit->code, limit->priority}] = *limit;
  }
}

bool Context::hears(const std::string& device) const {
  const auto at = devices.find(device);
  return at != devices.end() && at->second.enabled;
}

const LimitsPut* Context::limit_of(const std::string& device, const std::string& code) const {
  for (const std::string& scope : {device, std::string{}})
    if (const auto at = limits.find({scope, code, monitor::Priority::medium}); at != limits.end()) return &at->second;
  return nullptr;
}

void Context::compare(const device::Registry& registry, const monitor::Limits& views, const char* whose) const {
  expect(registry.size() == devices.size(), "{}: {} devices, the model has {}", whose, registry.size(), devices.size());
  for (const auto& [id, device] : devices) {
    const device::Device* found = registry.find(id);
    expect(found != nullptr && found->name == device.name && found->enabled == device.enabled &&
               found->version == device.version,
           "{}: device {} differs from the model", whose, id);
    const auto bindings = registry.bindings(id);
    bool same = bindings.size() == device.bindings.size();
    for (std::size_t i = 0; same && i < bindings.size(); ++i) {
      const auto& [from, binding] = *std::next(device.bindings.begin(), static_cast<std::ptrdiff_t>(i));
      same =
          ns_of(bindings[i].from) == from && bindings[i].patient == binding.patient && bindings[i].bed == binding.bed;
    }
    expect(same, "{}: the bindings of {} differ from the model", whose, id);
  }
  for (const auto& [key, limit] : limits) {
    bool same = false;
    for (const monitor::Limit& row :
         views.list(limit.device.empty() ? monitor::Scope::hospital() : monitor::Scope::of_device(limit.device)))
      same |= device::info(row.code).alias() == limit.code && row.priority == limit.priority && row.low == limit.low &&
              row.high == limit.high && row.enabled == limit.enabled;
    expect(same, "{}: limits of '{}' for {} differ from the model", whose, limit.device, limit.code);
  }
}

void RecordsModel::apply(const Ordered& ordered) {
  for (const Meaning& meaning : ordered.meanings) {
    context_.apply(meaning);
    const auto* event = std::get_if<AlarmEvent>(&meaning);
    if (event == nullptr) continue;
    if (event->kind == log::kind::alarm_raised) alarms_.try_emplace(event->id);
    const auto at = alarms_.find(event->id);
    if (at == alarms_.end()) continue;
    at->second.ended |= event->kind == log::kind::alarm_ended;
    at->second.acknowledged |= event->kind == log::kind::alarm_acknowledged;
  }
}

void RecordsModel::compare(const RecordsNode& node) const {
  context_.compare(node.registry, node.limits, "records");
  expect(node.alarms.list({}).total == alarms_.size(), "records: {} alarms, the model has {}",
         node.alarms.list({}).total, alarms_.size());
  for (const auto& [id, alarm] : alarms_) {
    const monitor::Alarm* found = node.alarms.find(id);
    expect(
        found != nullptr && found->is_active() != alarm.ended && found->acknowledged_by.empty() != alarm.acknowledged,
        "records: alarm {} differs from the model", id);
  }
}

void TelemetryModel::catch_up(log::Offset stamp) {
  for (; seen_ < records_.size() && records_[seen_].group->first < stamp; ++seen_) {
    context_ns_ = std::max(context_ns_, ns_of(records_[seen_].group->time));
    for (const Meaning& meaning : records_[seen_].meanings) {
      context_.apply(meaning);
      if (const auto* binding = std::get_if<BindingSet>(&meaning); binding != nullptr)
        if (const auto at = devices_.find(binding->device); at != devices_.end()) follow(at->first, at->second, 0);
      const auto* put = std::get_if<DevicePut>(&meaning);
      const auto* removed = std::get_if<DeviceRemoved>(&meaning);
      if (put != nullptr && !put->enabled) leave(put->id);
      if (removed != nullptr) leave(removed->id);
    }
  }
}

void TelemetryModel::leave(const std::string& id) {
  const auto at = devices_.find(id);
  if (at == devices_.end()) return;
  end_alarms(id, at->second);
  devices_.erase(at);
}

void TelemetryModel::end_alarms(const std::string& id, Device& device) {
  if (std::exchange(device.low, false)) watched_.push_back(id + " -low");
  if (std::exchange(device.high, false)) watched_.push_back(id + " -high");
}

// Another patient at the device: what was wrong with the one before is over.
void TelemetryModel::follow(const std::string& id, Device& device, std::int64_t now_ns) {
  const auto& bindings = context_.devices.at(id).bindings;
  const auto next = bindings.upper_bound(std::max(now_ns, context_ns_));
  const auto binding = next == bindings.begin() ? bindings.end() : std::prev(next);
  std::string person;
  if (binding != bindings.end())
    person = !binding->second.patient.empty() ? "p" + binding->second.patient
             : !binding->second.bed.empty()   ? "b" + binding->second.bed
                                              : "";
  if (device.person == person) return;
  if (device.person) end_alarms(id, device);
  device.person = std::move(person);
  device.since_ns = binding != bindings.end() ? binding->first : 0;
}

void TelemetryModel::apply(const Ordered& ordered) {
  catch_up(ordered.group->stamp);
  for (const Meaning& meaning : ordered.meanings) {
    const auto* run = std::get_if<Messages>(&meaning);
    if (run == nullptr) continue;
    if (!context_.hears(run->device)) {
      unregistered_ += run->sent.size();
      continue;
    }
    Device& device = devices_[run->device];
    follow(run->device, device, ns_of(ordered.group->time));
    for (const Sent& sent : run->sent) take(run->device, device, *run, sent);
  }
}

void TelemetryModel::take(const std::string& id, Device& device, const Messages& run, const Sent& sent) {
  ++device.messages;
  if (sent.flags.at_least_once) {
    const bool fresh = device.packets.emplace(run.session, sent.flags.packet_id, sent.payload).second;
    if (sent.flags.repeated && !fresh) {
      ++device.repeated;
      return;
    }
  }
  if (sent.flags.format == device::Format::other) {
    ++device.other;
  } else if (!sent.readable) {
    ++device.malformed;
  } else if (sent.wave) {
    if (!device.frames.emplace(sent.wave->time_ns, sent.wave->sequence).second) {
      ++device.repeated;
      return;
    }
    if (device::DeviceClock::is_credible(sent.wave->time_ns, run.arrival_ns))
      device.clock.observe(sent.wave->time_ns, run.arrival_ns);
    for (const auto& [after_ns, value] : sent.wave->samples)
      samples_[{id, "ecg"}].try_emplace(sent.wave->time_ns + after_ns, value);
  } else {
    for (const Reading& reading : sent.readings) take_reading(id, device, reading, run.arrival_ns);
  }
}

void TelemetryModel::take_reading(const std::string& id, Device& device, const Reading& reading,
                                  std::int64_t arrival_ns) {
  if (reading.time_ns && reading.sequence && !device.readings.emplace(*reading.time_ns, *reading.sequence).second) {
    ++device.repeated;
    return;
  }
  constexpr std::int64_t year_2000_ns = 946'684'800'000'000'000, five_minutes_ns = 300'000'000'000;
  std::int64_t time_ns = reading.time_ns.value_or(arrival_ns);
  if (time_ns < year_2000_ns || time_ns > arrival_ns + five_minutes_ns) {
    ++device.clock_wrong;
    time_ns = arrival_ns;
  } else if (reading.time_ns) {
    device.clock.observe(time_ns, arrival_ns);
  }
  const bool before = time_ns + device.clock.offset_ns() < device.since_ns;  // somebody else's
  for (const auto& [alias, value] : reading.values) {
    Samples& samples = samples_[{id, alias}];
    const bool newest = samples.empty() || time_ns > samples.rbegin()->first;
    samples.try_emplace(time_ns, value);
    if (newest && !before && alias == "temp_body") watch(id, device, value);
  }
  device.rejected += reading.rejected;
  for (const std::string& key : reading.unknown) ++device.unknown[key];
}

// A rule without delay and hysteresis: on while the newest value is outside, whatever was before.
void TelemetryModel::watch(const std::string& id, Device& device, Value value) {
  const LimitsPut* limit = context_.limit_of(id, "temp_body");
  const bool on = limit != nullptr && limit->enabled;
  const auto turn = [&](bool& side, bool now, const char* name) {
    if (side != now) watched_.push_back(fmt::format("{} {}{}", id, now ? '+' : '-', name));
    side = now;
  };
  turn(device.low, on && limit->low && value < *limit->low, "low");
  turn(device.high, on && limit->high && value > *limit->high, "high");
}

void TelemetryModel::compare(const TelemetryNode& node, const Tables& tables, std::size_t page) const {
  const monitor::Telemetry& telemetry = node.telemetry;
  context_.compare(telemetry.registry(), telemetry.limits(), "telemetry's context");
  expect(telemetry.unregistered() == unregistered_, "telemetry: {} messages of unknown devices, the model has {}",
         telemetry.unregistered(), unregistered_);
  for (const auto& [id, device] : devices_) {
    const auto status = telemetry.status(id);
    expect(status.has_value(), "telemetry: device {} was never heard", id);
    const auto rejected = std::accumulate(status->rejected.begin(), status->rejected.end(), std::uint64_t{0});
    expect(status->messages == device.messages && status->repeated == device.repeated &&
               status->malformed == device.malformed && status->other == device.other &&
               status->clock_wrong == device.clock_wrong && rejected == device.rejected &&
               status->unknown_keys == device.unknown,
           "telemetry: what was counted of {} differs from the model: {} {} {} {} {} {}, {} {} {} {} {} {}", id,
           status->messages, status->repeated, status->malformed, status->other, status->clock_wrong, rejected,
           device.messages, device.repeated, device.malformed, device.other, device.clock_wrong, device.rejected);
  }
  compare_samples(node, tables.find("telemetry")->second, page);
}

void TelemetryModel::compare_samples(const TelemetryNode& node, const view::MemoryTable& table,
                                     std::size_t page) const {
  const view::PrefixedTable series{static_cast<const view::TableReader&>(table),
                                   std::string(monitor::Telemetry::series_prefix)};
  std::map<std::string, std::size_t> channels;
  for (const auto& [key, samples] : samples_) {
    const auto& [id, alias] = key;
    ++channels[id];
    const auto channel = node.telemetry.store().find({id, device::info(device::code_named(alias)).mdc, 0});
    expect(channel.has_value(), "telemetry: {} of {} is not stored", alias, id);
    const series::ChannelCopy copy = node.telemetry.store().copy(*channel);
    auto expected = samples.begin();
    std::optional<std::int64_t> from_ns = 0;
    while (from_ns) {
      const auto read = series::range(series, copy, {*from_ns, std::numeric_limits<std::int64_t>::max()}, page);
      expect(read.has_value(), "telemetry: {} of {} cannot be read: {}", alias, id, read ? "" : read.error().message);
      for (const series::Sample& sample : read->samples) {
        expect(expected != samples.end() && expected->first == sample.time_ns && expected->second == sample.value,
               "telemetry: {} of {} at {} is not the sample that came first", alias, id, sample.time_ns);
        ++expected;
      }
      from_ns = read->next_ns;
    }
    expect(expected == samples.end(), "telemetry: samples of {} of {} are missing", alias, id);
  }
  // What Salus derives from waves is nobody's message.
  const auto sent_channels = [&](const std::string& id) {
    const std::uint32_t derived = device::info(device::code_named("hr_ecg")).mdc;
    const bool has = node.telemetry.store().find({id, derived, 0}).has_value();
    return node.telemetry.store().channels_of(id).size() - (has ? 1 : 0);
  };
  for (const auto& [id, count] : channels)
    expect(sent_channels(id) == count, "telemetry: {} has channels that nobody sent", id);
}

}  // namespace salus::simulate
