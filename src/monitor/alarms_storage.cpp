// Alarms in their table: 'm' + number one in memory, 'h' + number one that has left it, 's' the settings, 'r' + offset
// a change of a rota (alarms_escalation.cpp). A change here asks for a new Alarms::layout().
#include "monitor/alarms.hpp"
#include "monitor/optional_value.hpp"

namespace salus::monitor {
namespace {

constexpr char in_memory = 'm';
constexpr char in_history = 'h';
constexpr std::string_view settings_key = "s";

std::string key_of(char tag, std::uint64_t number) {
  std::string key(1, tag);
  put_big_endian(key, number);
  return key;
}

}  // namespace

std::string Alarms::encode(const Alarm& alarm) {
  std::string bytes;
  Writer writer{bytes};
  for (const std::string* text : {&alarm.id, &alarm.device, &alarm.bed, &alarm.code, &alarm.unit, &alarm.text,
                                  &alarm.acknowledged_by, &alarm.ward, &alarm.delivered_to})
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
  writer.put(static_cast<std::uint8_t>(alarm.latching ? 1 : 0));
  writer.put(ns_of(alarm.reminded));
  writer.put(alarm.reminders);
  writer.put(ns_of(alarm.waits_since));
  writer.put(alarm.step);
  writer.put(alarm.acknowledgeable);
  writer.put(ns_of(alarm.delivered));
  writer.put(static_cast<std::uint8_t>(alarm.escalated.size()));
  for (const Escalation& one : alarm.escalated) {
    writer.put(one.step);
    writer.put_string(one.to);
    writer.put(ns_of(one.at));
  }
  return bytes;
}

namespace {

bool decode(ByteView key, ByteView bytes, Alarm& alarm) {
  if (key.size() != 9) return false;
  Reader reader{bytes};
  for (std::string* text : {&alarm.id, &alarm.device, &alarm.bed, &alarm.code, &alarm.unit, &alarm.text,
                            &alarm.acknowledged_by, &alarm.ward, &alarm.delivered_to})
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
  alarm.latching = reader.get<std::uint8_t>() != 0;
  alarm.reminded = time_from_ns(reader.get<std::int64_t>());
  alarm.reminders = reader.get<std::uint32_t>();
  alarm.waits_since = time_from_ns(reader.get<std::int64_t>());
  alarm.step = reader.get<std::uint32_t>();
  alarm.acknowledgeable = reader.get<std::uint64_t>();
  alarm.delivered = time_from_ns(reader.get<std::int64_t>());
  alarm.escalated.resize(std::min<std::size_t>(reader.get<std::uint8_t>(), Alarms::escalations_kept));
  for (Escalation& one : alarm.escalated) {
    one.step = reader.get<std::uint32_t>();
    one.to = reader.get_string();
    one.at = time_from_ns(reader.get<std::int64_t>());
  }
  alarm.number = get_big_endian(key.substr(1));
  return !reader.failed() && alarm.priority <= Priority::low && static_cast<std::size_t>(alarm.rule) < rule_count;
}

}  // namespace

void Alarms::save(view::Table& table) {
  for (const auto& [number, bytes] : leaving_) {
    table.remove(key_of(in_memory, number));
    table.put(key_of(in_history, number), bytes);
  }
  leaving_.clear();
  for (const std::uint64_t number : dirty_) table.put(key_of(in_memory, number), encode(alarms_.at(number)));
  dirty_.clear();
  save_rotas(table);
  if (!settings_dirty_) return;
  std::string bytes;
  Writer writer{bytes};
  for (const std::int64_t seconds : settings_.remind_s) writer.put(seconds);
  writer.put_string(settings_.by);
  writer.put_string(settings_.reason);
  writer.put(ns_of(settings_.set));
  table.put(settings_key, bytes);
  settings_dirty_ = false;
}

Result<void> Alarms::load(const view::Table& table) {
  bool right = true;
  table.scan(key_of(in_memory, 0), std::string(1, in_memory + 1), [&](ByteView key, ByteView bytes) {
    Alarm alarm;
    right = decode(key, bytes, alarm);
    if (!right) return false;
    numbers_.emplace(alarm.id, alarm.number);
    if (alarm.is_over()) ended_.insert(alarm.number);
    alarms_.emplace(alarm.number, std::move(alarm));
    return true;
  });
  if (const auto stored = table.get(settings_key)) {
    Reader reader{*stored};
    for (std::int64_t& seconds : settings_.remind_s) seconds = reader.get<std::int64_t>();
    settings_.by = reader.get_string();
    settings_.reason = reader.get_string();
    settings_.set = time_from_ns(reader.get<std::int64_t>());
    right = right && !reader.failed();
  }
  right = right && load_rotas(table);
  if (!right) return fail(ErrorCode::damaged, "The stored alarms can not be read; rebuild them from the log.");
  schedule_all();
  return {};
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
