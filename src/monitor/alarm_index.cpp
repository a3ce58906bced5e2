#include "monitor/alarm_index.hpp"

#include <algorithm>
#include <map>

#include "base/json.hpp"
#include "log/kinds.hpp"

namespace salus::monitor {
namespace {

constexpr char by_time = 't';
constexpr std::size_t text_max = 256;  // as Alarms keeps them

std::string key_of(AlarmPosition at) {
  std::string key(1, by_time);
  put_big_endian(key, static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.raised_ns)));
  put_big_endian(key, at.number);
  return key;
}

std::string encode(const IndexedAlarm& alarm) {
  std::string bytes;
  Writer writer{bytes};
  writer.put_string(alarm.id);
  writer.put_string(alarm.device);
  writer.put_string(alarm.bed);
  writer.put(alarm.rule);
  writer.put(alarm.priority);
  return bytes;
}

bool decode(ByteView key, ByteView bytes, IndexedAlarm& alarm) {
  if (key.size() != 17) return false;
  Reader reader{bytes};
  alarm.raised = time_from_ns(static_cast<std::int64_t>(get_big_endian(key.substr(1))));
  alarm.number = get_big_endian(key.substr(9));
  alarm.id = reader.get_string();
  alarm.device = reader.get_string();
  alarm.bed = reader.get_string();
  alarm.rule = reader.get<ConditionRule>();
  alarm.priority = reader.get<Priority>();
  return !reader.failed() && alarm.priority <= Priority::low && static_cast<std::size_t>(alarm.rule) < rule_count;
}

// Visits what was raised in [from, to) and stands before `end`, newest first, until `visit` returns false.
template <class Visit>
void walk_back(const AlarmIndexCut& cut, Time from, AlarmPosition end, const Visit& visit) {
  std::vector<IndexedAlarm> fresh;
  for (const IndexedAlarm& alarm : cut.unsaved)
    if (alarm.raised >= from && position_of(alarm) < end) fresh.push_back(alarm);
  std::ranges::sort(fresh, std::greater{}, position_of);
  auto next = fresh.begin();
  bool more = true;
  cut.table->scan_back(key_of({ns_of(from), 0}), key_of(end), [&](ByteView key, ByteView bytes) {
    IndexedAlarm alarm;
    if (!decode(key, bytes, alarm)) return true;
    for (; more && next != fresh.end() && position_of(*next) > position_of(alarm); ++next) more = visit(*next);
    return more = more && visit(alarm);
  });
  for (; more && next != fresh.end(); ++next) more = visit(*next);
}

}  // namespace

bool AlarmFilter::matches(const IndexedAlarm& alarm) const {
  return alarm.raised >= from && alarm.raised < to && (device.empty() || alarm.device == device) &&
         (bed.empty() || alarm.bed == bed) && (!rule || alarm.rule == *rule) &&
         (!priority || alarm.priority == *priority);
}

std::optional<view::Answer> AlarmIndex::apply(const log::Run& run, const view::Place& place) {
  if (run.kind != log::kind::alarm_raised) return std::nullopt;
  const Result<json::value> value = parse_json(run.body, {.bytes_max = 16 * 1024, .depth_max = 4});
  if (!value || !value->is_object()) return std::nullopt;  // Alarms has refused it
  const json::object& body = value->get_object();
  const auto rule = rule_from(string_or(body, "rule"));
  const auto priority = priority_from(string_or(body, "priority"));
  if (!rule || !priority) return std::nullopt;
  const Result<Time> raised = parse_iso(string_or(body, "raised"));
  const std::string device = string_or(body, "device");
  unsaved_.push_back({.raised = std::max(raised ? *raised : place.time, Time{}),
                      .number = log::number(place.position.offset),
                      .id = std::string(string_or(body, "id")),
                      .device = (device.empty() ? string_or(body, "ward") : device).substr(0, text_max),
                      .bed = std::string(string_or(body, "bed")).substr(0, text_max),
                      .rule = *rule,
                      .priority = *priority});
  return std::nullopt;
}

void AlarmIndex::save(view::Table& table) {
  for (const IndexedAlarm& alarm : unsaved_) table.put(key_of(position_of(alarm)), encode(alarm));
  unsaved_.clear();
}

AlarmReview review(const AlarmIndexCut& cut, const AlarmFilter& filter, std::optional<AlarmPosition> before,
                   std::size_t limit) {
  AlarmReview found;
  std::size_t examined = 0;
  AlarmPosition last;
  AlarmPosition end{ns_of(filter.to), 0};
  if (before) end = std::min(end, *before);
  walk_back(cut, filter.from, end, [&](const IndexedAlarm& alarm) {
    if (found.items.size() == limit || examined == review_examined_max) {
      found.next = last;
      return false;
    }
    ++examined;
    last = position_of(alarm);
    if (filter.matches(alarm)) found.items.push_back(alarm);
    return true;
  });
  return found;
}

Result<std::vector<BurdenRow>> burden(const AlarmIndexCut& cut, Time from, Time to, BurdenBy by) {
  const auto key = [by](const IndexedAlarm& alarm) -> std::string {
    if (by == BurdenBy::bed) return alarm.bed.empty() ? alarm.device : alarm.bed;
    if (by == BurdenBy::rule) return std::string(name(alarm.rule));
    return to_iso(std::chrono::floor<std::chrono::hours>(alarm.raised));
  };
  std::map<std::string, BurdenRow> rows;
  std::size_t examined = 0;
  walk_back(cut, from, {ns_of(to), 0}, [&](const IndexedAlarm& alarm) {
    BurdenRow& row = rows[key(alarm)];
    ++row.of_priority[static_cast<std::size_t>(alarm.priority)];
    return ++examined <= burden_alarms_max && rows.size() <= burden_rows_max;
  });
  if (examined > burden_alarms_max || rows.size() > burden_rows_max)
    return fail(ErrorCode::too_large, "There were more than {} alarms or {} rows in that time; ask for less of it.",
                burden_alarms_max, burden_rows_max);
  std::vector<BurdenRow> out;
  for (auto& [text, row] : rows) {
    out.push_back(std::move(row));
    out.back().key = text;
  }
  if (by != BurdenBy::hour) std::ranges::stable_sort(out, std::greater{}, &BurdenRow::count);
  return out;
}

}  // namespace salus::monitor
