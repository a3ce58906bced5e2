#include "monitor/alarms.hpp"

#include "base/json.hpp"
#include "device/unit.hpp"
#include "log/kinds.hpp"

namespace salus::monitor {
namespace {

using view::Answer;

constexpr std::size_t id_max = 256;
constexpr std::int64_t remind_s_max = 3'600;

std::optional<Value> stored_value(const json::object& body, std::string_view key, device::Code code) {
  const Result<std::optional<double>> number = optional_number(body, key);
  device::Decimal decimal;
  Value value = 0;
  if (!number || !*number || code == device::no_code || !device::decimal_of(**number, decimal) ||
      !device::to_scaled(decimal, device::info(code).scale, value))
    return std::nullopt;
  return value;
}

Time time_member(const json::object& body, std::string_view key, Time fallback) {
  const Result<Time> time = parse_iso(string_or(body, key));
  return time ? *time : fallback;
}

}  // namespace

std::string_view name(AlarmLife life) {
  constexpr std::string_view names[] = {"active", "acknowledged", "latched", "ended"};
  return names[static_cast<std::size_t>(life)];
}

std::optional<Answer> Alarms::apply(const log::Run& run, const view::Place& place) {
  using namespace log::kind;
  if (run.kind != alarm_raised && run.kind != alarm_acknowledged && run.kind != alarm_ended &&
      run.kind != alarm_settings_put && run.kind != alarm_delivered && run.kind != escalation_put)
    return std::nullopt;
  const Result<json::value> value = parse_json(run.body, {.bytes_max = 16 * 1024, .depth_max = 4});
  if (!value) return Answer::refused(value.error().code, value.error().message);
  if (!value->is_object()) return Answer::refused(ErrorCode::invalid, "The entry must be a JSON object.");
  const json::object& body = value->get_object();
  if (run.kind == alarm_settings_put) return set(body, place);
  if (run.kind == escalation_put) return put_rota(body, place);
  if (run.kind == alarm_delivered) return deliver(body, place);
  const std::string id = string_or(body, "id");
  if (id.empty() || id.size() > id_max)
    return Answer::refused(ErrorCode::invalid, "Member 'id' must have 1 to 256 bytes.");
  if (run.kind == alarm_raised) return raise(body, place);
  if (run.kind == alarm_acknowledged) return acknowledge(body, place);
  return end(body, place);
}

Answer Alarms::raise(const json::object& body, const view::Place& place) {
  Alarm alarm;
  alarm.id = string_or(body, "id");
  if (numbers_.contains(alarm.id))
    return Answer::refused(ErrorCode::conflict, "This alarm was raised before; nothing was changed.");
  if (active_count() >= active_max) return Answer::refused(ErrorCode::too_large, "100,000 alarms are active already.");
  const auto rule = rule_from(string_or(body, "rule"));
  const auto priority = priority_from(string_or(body, "priority"));
  if (!rule || !priority) return Answer::refused(ErrorCode::invalid, "Member 'rule' or 'priority' is not known.");
  alarm.rule = *rule;
  alarm.priority = *priority;
  alarm.device = string_or(body, "device").substr(0, id_max);
  alarm.bed = string_or(body, "bed").substr(0, id_max);
  alarm.ward = string_or(body, "ward").substr(0, id_max);
  alarm.waits_since = place.time;
  alarm.code = string_or(body, "code").substr(0, 64);
  alarm.unit = string_or(body, "unit").substr(0, 64);
  alarm.text = string_or(body, "text").substr(0, id_max);
  const device::Code code = device::find_code(alarm.code);
  alarm.value = stored_value(body, "value", code);
  alarm.limit = stored_value(body, "limit", code);
  alarm.raised = time_member(body, "raised", place.time);
  const Result<std::optional<bool>> latching = optional_bool(body, "latching");
  alarm.latching = latching && latching->value_or(false);
  alarm.number = log::number(place.position.offset);
  numbers_.emplace(alarm.id, alarm.number);
  Alarm& kept = alarms_[alarm.number] = std::move(alarm);
  schedule(kept);
  return changed(kept);
}

Answer Alarms::acknowledge(const json::object& body, const view::Place& place) {
  const auto found = numbers_.find(string_or(body, "id"));
  if (found == numbers_.end())
    return Answer::refused(ErrorCode::not_found, "There is no such alarm, or it ended long ago.");
  Alarm& alarm = alarms_.at(found->second);
  const json::value* version = body.if_contains("version");
  if (version != nullptr && !version->is_null() &&
      (int_or(body, "version", -1) < static_cast<std::int64_t>(alarm.acknowledgeable) ||
       int_or(body, "version", -1) > static_cast<std::int64_t>(alarm.version)))
    return Answer::refused(ErrorCode::conflict, "The alarm changed meanwhile; look at it again.");
  if (alarm.is_acknowledged()) return Answer::refused(ErrorCode::conflict, "The alarm is acknowledged already.");
  const std::string by = string_or(body, "by").substr(0, 128);
  if (by.empty()) return Answer::refused(ErrorCode::invalid, "Member 'by' must say who acknowledges.");
  unschedule(alarm);
  alarm.acknowledged_by = by;
  alarm.acknowledged = place.time;
  alarm.reminded = {};
  alarm.acknowledgeable = ++alarm.version;
  schedule(alarm);
  if (!alarm.is_over()) return changed(alarm);
  ended_.insert(alarm.number);  // it was latched
  Answer answer = changed(alarm);
  if (ended_.size() > ended_max) forget_oldest();
  return answer;
}

Answer Alarms::end(const json::object& body, const view::Place& place) {
  const auto found = numbers_.find(string_or(body, "id"));
  if (found == numbers_.end())
    return Answer::refused(ErrorCode::not_found, "There is no such alarm, or it ended long ago.");
  Alarm& alarm = alarms_.at(found->second);
  if (alarm.ended) return Answer::refused(ErrorCode::conflict, "The alarm has ended already.");
  unschedule(alarm);
  alarm.ended = time_member(body, "at", place.time);
  alarm.acknowledgeable = ++alarm.version;
  schedule(alarm);  // of a latched one: somebody has still to see it
  if (alarm.is_latched()) return changed(alarm);
  ended_.insert(alarm.number);
  Answer answer = changed(alarm);
  if (ended_.size() > ended_max) forget_oldest();
  return answer;
}

Answer Alarms::set(const json::object& body, const view::Place& place) {
  AlarmSettings settings;
  for (std::size_t i = 0; i < priority_count; ++i) {
    settings.remind_s[i] = int_or(body, fmt::format("remind_{}_s", monitor::name(Priority(i))), settings.remind_s[i]);
    if (settings.remind_s[i] < 0 || settings.remind_s[i] > remind_s_max)
      return Answer::refused(ErrorCode::invalid, "An alarm is heard again after 0 (never) to 3,600 s.");
  }
  settings.by = string_or(body, "by").substr(0, 128);
  settings.reason = string_or(body, "reason").substr(0, 512);
  settings.set = place.time;
  settings_ = std::move(settings);
  settings_dirty_ = true;
  schedule_all();
  return Answer::ok();
}

// When somebody who took responsibility is reminded that the condition is still there.
std::optional<Time> Alarms::remind_at(const Alarm& alarm) const {
  const std::int64_t after_s = settings_.remind_s[static_cast<std::size_t>(alarm.priority)];
  if (after_s == 0 || alarm.ended || !alarm.is_acknowledged()) return std::nullopt;
  return alarm.acknowledged + seconds{after_s};
}

void Alarms::schedule(const Alarm& alarm) {
  if (const auto due = escalate_at(alarm)) escalations_.emplace(*due, alarm.number);
  if (const auto due = remind_at(alarm)) timers_.emplace(*due, alarm.number);
}

void Alarms::unschedule(const Alarm& alarm) {
  if (const auto due = escalate_at(alarm)) escalations_.erase({*due, alarm.number});
  if (const auto due = remind_at(alarm)) timers_.erase({*due, alarm.number});
}

void Alarms::schedule_all() {
  timers_.clear();
  escalations_.clear();
  for (const auto& [number, alarm] : alarms_) schedule(alarm);
}

std::optional<Time> Alarms::next_due() const {
  std::optional<Time> due;
  for (const auto* timers : {&timers_, &escalations_})
    if (!timers->empty()) due = due ? std::min(*due, timers->begin()->first) : timers->begin()->first;
  return due;
}

// In the order of (due, number), of both kinds together: a reminder may be what an escalation counts from.
void Alarms::advance(const view::Place& place) {
  while (const auto due = next_due()) {
    if (*due > place.time) break;
    const bool reminds = !timers_.empty() && (escalations_.empty() || *timers_.begin() <= *escalations_.begin());
    auto& timers = reminds ? timers_ : escalations_;
    const std::uint64_t number = timers.begin()->second;
    timers.erase(timers.begin());
    reminds ? remind(number, *due) : escalate(number, *due);
    ++reminders_;
  }
}

void Alarms::remind(std::uint64_t number, Time due) {
  Alarm& alarm = alarms_.at(number);
  alarm.reminded = due;
  ++alarm.reminders;
  alarm.waits_since = due;
  alarm.step = 0;
  alarm.acknowledgeable = ++alarm.version;
  schedule(alarm);
  changed(alarm);
}

Answer Alarms::changed(Alarm& alarm) {
  dirty_.insert(alarm.number);
  return Answer::ok(json::object{{"id", alarm.id}, {"version", alarm.version}});
}

void Alarms::forget_oldest() {
  const std::uint64_t number = *ended_.begin();
  ended_.erase(ended_.begin());
  const auto found = alarms_.find(number);
  leaving_.emplace(number, encode(found->second));
  dirty_.erase(number);
  numbers_.erase(found->second.id);
  alarms_.erase(found);
}

const Alarm* Alarms::find(std::string_view id) const {
  const auto found = numbers_.find(std::string(id));
  return found == numbers_.end() ? nullptr : &alarms_.at(found->second);
}

AlarmPage Alarms::list(const AlarmQuery& query) const {
  AlarmPage page;
  for (auto at = alarms_.rbegin(); at != alarms_.rend(); ++at) {
    const Alarm& alarm = at->second;
    const bool fits = (query.state == AlarmState::all || alarm.is_over() == (query.state == AlarmState::ended)) &&
                      (query.device.empty() || alarm.device == query.device);
    if (!fits) continue;
    ++page.total;
    if (alarm.number >= query.before) continue;
    if (page.items.size() < query.limit) {
      page.items.push_back(alarm);
    } else {
      page.more = true;
    }
  }
  return page;
}

}  // namespace salus::monitor
