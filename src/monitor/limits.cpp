#include "monitor/limits.hpp"

#include <algorithm>

#include "log/kinds.hpp"
#include "monitor/limit_defaults.hpp"

namespace salus::monitor {
namespace {

using view::Answer;

void close_set(LimitSet& set) {
  for (CodeRules& code : set) {
    code.safe_low = std::numeric_limits<Value>::min();
    code.safe_high = std::numeric_limits<Value>::max();
    for (const Rule& rule : code.rules) {
      code.safe_low = std::max(code.safe_low, rule.low);
      code.safe_high = std::min(code.safe_high, rule.high);
    }
  }
}

void lay(LimitSet& set, const Limit& limit) {
  Rule rule;
  if (limit.enabled) {
    rule.low = limit.low.value_or(rule.low);
    rule.high = limit.high.value_or(rule.high);
    rule.hysteresis = limit.hysteresis;
    rule.delay_ns = limit.delay_ms * 1'000'000;
    rule.end_delay_ns = limit.end_delay_ms * 1'000'000;
    rule.latching = limit.latching;
  }
  set[device::index(limit.code)].rules[static_cast<std::size_t>(limit.priority)] = rule;
}

Answer refused(const Error& error) {
  return Answer::refused(error.code, error.message);
}

}  // namespace

Limits::Limits(const device::Registry& registry, bool keeps_history)
    : registry_(registry), keeps_history_(keeps_history) {}

std::optional<Answer> Limits::apply(const log::Run& run, const view::Place& place) {
  using namespace log::kind;
  const bool ours = run.kind == limits_put || run.kind == limits_reset;
  if (!ours && !seats_.concern(run.kind)) return std::nullopt;
  const Result<json::value> value = parse_json(run.body, {.bytes_max = 64 * 1024, .depth_max = 8});
  if (!value) return refused(value.error());
  const Result<json::object> body = as_object(*value, "The entry");
  if (!body) return refused(body.error());
  if (run.kind == limits_put) return put(*body, place);
  if (run.kind == limits_reset) return reset(*body, place);
  if (run.kind == device_removed) bound(string_or(*body, "id"), place);
  for (const std::string& device : registry_.rebound()) bound(device, place);
  return Answer::ok();
}

Answer Limits::put(const json::object& body, const view::Place& place) {
  Result<Scope> scope = scope_from(body);
  if (!scope) return refused(scope.error());
  Result<Limit> limit = read_limit(body, place.time);
  if (!limit) return refused(limit.error());
  const Key key{std::move(*scope), limit->code, limit->priority};
  const auto found = rows_.find(key);
  if (rows_.size() >= rows_max && found == rows_.end())
    return Answer::refused(ErrorCode::too_large, "There are 100,000 limits already.");
  LimitChange change{.action = LimitAction::put,
                     .scope = key.scope,
                     .row = *limit,
                     .before = {},
                     .by = limit->by,
                     .reason = limit->reason};
  if (found != rows_.end()) {
    change.before = found->second;
  } else if (const Limit* delivered = delivered_limit(key.scope, key.code, key.priority)) {
    change.before = *delivered;
    change.before->source = {};  // it speaks of the rows that this build delivers
  }
  note(std::move(change), place);
  rows_[key] = std::move(*limit);
  dirty_.insert(key);
  changed();
  return Answer::ok();
}

Answer Limits::reset(const json::object& body, const view::Place& place) {
  Result<Scope> scope = scope_from(body);
  if (!scope) return refused(scope.error());
  const Result<LimitName> named = read_limit_name(body);
  if (!named) return refused(named.error());
  const Key key{std::move(*scope), named->code, named->priority};
  const auto found = rows_.find(key);
  if (found == rows_.end())
    return Answer::refused(ErrorCode::not_found, "There is no such row; what holds comes from a wider scope.");
  note({.action = LimitAction::reset,
        .scope = key.scope,
        .row = found->second,
        .before = {},
        .by = string_or(body, "by").substr(0, 128),
        .reason = string_or(body, "reason").substr(0, 512)},
       place);
  rows_.erase(found);
  dirty_.insert(key);
  changed();
  return Answer::ok();
}

// What was set for whoever lay there must not meet the next: a bed's rows go with its patient; a patient's own stay
// while the patient is moved, and go when nobody has seen the patient at a device for `away_max`.
void Limits::bound(std::string_view device, const view::Place& place) {
  const device::Binding* binding = registry_.binding_now(device);
  const std::string by = binding == nullptr ? std::string{} : binding->by;
  const Seats::Change change = seats_.update(registry_, device);
  for (const Seat& seat : change.vacated) vacate(Scope::of_bed(seat.ward, seat.bed), by, place);
  for (const std::string& patient : change.away)
    if (has_rows(Scope::of_patient(patient))) {
      away_[patient] = place.time;
      away_dirty_.insert(patient);
    }
  for (auto at = away_.begin(); at != away_.end();) {
    const bool back = std::ranges::find(change.arrived, at->first) != change.arrived.end();
    const bool too_long = place.time - at->second > away_max;
    if (too_long) vacate(Scope::of_patient(at->first), by, place);
    if (!back && !too_long) {
      ++at;
      continue;
    }
    away_dirty_.insert(at->first);
    at = away_.erase(at);
  }
}

void Limits::vacate(const Scope& scope, const std::string& by, const view::Place& place) {
  auto at = rows_.lower_bound({scope, Code{0}, Priority::high});
  while (at != rows_.end() && at->first.scope == scope) {
    note({.action = LimitAction::vacated, .scope = scope, .row = at->second, .before = {}, .by = by, .reason = {}},
         place);
    dirty_.insert(at->first);
    at = rows_.erase(at);
    changed();
  }
}

void Limits::note(LimitChange change, const view::Place& place) {
  if (!keeps_history_) return;
  change.number = next_change_++;
  change.time = place.time;
  changes_.emplace(change.number, std::move(change));
}

bool Limits::has_rows(const Scope& scope) const {
  const auto at = rows_.lower_bound({scope, Code{0}, Priority::high});
  return at != rows_.end() && at->first.scope == scope;
}

void Limits::changed() {
  compiled_.clear();
  ++revision_;
}

std::vector<Scope> Limits::wide_scopes(const Subject& subject) {
  std::vector<Scope> scopes{Scope::hospital()};
  if (!subject.ward.empty()) scopes.push_back({ScopeKind::ward, subject.ward, {}});
  scopes.push_back(Scope::of(subject.watched_as()));
  return scopes;
}

std::vector<Scope> Limits::own_scopes(const Subject& subject) {
  std::vector<Scope> scopes;
  if (!subject.bed.empty()) scopes.push_back(Scope::of_bed(subject.ward, subject.bed));
  if (!subject.patient.empty()) scopes.push_back(Scope::of_patient(subject.patient));
  if (!subject.device.empty()) scopes.push_back(Scope::of_device(subject.device));
  return scopes;
}

void Limits::overlay(LimitSet& set, const Scope& scope) const {
  for (const Limit& limit : delivered_limits(scope)) lay(set, limit);
  for (auto at = rows_.lower_bound({scope, Code{0}, Priority::high}); at != rows_.end() && at->first.scope == scope;
       ++at)
    lay(set, at->second);
}

std::shared_ptr<const LimitSet> Limits::of(const Subject& subject) const {
  std::shared_ptr<const LimitSet>& common = compiled_[{subject.ward, subject.watched_as()}];
  if (common == nullptr) {
    auto set = std::make_shared<LimitSet>();
    for (const Scope& scope : wide_scopes(subject)) overlay(*set, scope);
    close_set(*set);
    common = std::move(set);
  }
  const std::vector<Scope> own = own_scopes(subject);
  if (std::ranges::none_of(own, [&](const Scope& scope) { return has_rows(scope); })) return common;
  auto set = std::make_shared<LimitSet>(*common);
  for (const Scope& scope : own) overlay(*set, scope);
  close_set(*set);
  return set;
}

std::vector<ScopedLimit> Limits::effective(const Subject& subject) const {
  std::map<std::pair<Code, Priority>, ScopedLimit> rows;
  for (const std::vector<Scope>& scopes : {wide_scopes(subject), own_scopes(subject)})
    for (const Scope& scope : scopes)
      for (Limit& limit : list(scope)) {
        const std::pair key{limit.code, limit.priority};
        rows[key] = {scope, std::move(limit)};
      }
  std::vector<ScopedLimit> result;
  for (auto& [key, row] : rows) result.push_back(std::move(row));
  return result;
}

std::vector<Limit> Limits::list(const Scope& scope) const {
  std::map<std::pair<Code, Priority>, Limit> rows;
  for (const Limit& limit : delivered_limits(scope)) rows[{limit.code, limit.priority}] = limit;
  for (auto at = rows_.lower_bound({scope, Code{0}, Priority::high}); at != rows_.end() && at->first.scope == scope;
       ++at)
    rows[{at->first.code, at->first.priority}] = at->second;
  std::vector<Limit> result;
  for (auto& [key, limit] : rows) result.push_back(std::move(limit));
  return result;
}

std::vector<Scope> Limits::scopes() const {
  std::vector<Scope> result;
  for (const auto& [key, limit] : rows_)
    if (result.empty() || result.back() != key.scope) result.push_back(key.scope);
  return result;
}

}  // namespace salus::monitor
