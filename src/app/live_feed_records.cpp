// What `records` says, told to the screens: alarms, and who lies where.
#include <algorithm>

#include "app/alarm_place.hpp"
#include "app/limit_json.hpp"
#include "app/live_feed.hpp"
#include "log/kinds.hpp"

namespace salus::app {

// With the words of IEC 60601-1-8: paused has an end, off has none.
json::object pause_json(const monitor::Pause& pause) {
  return {{"what", monitor::name(pause.what)},
          {"state", fmt::format("{} {}", monitor::name(pause.what), pause.until ? "paused" : "off")},
          {"until", pause.until ? json::value(to_iso(*pause.until)) : json::value(nullptr)},
          {"by", pause.by},
          {"reason", pause.reason},
          {"set", to_iso(pause.set)}};
}

void LiveFeed::records(const log::Group& group) {
  using namespace log::kind;
  for (const log::Run& run : group.runs) {
    const bool alarm = run.kind == alarm_raised || run.kind == alarm_acknowledged || run.kind == alarm_ended;
    if (run.kind == alarm_delivered) {
      delivered(run.body);
      continue;
    }
    const bool device = run.kind == device_put || run.kind == device_removed;
    const bool binding = run.kind == binding_set || run.kind == log::kind::bindings_changed ||
                         run.kind == binding_corrected || run.kind == bindings_undone;
    if (!alarm && !device && !binding) continue;
    const auto body = parse_json(run.body);
    if (!body || !body->is_object()) continue;
    const json::object& object = body->get_object();
    if (device) registry_changed(string_or(object, "id"));
    if (binding) bindings_changed(object);
    if (!alarm) continue;
    if (const monitor::Alarm* found = core_->alarms().find(string_or(object, "id"))) alarm_changed(*found);
  }
  if (core_->alarms().reminders() != reminders_) reminded();
  if (core_->limits().revision() != limits_ || core_->pauses().revision() != pauses_) all_sectors_changed();
}

void LiveFeed::alarm_changed(const monitor::Alarm& alarm) {
  json::object json = alarm_json(alarm, core_->registry());
  std::string before;
  {
    const std::lock_guard lock{mutex_};
    if (const auto known = alarms_.find(alarm.id); known != alarms_.end()) before = string_or(known->second, "ward");
    if (alarm.is_over())
      alarms_.erase(alarm.id);
    else
      alarms_[alarm.id] = json;
  }
  const Audience audience = audience_of_alarm(json);
  // A corrected binding made it another ward's.
  if (!before.empty() && std::ranges::find(audience.wards, before) == audience.wards.end())
    hub_.publish(json_text(json::object{{"type", "alarm_removed"}, {"id", alarm.id}}),
                 {.wards = {before}, .stations_alone = true});
  hub_.publish(json_text(json::object{{"type", "alarm"}, {"alarm", std::move(json)}}), audience);
}

void LiveFeed::delivered(std::string_view entry) {
  const auto body = parse_json(entry);
  const json::value* ids = body && body->is_object() ? body->get_object().if_contains("ids") : nullptr;
  if (ids == nullptr || !ids->is_array()) return;
  for (const json::value& id : ids->get_array())
    if (const monitor::Alarm* found =
            id.is_string() ? core_->alarms().find(std::string_view(id.get_string())) : nullptr)
      alarm_changed(*found);
}

// Time alone has changed some: those whose version is another than the one that was said.
void LiveFeed::reminded() {
  reminders_ = core_->alarms().reminders();
  std::vector<const monitor::Alarm*> changed;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [id, said] : alarms_)
      if (const monitor::Alarm* alarm = core_->alarms().find(id);
          alarm != nullptr && said.at("version") != json::value(alarm->version))
        changed.push_back(alarm);
  }
  for (const monitor::Alarm* alarm : changed) alarm_changed(*alarm);
}

// Whose they are may have changed with the bindings: also of alarms that are on.
void LiveFeed::bindings_changed(const json::object& entry) {
  std::set<std::string> devices;
  if (const std::string one = string_or(entry, "device"); !one.empty()) devices.insert(one);
  if (const json::value* rows = entry.if_contains("devices"); rows != nullptr && rows->is_array())
    for (const json::value& row : rows->get_array())
      if (row.is_object()) devices.insert(string_or(row.get_object(), "device"));
  for (const std::string& device : devices) registry_changed(device);
  std::vector<std::string> theirs;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [id, alarm] : alarms_)
      if (devices.contains(string_or(alarm, "device"))) theirs.push_back(id);
  }
  for (const std::string& id : theirs)
    if (const monitor::Alarm* alarm = core_->alarms().find(id); alarm != nullptr && !alarm->is_over())
      alarm_changed(*alarm);
}

// On the records host's thread: what the registry says goes into the sector, then the telemetry thread adds the values.
void LiveFeed::registry_changed(const std::string& id) {
  const device::Device* device = core_->registry().find(id);
  const device::Binding* binding = core_->registry().binding_now(id);
  const bool shown = device != nullptr && device->enabled && binding != nullptr && !binding->is_idle();
  json::array off, pauses;
  std::optional<std::string> left;  // the ward that it went from
  if (shown)
    for (const monitor::Pause& pause : core_->pauses().of_bed(binding->ward, binding->bed))
      pauses.push_back(pause_json(pause));
  if (shown)
    for (const monitor::ScopedLimit& row : core_->limits().effective(monitor::subject_of(core_->registry(), id)))
      if (!row.limit.enabled) off.push_back(limit_json(row));
  {
    const std::lock_guard lock{mutex_};
    const auto before = sectors_.find(id);
    if (before != sectors_.end() && shown && before->second.ward != binding->ward) left = before->second.ward;
    if (before == sectors_.end() || !shown || before->second.patient != binding->patient) pending_.erase(id);
    if (shown)
      sectors_[id] = {binding->bed,       binding->ward,  binding->patient,  binding->label, device->simulated,
                      binding->age_class, binding->paced, std::move(pauses), std::move(off)};
    else
      sectors_.erase(id);
  }
  if (left)
    hub_.publish(json_text(json::object{{"type", "sector_removed"}, {"device", id}}),
                 {.wards = {*left}, .stations_alone = true});
  if (!shown)
    hub_.publish(json_text(json::object{{"type", "sector_removed"}, {"device", id}}), {});
  else
    core_->telemetry().post([this, id] { publish_sector(id); });
}

// A row of limits may hold for any of them, a bed's pause for whatever stands there.
void LiveFeed::all_sectors_changed() {
  limits_ = core_->limits().revision();
  pauses_ = core_->pauses().revision();
  std::vector<std::string> devices;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [device, sector] : sectors_) devices.push_back(device);
  }
  for (const std::string& device : devices) registry_changed(device);
}

}  // namespace salus::app
