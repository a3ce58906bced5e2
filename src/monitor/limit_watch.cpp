#include "monitor/limit_watch.hpp"

#include <algorithm>

namespace salus::monitor {
namespace {

bool breaks(const Rule& rule, Side side, Value value) {
  return side == Side::low ? value < rule.low : value > rule.high;
}

// Back inside by the hysteresis. In 64 bits: limits may stand at the ends of the range.
bool is_back(const Rule& rule, Side side, Value value) {
  return side == Side::low ? value >= std::int64_t{rule.low} + rule.hysteresis
                           : value <= std::int64_t{rule.high} - rule.hysteresis;
}

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

}  // namespace

// Whether the active alarm stays on: not back inside, or not for long enough.
bool LimitWatch::is_held(State& state, const Rule& rule, Side side, Instant at) {
  if (!is_back(rule, side, value_)) {
    state.back = {};
    return true;
  }
  if (!state.back.set) state.back = {true, at};
  return at.sample_ns - state.back.at.sample_ns < rule.end_delay_ns &&
         at.now_ns - state.back.at.now_ns < rule.end_delay_ns;
}

Transition LimitWatch::decide(const CodeRules& rules, Side side, Instant at) {
  State& state = sides_[static_cast<std::size_t>(side)];
  std::optional<Priority> target;
  for (std::size_t i = 0; i < priority_count; ++i) {
    const Rule& rule = rules.rules[i];
    Onset& onset = state.onsets[i];
    if (!breaks(rule, side, value_)) {
      onset = {};
    } else if (!onset.set) {
      onset = {true, at};
    }
    const bool long_enough = onset.set && (at.sample_ns - onset.at.sample_ns >= rule.delay_ns ||
                                           at.now_ns - onset.at.now_ns >= rule.delay_ns);
    const bool held = state.active == Priority(i) && is_held(state, rule, side, at);
    if (!target && (long_enough || held)) target = Priority(i);
  }
  if (target == state.active) return {side, std::nullopt, std::nullopt};
  const Transition change{side, state.active, target};
  state.active = target;
  state.back = {};
  return change;
}

std::array<Transition, 2> LimitWatch::update(const CodeRules& rules, Value value, Instant at) {
  value_ = value;
  last_sample_ns_ = at.sample_ns;
  const std::array<Transition, 2> changes{decide(rules, Side::low, at), decide(rules, Side::high, at)};
  idle_ = std::ranges::all_of(sides_, [](const State& state) {
    return !state.active && std::ranges::none_of(state.onsets, [](const Onset& onset) { return onset.set; });
  });
  return changes;
}

std::array<Transition, 2> LimitWatch::elapse(const CodeRules& rules, std::int64_t now_ns) {
  // No sample is newer, so by sample time nothing has passed.
  return update(rules, value_, {last_sample_ns_, now_ns});
}

std::int64_t LimitWatch::due_ns(const CodeRules& rules) const {
  std::int64_t due = never;
  if (idle_) return due;
  for (const State& state : sides_) {
    if (state.active && state.back.set)
      due = std::min(due, state.back.at.now_ns + rules.rules[static_cast<std::size_t>(*state.active)].end_delay_ns);
    for (std::size_t i = 0; i < priority_count; ++i) {
      // Only something more severe than what is on already.
      if (state.active && *state.active <= Priority(i)) break;
      if (state.onsets[i].set) due = std::min(due, state.onsets[i].at.now_ns + rules.rules[i].delay_ns);
    }
  }
  return due;
}

void LimitWatch::save(Writer& writer) const {
  writer.put(value_);
  writer.put(last_sample_ns_);
  writer.put(static_cast<std::uint8_t>(idle_ ? 1 : 0));
  for (const State& state : sides_) {
    writer.put(static_cast<std::uint8_t>(state.active ? static_cast<unsigned>(*state.active) : 0xFF));
    for (const Onset* onset : {&state.onsets[0], &state.onsets[1], &state.onsets[2], &state.back}) {
      writer.put(static_cast<std::uint8_t>(onset->set ? 1 : 0));
      writer.put(onset->at.sample_ns);
      writer.put(onset->at.now_ns);
    }
  }
}

void LimitWatch::load(Reader& reader) {
  value_ = reader.get<Value>();
  last_sample_ns_ = reader.get<std::int64_t>();
  idle_ = reader.get<std::uint8_t>() != 0;
  for (State& state : sides_) {
    const auto active = reader.get<std::uint8_t>();
    state.active = active < priority_count ? std::optional(Priority(active)) : std::nullopt;
    for (Onset* onset : {&state.onsets[0], &state.onsets[1], &state.onsets[2], &state.back}) {
      onset->set = reader.get<std::uint8_t>() != 0;
      onset->at.sample_ns = reader.get<std::int64_t>();
      onset->at.now_ns = reader.get<std::int64_t>();
    }
  }
}

}  // namespace salus::monitor
