// Whose values a device's are: when another patient comes to it, nothing of the one before may be scored, shown or
// alarmed as theirs. Samples stay where they are: whose they were is asked of the bindings when they are read.
#include <algorithm>

#include "monitor/telemetry_state.hpp"

namespace salus::monitor {
namespace {

// A patient, else a bed without a name to it, else nobody.
std::string person_of(const device::Binding* binding) {
  if (binding == nullptr || binding->is_idle()) return {};
  return binding->patient.empty() ? fmt::format("b{}\x1f{}", binding->ward, binding->bed) : "p" + binding->patient;
}

}  // namespace

// At each message and each change of a binding. Costs two comparisons as long as nothing changed.
void Telemetry::follow_binding(DeviceState& state, const view::Place& place) {
  // `records` may be a little ahead of this partition's time: what it said once is not taken back.
  const std::int64_t now_ns = std::max(ns_of(place.time), totals_.context_ns);
  if (state.seen_bindings == registry_.revision() && now_ns < state.binding_until_ns) return;
  state.seen_bindings = registry_.revision();
  const device::Binding* binding = registry_.binding_at(state.id, time_from_ns(now_ns));
  const device::Binding* newest = registry_.binding_now(state.id);
  state.binding_until_ns = binding != nullptr && binding->to ? ns_of(*binding->to)
                           : binding == nullptr && newest != nullptr && newest->from > time_from_ns(now_ns)
                               ? registry_.bindings(state.id).front().from.time_since_epoch().count()
                               : never_ns;
  std::string person = person_of(binding);
  const bool first = state.person_since_ns == never_ns;
  if (!first && person == state.person) return;
  state.person = std::move(person);
  state.person_since_ns = binding != nullptr ? ns_of(binding->from) : 0;
  mark(state);
  if (!first) forget_person(state, place);
}

// Conditions, scores, limits passed, what is awaited: they belonged to somebody else. What is wrong with the device
// itself stays.
void Telemetry::forget_person(DeviceState& state, const view::Place& place) {
  std::vector<ConditionKey> theirs;
  for (const auto& [key, condition] : state.conditions)
    if (key.rule != ConditionRule::device_gone) theirs.push_back(key);
  for (const ConditionKey& key : theirs) end(state, key.code, key.rule, key.priority, place);
  for (VitalState& vital : state.vitals) vital = VitalState{.channel = vital.channel};
  for (auto& watch : state.watches) watch.reset();
  state.continuous = state.watched = 0;
  state.ecg.reset();
  state.has_news2 = false;
  state.news2 = {};
  state.news2_inputs = {};
  state.news2_ns = 0;
  state.news2_watched = -1;
  rearm(state);
  observer_->on_device(state.id);
}

// Two identifiers for one device's values: one of them is wrong, and nobody here can say which.
void Telemetry::hear_patient(DeviceState& state, std::string_view patient, const view::Place& place) {
  if (patient.empty() || !state.person.starts_with('p')) return;
  if (std::string_view(state.person).substr(1) == patient) {
    end(state, device::no_code, ConditionRule::patient_mismatch, Priority::medium, place);
  } else {
    raise(state, device::no_code, ConditionRule::patient_mismatch, Priority::medium, std::nullopt, std::nullopt, place);
  }
}

// Measured before the present patient came, by the device's clock as far as that is known: stored, and alarms nobody.
bool Telemetry::is_before_stay(const DeviceState& state, std::int64_t time_ns) {
  return time_ns + state.clock.offset_ns() < state.person_since_ns;
}

}  // namespace salus::monitor
