// A station's ward as a limit to what is shown and done. Nobody is limited who is at no station.
#pragma once

#include "app/api/ward_context.hpp"
#include "monitor/limit_scope.hpp"

namespace salus::app {

// On the records host's thread. A device, or a patient by any device, that is in the ward now; an alarm that was raised
// there, whose device has come there while it is on, or that was escalated to the station.
bool sees_device(const device::Registry& registry, const guard::Caller& caller, std::string_view device);
bool sees_patient(const device::Registry& registry, const guard::Caller& caller, std::string_view patient);
bool sees_scope(const device::Registry& registry, const guard::Caller& caller, const monitor::Scope& scope);
bool sees_alarm(const device::Registry& registry, const guard::Caller& caller, const monitor::Alarm& alarm);

// A device that stands nowhere may come to the ward too.
bool may_bind(const device::Registry& registry, const guard::Caller& caller, std::string_view device);

// Whether an entry of this kind concerns the ward: what a person may append there. Of several devices that change at
// one instant (a transfer) one is enough: patients come from other wards and go to them.
bool may_act(const Core& core, const guard::Caller& caller, log::Kind kind, const json::object& entry);

// Since when a station may show what the device has measured: since it came to the bed where it stands. Whatever was
// before may be somebody's of another ward. Errors: forbidden (it stands elsewhere), and those of reading.
asio::awaitable<Result<Time>> seen_since(WardContext& context, const http::Request& request, std::string device);

}  // namespace salus::app
