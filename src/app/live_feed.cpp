#include "app/live_feed.hpp"

#include <algorithm>

#include "app/alarm_place.hpp"
#include "app/live_wave.hpp"
#include "app/values.hpp"

namespace salus::app {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

json::value optional_number(const std::string& code, const std::optional<device::Value>& value) {
  const device::Code found = device::find_code(code);
  if (!value || found == device::no_code) return nullptr;
  return number_of(found, *value);
}

json::object alarm_of(const monitor::Condition& condition, const std::optional<Audience>& where,
                      const std::optional<Time>& ended, const Core* core) {
  monitor::Alarm alarm;
  alarm.id = condition.id;
  alarm.device = condition.device;
  if (where) alarm.bed = where->bed;
  if (condition.code != device::no_code) {
    alarm.code = device::info(condition.code).alias();
    alarm.unit = device::info(condition.code).unit;
  }
  alarm.rule = condition.rule;
  alarm.priority = condition.priority;
  alarm.value = condition.value;
  alarm.limit = condition.limit;
  alarm.text = monitor::text_of(condition);
  alarm.raised = condition.raised;
  alarm.latching = condition.latching;
  alarm.ended = ended;
  alarm.version = 0;  // whatever records says comes after
  // While the log is replayed there is no ward yet.
  json::object out = core != nullptr ? alarm_json(alarm, core->telemetry_view().registry()) : alarm_json(alarm);
  out["provisional"] = true;
  return out;
}

json::object news2_json(std::int64_t time_ns, const monitor::News2& score) {
  json::array missing;
  for (std::size_t i = 0; i < monitor::news2_parameter_count; ++i)
    if ((score.missing >> i & 1) != 0) missing.emplace_back(monitor::name(static_cast<monitor::News2Parameter>(i)));
  return {{"score", score.score},         {"at_least", score.at_least()},      {"missing", missing},
          {"any_three", score.any_three}, {"risk", monitor::name(score.risk)}, {"t", time_ns / kMillisecond}};
}

}  // namespace

json::object alarm_json(const monitor::Alarm& alarm) {
  const json::value said = alarm.acknowledged_by.empty()
                               ? json::value(nullptr)
                               : json::value{{"by", alarm.acknowledged_by}, {"at", to_iso(alarm.acknowledged)}};
  const bool holds = alarm.is_acknowledged();
  json::array escalated;
  for (const monitor::Escalation& one : alarm.escalated)
    escalated.push_back({{"step", one.step}, {"to", one.to}, {"at", to_iso(one.at)}});
  const json::value delivered = alarm.delivered_to.empty()
                                    ? json::value(nullptr)
                                    : json::value{{"to", alarm.delivered_to}, {"at", to_iso(alarm.delivered)}};
  return {{"id", alarm.id},
          {"device", alarm.device},
          {"bed", alarm.bed},
          {"ward", alarm.ward},
          {"code", alarm.code},
          {"rule", monitor::name(alarm.rule)},
          {"priority", monitor::name(alarm.priority)},
          {"state", monitor::name(alarm.life())},
          {"acknowledged", holds ? said : json::value(nullptr)},
          {"acknowledged_before", holds ? json::value(nullptr) : said},
          {"reminders", alarm.reminders},
          {"delivered", delivered},
          {"escalated", std::move(escalated)},
          {"latching", alarm.latching},
          {"raised", to_iso(alarm.raised)},
          {"ended", alarm.ended ? json::value(to_iso(*alarm.ended)) : json::value(nullptr)},
          {"value", optional_number(alarm.code, alarm.value)},
          {"limit", optional_number(alarm.code, alarm.limit)},
          {"unit", alarm.unit},
          {"text", alarm.text},
          {"provisional", false},
          {"version", alarm.version}};
}

void LiveFeed::attach(Core& core) {
  core_ = &core;
  core.records().run([&] {
    for (const device::Device* device : core.registry().list({.limit = device::Registry::devices_max}).items)
      registry_changed(device->id);
    monitor::AlarmQuery query{.state = monitor::AlarmState::active};
    query.limit = monitor::Alarms::active_max;
    const std::lock_guard lock{mutex_};
    for (const monitor::Alarm& alarm : core.alarms().list(query).items)
      alarms_[alarm.id] = alarm_json(alarm, core.registry());
    reminders_ = core.alarms().reminders();
    limits_ = core.limits().revision();
    pauses_ = core.pauses().revision();
  });
  core.records().on_applied([this](const log::Group& group, const view::Place&) { records(group); });
  core.telemetry().on_applied([this](const log::Group& group, const view::Place&) { drop_recorded(group); });
}

void LiveFeed::publish_sector(const std::string& device) {
  if (!hub_.wanted()) return;
  Sector sector;
  {
    const std::lock_guard lock{mutex_};
    const auto at = sectors_.find(device);
    if (at == sectors_.end()) return;
    sector = at->second;
  }
  hub_.publish(json_text(json::object{{"type", "sector"}, {"sector", sector_json(device, sector)}}),
               {.bed = sector.bed, .wards = {sector.ward}});
}

json::object LiveFeed::sector_json(const std::string& id, const Sector& sector) const {
  const monitor::Telemetry& telemetry = core_->telemetry_view();
  // Until telemetry has heard of a new binding, what it knows is the patient's before.
  const device::Binding* followed = telemetry.registry().binding_now(id);
  const bool theirs = followed != nullptr && followed->patient == sector.patient &&
                      (!sector.patient.empty() || (followed->bed == sector.bed && followed->ward == sector.ward));
  json::object values;
  if (theirs)
    for (const monitor::Latest& latest : telemetry.latest(id))
      values[device::info(latest.code).alias()] = {{"v", number_of(latest.code, latest.value)},
                                                   {"t", latest.time_ns / kMillisecond}};
  json::array waves;
  if (theirs)
    for (const device::Code code : telemetry.waves(id)) waves.emplace_back(device::info(code).alias());
  const auto score = theirs ? telemetry.news2(id) : std::nullopt;
  const json::value patient =
      sector.patient.empty() ? json::value(nullptr) : json::value{{"id", sector.patient}, {"label", sector.label}};
  return {{"device", id},
          {"bed", sector.bed},
          {"ward", sector.ward},
          {"patient", patient},
          {"age_class", device::name(sector.age_class)},
          {"paced", sector.paced ? json::value(*sector.paced) : json::value(nullptr)},
          {"simulated", sector.simulated},
          {"connected", is_connected(id)},
          {"values", std::move(values)},
          {"news2", score ? json::value(news2_json(score->first, score->second)) : json::value(nullptr)},
          {"waves", std::move(waves)},
          {"pauses", sector.pauses},
          {"limits_off", sector.limits_off}};
}

json::object LiveFeed::ward(const std::string& only, const std::string& station) const {
  std::map<std::string, Sector, std::less<>> sectors;
  json::array alarms;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [device, sector] : sectors_)
      if (only.empty() || sector.ward == only) sectors.emplace(device, sector);
    const auto seen = [&](const json::object& alarm) {
      if (only.empty() || string_or(alarm, "ward") == only || sectors.contains(string_or(alarm, "device"))) return true;
      const std::vector<std::string> told = stations_told(alarm);
      return std::ranges::find(told, station) != told.end();
    };
    for (const auto& [id, alarm] : alarms_)
      if (alarm.at("state") != "ended" && seen(alarm)) alarms.push_back(alarm);
  }
  json::array out;
  for (const auto& [id, sector] : sectors) out.push_back(sector_json(id, sector));
  return {{"type", "ward"}, {"sectors", std::move(out)}, {"alarms", std::move(alarms)}};
}

std::vector<std::string> stations_told(const json::object& alarm) {
  constexpr std::string_view kind = "station:";
  std::vector<std::string> stations;
  const json::value* steps = alarm.if_contains("escalated");
  if (steps == nullptr || !steps->is_array()) return stations;
  for (const json::value& step : steps->get_array())
    if (const std::string to = string_or(step.as_object(), "to"); to.starts_with(kind))
      stations.push_back(to.substr(kind.size()));
  return stations;
}

std::optional<Audience> LiveFeed::audience_of(std::string_view device) const {
  const std::lock_guard lock{mutex_};
  const auto at = sectors_.find(device);
  if (at == sectors_.end()) return std::nullopt;
  return Audience{.bed = at->second.bed, .wards = {at->second.ward}};
}

Audience LiveFeed::audience_of_alarm(const json::object& alarm) const {
  Audience audience{.bed = string_or(alarm, "bed"), .wards = {string_or(alarm, "ward")}};
  audience.stations = stations_told(alarm);
  const std::lock_guard lock{mutex_};
  if (const auto at = sectors_.find(string_or(alarm, "device")); at != sectors_.end())
    audience.wards.push_back(at->second.ward);
  return audience;
}

void LiveFeed::on_numerics(std::string_view device, std::int64_t time_ns, std::span<const monitor::Numeric> values) {
  messages_.fetch_add(1, std::memory_order_relaxed);
  if (!hub_.wanted()) return;
  const std::lock_guard lock{mutex_};
  auto at = pending_.find(device);
  if (at == pending_.end()) at = pending_.emplace(std::string(device), Pending{}).first;
  at->second.time_ns = std::max(at->second.time_ns, time_ns);
  for (const monitor::Numeric& numeric : values) at->second.values[numeric.code] = numeric.value;
}

void LiveFeed::flush() {
  std::map<std::string, Pending, std::less<>> pending;
  std::map<std::string, Audience> audiences;
  {
    const std::lock_guard lock{mutex_};
    pending.swap(pending_);
    for (const auto& [device, numbers] : pending)
      if (const auto at = sectors_.find(device); at != sectors_.end())
        audiences[device] = {.bed = at->second.bed, .wards = {at->second.ward}};
  }
  for (const auto& [device, numbers] : pending) {
    const auto audience = audiences.find(device);
    if (audience == audiences.end()) continue;  // nowhere on the ward
    json::object values;
    for (const auto& [code, value] : numbers.values) values[device::info(code).alias()] = number_of(code, value);
    hub_.publish(json_text(json::object{{"type", "numerics"},
                                        {"device", device},
                                        {"t", numbers.time_ns / kMillisecond},
                                        {"values", std::move(values)}}),
                 audience->second);
  }
}

void LiveFeed::on_wave(std::string_view device, device::Code code, std::int64_t time_ns, const series::Period& period,
                       const device::WaveChannel& channel) {
  if (!hub_.wanted()) return;
  const std::string alias{device::info(code).alias()};
  const std::optional<Audience> audience = audience_of(device);
  if (!audience) return;
  for (std::string& frame : live_wave_frames(device, alias, time_ns, period, channel, !core_->is_recording()))
    hub_.publish_wave(std::move(frame), *audience, alias);
}

void LiveFeed::on_raised(const monitor::Condition& condition) {
  wished_ = true;
  json::object alarm = alarm_of(condition, audience_of(condition.device), std::nullopt, core_);
  hub_.publish(json_text(json::object{{"type", "alarm"}, {"alarm", alarm}}), audience_of_alarm(alarm));
  keep_unrecorded(condition, "raised", condition.raised);
  const std::lock_guard lock{mutex_};
  alarms_.emplace(condition.id, std::move(alarm));
}

void LiveFeed::on_ended(const monitor::Condition& condition, Time at) {
  wished_ = true;
  json::object alarm = alarm_of(condition, audience_of(condition.device), at, core_);
  {
    const std::lock_guard lock{mutex_};
    const auto found = alarms_.find(condition.id);
    if (found != alarms_.end()) {
      // What records knows of it stays (who acknowledged it, its version); only its end is ahead of the disk.
      const bool latched = found->second.at("latching").as_bool() && found->second.at("acknowledged").is_null();
      found->second["state"] = latched ? "latched" : "ended";
      found->second["ended"] = to_iso(at);
      found->second["provisional"] = true;
      alarm = found->second;
    }
  }
  hub_.publish(json_text(json::object{{"type", "alarm"}, {"alarm", alarm}}), audience_of_alarm(alarm));
  keep_unrecorded(condition, "ended", at);
}

void LiveFeed::on_news2(std::string_view device, std::int64_t time_ns, const monitor::News2& score) {
  if (!hub_.wanted()) return;
  json::object event = news2_json(time_ns, score);
  event["type"] = "news2";
  event["device"] = device;
  if (const std::optional<Audience> audience = audience_of(device)) hub_.publish(json_text(event), *audience);
}

// On the telemetry host's thread already, but within apply: the sector is read when the group is done.
void LiveFeed::on_device(std::string_view device) {
  if (core_ != nullptr && hub_.wanted())
    core_->telemetry().post([this, id = std::string(device)] { publish_sector(id); });
}

void LiveFeed::connected(const std::string& device, std::uint64_t session) {
  {
    const std::lock_guard lock{mutex_};
    std::uint64_t& newest = sessions_[device];
    newest = std::max(newest, session);
  }
  core_->telemetry().post([this, device] { publish_sector(device); });
}

void LiveFeed::disconnected(const std::string& device, std::uint64_t session) {
  {
    const std::lock_guard lock{mutex_};
    const auto at = sessions_.find(device);
    if (at == sessions_.end() || at->second != session) return;  // a newer session has taken over
    sessions_.erase(at);
  }
  core_->telemetry().post([this, device] { publish_sector(device); });
}

bool LiveFeed::is_connected(const std::string& device) const {
  const std::lock_guard lock{mutex_};
  return sessions_.contains(device);
}

void LiveFeed::keep_unrecorded(const monitor::Condition& condition, std::string_view what, Time at) {
  if (core_ == nullptr) return;  // a replay: everything is durable
  const std::lock_guard lock{mutex_};
  if (unrecorded_.size() == unrecorded_max) unrecorded_.pop_front();
  unrecorded_.push_back({.line = json_text(json::object{{"what", what},
                                                        {"at", to_iso(at)},
                                                        {"condition", condition.id},
                                                        {"device", condition.device},
                                                        {"text", monitor::text_of(condition)}})});
}

void LiveFeed::drop_recorded(const log::Group& applied) {
  const log::Offset durable = core_->telemetry_log().durable_end().offset;
  const std::lock_guard lock{mutex_};
  for (auto at = unrecorded_.rbegin(); at != unrecorded_.rend() && at->until > applied.end(); ++at)
    at->until = applied.end();
  while (!unrecorded_.empty() && unrecorded_.front().until <= durable) unrecorded_.pop_front();
}

std::vector<std::string> LiveFeed::unrecorded() const {
  if (core_ == nullptr) return {};
  const log::Offset durable = core_->telemetry_log().durable_end().offset;
  const std::lock_guard lock{mutex_};
  std::vector<std::string> lines;
  for (const Unrecorded& one : unrecorded_)
    if (one.until > durable) lines.push_back(one.line);
  return lines;
}

}  // namespace salus::app
