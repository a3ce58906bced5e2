#include "monitor/alarms.hpp"

#include "base/json.hpp"
#include "device/unit.hpp"
#include "log/kinds.hpp"
#include "monitor/optional_value.hpp"

namespace salus::monitor {
namespace {

using view::Answer;

constexpr char in_memory = 'm';
constexpr char in_history = 'h';
constexpr std::size_t id_max = 256;

std::string key_of(char tag, std::uint64_t number) {
  std::string key(1, tag);
  put_big_endian(key, number);
  return key;
}

std::optional<Value> stored_value(const json::object& body, std::string_view key, device::Code code) {
  const Result<std::optional<double>> number = optional_number(body, key);
  device::Decimal decimal;
  Value value = 0;
  if (!number || !*number || code == device::no_code || !device::decimal_of(**number, decimal) ||
      !device::to_scaled(decimal, device::info(code).scale, value))
    return std::nullopt;
  return value;
}

std::string encode(const Alarm& alarm) {
  std::string bytes;
  Writer writer{bytes};
  for (const std::string* text :
       {&alarm.id, &alarm.device, &alarm.bed, &alarm.code, &alarm.unit, &alarm.text, &alarm.acknowledged_by})
    writer.put_string(*text);
  writer.put(alarm.rule);
  writer.put(alarm.priority);
  put_optional(writer, alarm.value);
  put_optional(writer, alarm.limit);
  writer.put(ns_of(alarm.raised));
  writer.put(static_cast<std::uint8_t>(alarm.ended ? 1 : 0));
  writer.put(alarm.ended ? ns_of(*alarm.ended) : 0);
  writer.put(ns_of(alarm.acknowledged));
  writer.put(alarm.version);
  return bytes;
}

bool decode(ByteView key, ByteView bytes, Alarm& alarm) {
  if (key.size() != 9) return false;
  Reader reader{bytes};
  for (std::string* text :
       {&alarm.id, &alarm.device, &alarm.bed, &alarm.code, &alarm.unit, &alarm.text, &alarm.acknowledged_by})
    *text = reader.get_string();
  alarm.rule = reader.get<ConditionRule>();
  alarm.priority = reader.get<Priority>();
  alarm.value = get_optional(reader);
  alarm.limit = get_optional(reader);
  alarm.raised = time_from_ns(reader.get<std::int64_t>());
  const bool ended = reader.get<std::uint8_t>() != 0;
  const Time end = time_from_ns(reader.get<std::int64_t>());
  if (ended) alarm.ended = end;
  alarm.acknowledged = time_from_ns(reader.get<std::int64_t>());
  alarm.version = reader.get<std::uint64_t>();
  alarm.number = get_big_endian(key.substr(1));
  return !reader.failed() && alarm.priority <= Priority::low && static_cast<std::size_t>(alarm.rule) < rule_count;
}

Time time_member(const json::object& body, std::string_view key, Time fallback) {
  const Result<Time> time = parse_iso(string_or(body, key));
  return time ? *time : fallback;
}

}  // namespace

std::optional<Answer> Alarms::apply(const log::Run& run, const view::Place& place) {
  using namespace log::kind;
  if (run.kind != alarm_raised && run.kind != alarm_acknowledged && run.kind != alarm_ended) return std::nullopt;
  const Result<json::value> value = parse_json(run.body, {.bytes_max = 16 * 1024, .depth_max = 4});
  if (!value) return Answer::refused(value.error().code, value.error().message);
  if (!value->is_object()) return Answer::refused(ErrorCode::invalid, "The entry must be a JSON object.");
  const json::object& body = value->get_object();
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
  alarm.code = string_or(body, "code").substr(0, 64);
  alarm.unit = string_or(body, "unit").substr(0, 64);
  alarm.text = string_or(body, "text").substr(0, id_max);
  const device::Code code = device::find_code(alarm.code);
  alarm.value = stored_value(body, "value", code);
  alarm.limit = stored_value(body, "limit", code);
  alarm.raised = time_member(body, "raised", place.time);
  alarm.number = log::number(place.position.offset);
  numbers_.emplace(alarm.id, alarm.number);
  return changed(alarms_[alarm.number] = std::move(alarm));
}

Answer Alarms::acknowledge(const json::object& body, const view::Place& place) {
  const auto found = numbers_.find(string_or(body, "id"));
  if (found == numbers_.end())
    return Answer::refused(ErrorCode::not_found, "There is no such alarm, or it ended long ago.");
  Alarm& alarm = alarms_.at(found->second);
  const json::value* version = body.if_contains("version");
  if (version != nullptr && !version->is_null() &&
      int_or(body, "version", -1) != static_cast<std::int64_t>(alarm.version))
    return Answer::refused(ErrorCode::conflict, "The alarm changed meanwhile; look at it again.");
  if (!alarm.acknowledged_by.empty()) return Answer::refused(ErrorCode::conflict, "The alarm is acknowledged already.");
  const std::string by = string_or(body, "by").substr(0, 128);
  if (by.empty()) return Answer::refused(ErrorCode::invalid, "Member 'by' must say who acknowledges.");
  alarm.acknowledged_by = by;
  alarm.acknowledged = place.time;
  ++alarm.version;
  return changed(alarm);
}

Answer Alarms::end(const json::object& body, const view::Place& place) {
  const auto found = numbers_.find(string_or(body, "id"));
  if (found == numbers_.end())
    return Answer::refused(ErrorCode::not_found, "There is no such alarm, or it ended long ago.");
  Alarm& alarm = alarms_.at(found->second);
  if (alarm.ended) return Answer::refused(ErrorCode::conflict, "The alarm has ended already.");
  alarm.ended = time_member(body, "at", place.time);
  ++alarm.version;
  ended_.insert(alarm.number);
  Answer answer = changed(alarm);
  if (ended_.size() > ended_max) forget_oldest();
  return answer;
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

void Alarms::save(view::Table& table) {
  for (const auto& [number, bytes] : leaving_) {
    table.remove(key_of(in_memory, number));
    table.put(key_of(in_history, number), bytes);
  }
  leaving_.clear();
  for (const std::uint64_t number : dirty_) table.put(key_of(in_memory, number), encode(alarms_.at(number)));
  dirty_.clear();
}

Result<void> Alarms::load(const view::Table& table) {
  bool right = true;
  table.scan(key_of(in_memory, 0), std::string(1, in_memory + 1), [&](ByteView key, ByteView bytes) {
    Alarm alarm;
    right = decode(key, bytes, alarm);
    if (!right) return false;
    numbers_.emplace(alarm.id, alarm.number);
    if (alarm.ended) ended_.insert(alarm.number);
    alarms_.emplace(alarm.number, std::move(alarm));
    return true;
  });
  if (!right) return fail(ErrorCode::damaged, "The stored alarms can not be read; rebuild them from the log.");
  return {};
}

const Alarm* Alarms::find(std::string_view id) const {
  const auto found = numbers_.find(std::string(id));
  return found == numbers_.end() ? nullptr : &alarms_.at(found->second);
}

AlarmPage Alarms::list(const AlarmQuery& query) const {
  AlarmPage page;
  for (auto at = alarms_.rbegin(); at != alarms_.rend(); ++at) {
    const Alarm& alarm = at->second;
    const bool fits = (query.state == AlarmState::all || alarm.is_active() == (query.state == AlarmState::active)) &&
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

std::vector<Alarm> Alarms::history(const view::TableReader& table, std::uint64_t before, std::size_t limit) {
  std::vector<Alarm> alarms;
  table.scan_back(key_of(in_history, 0), key_of(in_history, before), [&](ByteView key, ByteView bytes) {
    Alarm alarm;
    if (decode(key, bytes, alarm)) alarms.push_back(std::move(alarm));
    return alarms.size() < limit;
  });
  return alarms;
}

}  // namespace salus::monitor
