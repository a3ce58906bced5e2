// Delivered to a screen, and told to the next when nobody accepts: the part of an alarm's life in which people are
// looked for.
#include "log/kinds.hpp"
#include "monitor/alarms.hpp"

namespace salus::monitor {
namespace {

using view::Answer;

constexpr std::size_t name_max = 128;
constexpr std::int64_t after_s_max = 3'600;
constexpr std::size_t delivered_at_once_max = 64;
constexpr char of_rota = 'r';
constexpr const char* after_members[] = {"high_s", "medium_s"};

std::string rota_key(std::uint64_t number) {
  std::string key(1, of_rota);
  put_big_endian(key, number);
  return key;
}

bool is_addressee(std::string_view to) {
  for (const std::string_view kind : {"user:", "role:", "station:"})
    if (to.starts_with(kind)) return to.size() > kind.size() && to.size() <= name_max;
  return false;
}

Result<RotaStep> step_from(const json::value& value, const RotaStep* before) {
  if (!value.is_object()) return fail(ErrorCode::invalid, "A step is an object with 'to', 'high_s' and 'medium_s'.");
  RotaStep step{.to = string_or(value.get_object(), "to")};
  if (!is_addressee(step.to)) return fail(ErrorCode::invalid, "A step's 'to' is user:NAME, role:NAME or station:ID.");
  bool any = false;
  for (std::size_t i = 0; i < step.after_s.size(); ++i) {
    step.after_s[i] = int_or(value.get_object(), after_members[i]);
    if (step.after_s[i] < 0 || step.after_s[i] > after_s_max)
      return fail(ErrorCode::invalid, "A step comes 1 to 3,600 s after the alarm; 0: not at this priority.");
    any = any || step.after_s[i] > 0;
    if (before != nullptr && step.after_s[i] > 0 && (before->after_s[i] == 0 || step.after_s[i] < before->after_s[i]))
      return fail(ErrorCode::invalid, "A step comes no earlier than the one before it, and at no more priorities.");
  }
  if (!any) return fail(ErrorCode::invalid, "A step comes at high or medium priority.");
  return step;
}

}  // namespace

// What the screen says it has shown. Ids that are not known, or were shown before, count for nothing.
Answer Alarms::deliver(const json::object& body, const view::Place& place) {
  const json::value* ids = body.if_contains("ids");
  if (ids == nullptr || !ids->is_array() || ids->get_array().size() > delivered_at_once_max)
    return Answer::refused(ErrorCode::invalid, "Member 'ids' lists at most 64 alarms.");
  const std::string to = string_or(body, "to").substr(0, name_max);
  if (to.empty()) return Answer::refused(ErrorCode::invalid, "Member 'to' names the screen.");
  std::int64_t count = 0;
  for (const json::value& id : ids->get_array()) {
    const auto found = id.is_string() ? numbers_.find(std::string(id.get_string())) : numbers_.end();
    if (found == numbers_.end()) continue;
    Alarm& alarm = alarms_.at(found->second);
    if (alarm.is_over() || !alarm.delivered_to.empty()) continue;
    alarm.delivered = place.time;
    alarm.delivered_to = to;
    ++alarm.version;
    changed(alarm);
    ++count;
  }
  return Answer::ok(json::object{{"delivered", count}});
}

Answer Alarms::put_rota(const json::object& body, const view::Place& place) {
  Rota rota{.ward = string_or(body, "ward"),
            .steps = {},
            .by = string_or(body, "by").substr(0, name_max),
            .reason = string_or(body, "reason").substr(0, 512),
            .set = place.time};
  const json::value* steps = body.if_contains("steps");
  if (rota.ward.empty() || rota.ward.size() > name_max)
    return Answer::refused(ErrorCode::invalid, "Member 'ward' names a ward, in 128 bytes at most.");
  if (rota.reason.empty()) return Answer::refused(ErrorCode::invalid, "Member 'reason' must say why.");
  if (steps == nullptr || !steps->is_array() || steps->get_array().size() > steps_max)
    return Answer::refused(ErrorCode::invalid,
                           "Member 'steps' lists at most 10 steps; none: the ward does not escalate.");
  for (const json::value& value : steps->get_array()) {
    Result<RotaStep> step = step_from(value, rota.steps.empty() ? nullptr : &rota.steps.back());
    if (!step) return Answer::refused(step.error().code, std::move(step.error().message));
    rota.steps.push_back(std::move(*step));
  }
  if (rotas_.size() >= rotas_max && !rotas_.contains(rota.ward))
    return Answer::refused(ErrorCode::too_large, "1,000 wards have a rota already.");
  const std::uint64_t number = log::number(place.position.offset);
  rota_changes_.emplace(number, rota);
  rotas_dirty_.insert(number);
  rotas_.insert_or_assign(rota.ward, std::move(rota));
  // Of each ward the newest change stays, whatever its age.
  for (auto at = rota_changes_.begin(); rota_changes_.size() > rota_changes_kept && at != rota_changes_.end();) {
    const bool in_force = rotas_.at(at->second.ward).set == at->second.set;
    if (!in_force) {
      rotas_forgotten_.insert(at->first);
      rotas_dirty_.erase(at->first);
    }
    at = in_force ? std::next(at) : rota_changes_.erase(at);
  }
  schedule_all();
  return Answer::ok();
}

// When the next step of the ward's rota is due for one that nobody has accepted.
std::optional<Time> Alarms::escalate_at(const Alarm& alarm) const {
  if (!alarm.waits() || alarm.priority == Priority::low) return std::nullopt;
  const Rota* found = rota(alarm.ward);
  if (found == nullptr || alarm.step >= found->steps.size()) return std::nullopt;
  const std::int64_t after_s = found->steps[alarm.step].after_s[static_cast<std::size_t>(alarm.priority)];
  if (after_s == 0) return std::nullopt;
  return alarm.waits_since + seconds{after_s};
}

void Alarms::escalate(std::uint64_t number, Time due) {
  Alarm& alarm = alarms_.at(number);
  const Rota& by = *rota(alarm.ward);
  if (alarm.escalated.size() == escalations_kept) alarm.escalated.erase(alarm.escalated.begin());
  alarm.escalated.push_back({.step = alarm.step + 1, .to = by.steps[alarm.step].to, .at = due});
  ++alarm.step;
  ++alarm.version;
  schedule(alarm);
  changed(alarm);
}

const Rota* Alarms::rota(std::string_view ward) const {
  const auto found = rotas_.find(ward);
  return found == rotas_.end() ? nullptr : &found->second;
}

std::vector<Rota> Alarms::rotas() const {
  std::vector<Rota> all;
  for (const auto& [ward, rota] : rotas_) all.push_back(rota);
  return all;
}

std::vector<Rota> Alarms::rota_changes() const {
  std::vector<Rota> all;
  for (auto at = rota_changes_.rbegin(); at != rota_changes_.rend(); ++at) all.push_back(at->second);
  return all;
}

std::map<std::string, WardAlarms> Alarms::by_ward() const {
  std::map<std::string, WardAlarms> wards;
  for (const auto& [number, alarm] : alarms_) {
    if (alarm.is_over() || alarm.ward.empty()) continue;
    WardAlarms& ward = wards[alarm.ward];
    if (alarm.rule == ConditionRule::no_audible_screen && !alarm.ended) ward.silent = alarm.id;
    if (alarm.rule == ConditionRule::stations_gone && !alarm.ended) ward.gone = alarm.id;
    if (!is_of_ward(alarm.rule) && alarm.waits()) ward.waits = true;
  }
  return wards;
}

void Alarms::save_rotas(view::Table& table) {
  for (const std::uint64_t number : rotas_forgotten_) table.remove(rota_key(number));
  rotas_forgotten_.clear();
  for (const std::uint64_t number : rotas_dirty_) {
    const Rota& rota = rota_changes_.at(number);
    std::string bytes;
    Writer writer{bytes};
    for (const std::string* text : {&rota.ward, &rota.by, &rota.reason}) writer.put_string(*text);
    writer.put(ns_of(rota.set));
    writer.put(static_cast<std::uint8_t>(rota.steps.size()));
    for (const RotaStep& step : rota.steps) {
      writer.put_string(step.to);
      for (const std::int64_t after : step.after_s) writer.put(after);
    }
    table.put(rota_key(number), bytes);
  }
  rotas_dirty_.clear();
}

bool Alarms::load_rotas(const view::Table& table) {
  bool right = true;
  table.scan(rota_key(0), std::string(1, of_rota + 1), [&](ByteView key, ByteView bytes) {
    Rota rota;
    Reader reader{bytes};
    for (std::string* text : {&rota.ward, &rota.by, &rota.reason}) *text = reader.get_string();
    rota.set = time_from_ns(reader.get<std::int64_t>());
    rota.steps.resize(std::min<std::size_t>(reader.get<std::uint8_t>(), steps_max));
    for (RotaStep& step : rota.steps) {
      step.to = reader.get_string();
      for (std::int64_t& after : step.after_s) after = reader.get<std::int64_t>();
    }
    right = key.size() == 9 && !reader.failed();
    if (!right) return false;
    rotas_.insert_or_assign(rota.ward, rota);  // ascending: the newest is in force
    rota_changes_.emplace(get_big_endian(key.substr(1)), std::move(rota));
    return true;
  });
  return right;
}

}  // namespace salus::monitor
