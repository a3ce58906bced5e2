#include "app/alarm_place.hpp"

#include <algorithm>

#include "app/live_feed.hpp"

namespace salus::app {
namespace {

json::value patient_of(const device::Binding& binding) {
  if (binding.patient.empty()) return nullptr;
  return {{"id", binding.patient}, {"label", binding.label}};
}

}  // namespace

json::object alarm_json(const monitor::Alarm& alarm, const device::Registry& registry) {
  json::object out = alarm_json(alarm);
  out["patient"] = nullptr;
  out["was"] = nullptr;
  const device::Binding* binding = registry.binding_at(alarm.device, alarm.raised);
  if (binding == nullptr) return out;
  out["bed"] = binding->bed;
  out["ward"] = binding->ward;
  out["patient"] = patient_of(*binding);
  // The first that was superseded is what was held when it was raised.
  const std::vector<device::Superseded> superseded = registry.superseded(alarm.device);
  const auto old = std::ranges::find_if(superseded, [&](const device::Superseded& one) {
    return one.binding.from <= alarm.raised && alarm.raised < *one.binding.to;
  });
  if (old == superseded.end() || old->binding.is_same_stay(*binding)) return out;
  out["was"] = {{"bed", old->binding.bed},
                {"patient", patient_of(old->binding)},
                {"by", old->by},
                {"at", to_iso(old->at)},
                {"reason", old->reason}};
  return out;
}

}  // namespace salus::app
