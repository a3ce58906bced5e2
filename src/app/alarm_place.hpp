// Whose an alarm was and where, as the bindings have it now: a corrected binding moves the alarms of its interval.
#pragma once

#include "base/json.hpp"
#include "device/registry.hpp"
#include "monitor/alarms.hpp"

namespace salus::app {

// The alarm with "patient" ({"id","label"} or null), "bed" and "ward" by the binding in force when it was raised. Where
// this was corrected since, "was" keeps what was held then: {"bed","patient","by","at","reason"}; else it is null. On
// the thread of `registry`.
json::object alarm_json(const monitor::Alarm& alarm, const device::Registry& registry);

}  // namespace salus::app
