// From values and silence to conditions, and from conditions to wishes.
#include <algorithm>

#include "log/kinds.hpp"
#include "monitor/telemetry_state.hpp"

namespace salus::monitor {
namespace {

// Which codes may stand for a NEWS2 parameter; the freshest counts, of equals the first. Scales are those of the first.
struct Source {
  std::array<Code, 4> codes{device::no_code, device::no_code, device::no_code, device::no_code};
};
const std::array<Source, news2_parameter_count>& sources() {
  static const auto table = [] {
    std::array<Source, news2_parameter_count> result;
    for (std::size_t i = 0; i < result.size(); ++i) {
      const auto& names = news2_input(News2Parameter(i)).codes;
      for (std::size_t k = 0; k < names.size(); ++k)
        if (!names[k].empty()) result[i].codes[k] = device::code_named(names[k]);
    }
    return result;
  }();
  return table;
}

Code news2_code() {
  static const Code code = device::code_named("news2");
  return code;
}

}  // namespace

void Telemetry::watch(DeviceState& state, Code code, Value value, Instant at, const view::Place& place) {
  const CodeRules& rules = rules_of(state, code);
  auto& watch = state.watches[device::index(code)];
  if (watch == nullptr) {
    if (value >= rules.safe_low && value <= rules.safe_high) return;
    watch = std::make_unique<LimitWatch>();
  }
  if (!watch->needs(rules, value)) return;
  settle(state, code, watch->update(rules, value, at), value, place);
}

void Telemetry::settle(DeviceState& state, Code code, const std::array<Transition, 2>& changes, Value value,
                       const view::Place& place) {
  const CodeRules& rules = rules_of(state, code);
  const LimitWatch& watch = *state.watches[device::index(code)];
  for (const Transition& change : changes) {
    const ConditionRule rule = code == news2_code()       ? ConditionRule::news2
                               : change.side == Side::low ? ConditionRule::low
                                                          : ConditionRule::high;
    if (change.ended) end(state, code, rule, *change.ended, place);
    if (change.raised) {
      const Rule& limit = rules.rules[static_cast<std::size_t>(*change.raised)];
      raise(state, code, rule, *change.raised, value, change.side == Side::low ? limit.low : limit.high, place,
            limit.latching);
    }
  }
  const std::uint64_t bit = std::uint64_t{1} << device::index(code);
  state.watched = watch.idle() ? state.watched & ~bit : state.watched | bit;
  arm(state, watch.due_ns(rules));
}

void Telemetry::score(DeviceState& state, std::int64_t time_ns, const view::Place& place) {
  if (!is_scored(state.subject)) return;
  News2Inputs inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t oldest_ns = time_ns - news2_age_max_ns(News2Parameter(i));
    std::int64_t freshest_ns = std::numeric_limits<std::int64_t>::min();
    for (const Code code : sources()[i].codes) {
      if (code == device::no_code) break;
      const VitalState& vital = state.vitals[device::index(code)];
      if (!vital.known || vital.time_ns < oldest_ns || vital.time_ns <= freshest_ns) continue;
      freshest_ns = vital.time_ns;
      inputs[i] = vital.value;
    }
  }
  state.news2_ns = time_ns;
  if (inputs == state.news2_inputs) return;
  state.news2_inputs = inputs;
  constexpr std::uint8_t all = (1U << news2_parameter_count) - 1;
  const News2 score = score_news2(inputs, SpO2Scale::one);
  if (score.missing == all || (state.has_news2 && score == state.news2)) return;
  state.news2 = score;
  state.has_news2 = true;
  observer_->on_news2(state.id, time_ns, score);
  // A lower score with less known is no improvement: an alarm does not end because an input went missing.
  if (score.at_least() && score.score < state.news2_watched) return;
  state.news2_watched = score.score;
  watch(state, news2_code(), score.score, {time_ns, ns_of(place.time)}, place);
}

void Telemetry::raise(DeviceState& state, Code code, ConditionRule rule, Priority priority, std::optional<Value> value,
                      std::optional<Value> limit, const view::Place& place, bool latching) {
  const ConditionKey key{code, rule, priority};
  if (state.conditions.contains(key)) return;
  const std::string_view vital = code == device::no_code ? std::string_view{} : device::info(code).alias();
  Condition condition{
      .id = fmt::format("{}~{}{}{}.{}~{}-{}", state.id, vital, vital.empty() ? "" : ".", monitor::name(rule),
                        monitor::name(priority), log::number(place.position.offset), ++state.condition_count),
      .device = state.id,
      .code = code,
      .rule = rule,
      .priority = priority,
      .value = value,
      .limit = limit,
      .raised = place.time,
      .position = place.position,
      .latching = latching};
  const device::Binding* binding = registry_.binding_at(state.id, place.time);
  wish(condition.id, log::kind::alarm_raised,
       alarm_body(condition, binding == nullptr ? std::string_view{} : binding->bed,
                  binding == nullptr ? std::string_view{} : binding->ward));
  observer_->on_raised(condition);
  mark(state);
  state.conditions.emplace(key, std::move(condition));
}

void Telemetry::end(DeviceState& state, Code code, ConditionRule rule, Priority priority, const view::Place& place) {
  const auto found = state.conditions.find({code, rule, priority});
  if (found == state.conditions.end()) return;
  wish(found->second.id, log::kind::alarm_ended, alarm_end_body(found->second.id, place.time));
  observer_->on_ended(found->second, place.time);
  mark(state);
  state.conditions.erase(found);
}

void Telemetry::wish(const std::string& condition, log::Kind kind, std::string body) {
  if (outbox_.size() >= outbox_max) {
    ++totals_.outbox_dropped;
    return;
  }
  const std::uint64_t number = totals_.next_wish++;
  outbox_.emplace(number, Wish{number, condition, kind, std::move(body)});
  wishes_added_.insert(number);
}

// A handful waits at most times, so looking at each costs less than an index would.
void Telemetry::settled(log::Kind kind, const std::string& condition) {
  const auto found = std::ranges::find_if(
      outbox_, [&](const auto& one) { return one.second.kind == kind && one.second.condition == condition; });
  if (found == outbox_.end()) return;
  if (wishes_added_.erase(found->first) == 0) wishes_gone_.insert(found->first);
  outbox_.erase(found);
}

void Telemetry::heard_now(DeviceState& state, const view::Place& place) {
  DeviceStatus& status = state.status;
  const std::int64_t now_ns = ns_of(place.time);
  const bool first = status.messages == 0;
  if (!first && now_ns > status.last_heard_ns) {
    state.rhythm.observe(now_ns - status.last_heard_ns);
    state.alone = false;
  }
  if (first) state.alone = true;
  status.last_heard_ns = now_ns;
  if (status.gone) {
    status.gone = false;
    // What it measures is awaited from now on.
    for_each_code(state.continuous, [&](Code code) {
      VitalState& vital = state.vitals[device::index(code)];
      if (!vital.missing) vital.heard_ns = now_ns;
    });
    end(state, device::no_code, ConditionRule::device_gone, Priority::medium, place);
    observer_->on_device(state.id);
  }
  if (first) observer_->on_device(state.id);
}

// The earliest instant at which fire() has something to do.
std::int64_t Telemetry::due_of(const DeviceState& state) const {
  std::int64_t due = never_ns;
  for_each_code(state.watched, [&](Code code) {
    due = std::min(due, state.watches[device::index(code)]->due_ns(rules_of(state, code)));
  });
  if (state.status.gone) return due;
  const auto since = [&](std::int64_t heard_ns) { return std::max(heard_ns, totals_.listening_since_ns); };
  // A device that spoke once only has no rhythm: the longest is assumed.
  const std::int64_t silent_after =
      state.alone ? 3 * Rhythm::longest_ns : state.rhythm.silent_after_ns(device_gone_after_ns);
  due = std::min(due, since(state.status.last_heard_ns) + silent_after);
  for_each_code(state.continuous, [&](Code code) {
    const VitalState& vital = state.vitals[device::index(code)];
    if (!vital.missing)
      due = std::min(due, since(vital.heard_ns) + vital.rhythm.silent_after_ns(no_data_after_ns(code)));
  });
  return due;
}

// Timers only ever stand too early: when one comes up, its device's true due time is looked at again.
void Telemetry::arm(DeviceState& state, std::int64_t due_ns) {
  if (due_ns >= state.timer_ns) return;
  timers_.erase({state.timer_ns, &state});
  state.timer_ns = due_ns;
  timers_.emplace(due_ns, &state);
}

void Telemetry::rearm(DeviceState& state) {
  timers_.erase({state.timer_ns, &state});
  refresh(state);
  state.timer_ns = due_of(state);
  if (state.timer_ns != never_ns) timers_.emplace(state.timer_ns, &state);
}

void Telemetry::advance(const view::Place& place) {
  while (!timers_.empty() && timers_.begin()->first <= ns_of(place.time)) {
    const auto [due_ns, state] = *timers_.begin();
    refresh(*state);
    if (due_of(*state) <= due_ns) fire(*state, {place.position, time_from_ns(due_ns)});
    rearm(*state);
  }
}

// `place.time` is the timer's own instant, so that several that are overdue fire as if each had been on time.
void Telemetry::fire(DeviceState& state, const view::Place& place) {
  const std::int64_t now_ns = ns_of(place.time);
  const auto since = [&](std::int64_t heard_ns) { return std::max(heard_ns, totals_.listening_since_ns); };
  mark(state);
  for_each_code(state.watched, [&](Code code) {
    LimitWatch& watch = *state.watches[device::index(code)];
    const CodeRules& rules = rules_of(state, code);
    if (watch.due_ns(rules) > now_ns) return;
    const Value value = code == news2_code() ? state.news2_watched : state.vitals[device::index(code)].value;
    settle(state, code, watch.elapse(rules, now_ns), value, place);
  });
  if (state.status.gone) return;
  const std::int64_t silent_after =
      state.alone ? 3 * Rhythm::longest_ns : state.rhythm.silent_after_ns(device_gone_after_ns);
  if (since(state.status.last_heard_ns) + silent_after <= now_ns) {
    // One condition for the device instead of one for each of its vitals.
    state.status.gone = true;
    raise(state, device::no_code, ConditionRule::device_gone, Priority::medium, std::nullopt, std::nullopt, place);
    observer_->on_device(state.id);
    return;
  }
  for_each_code(state.continuous, [&](Code code) {
    VitalState& vital = state.vitals[device::index(code)];
    if (vital.missing || since(vital.heard_ns) + vital.rhythm.silent_after_ns(no_data_after_ns(code)) > now_ns) return;
    vital.missing = true;
    raise(state, code, ConditionRule::no_data, Priority::medium, std::nullopt, std::nullopt, place);
  });
}

std::optional<Time> Telemetry::next_due() const {
  return timers_.empty() ? std::nullopt : std::optional(time_from_ns(timers_.begin()->first));
}

}  // namespace salus::monitor
