// What a station sees and where people may act at it: its ward.
#include "app/api/sight.hpp"

#include <algorithm>

#include "log/kinds.hpp"
#include "monitor/limit_scope.hpp"

namespace salus::app {
namespace {

// What holds for the whole hospital is seen everywhere and set at no station.
bool scope_is_in_ward(const device::Registry& registry, const guard::Caller& caller, const json::object& entry) {
  const Result<monitor::Scope> scope = monitor::scope_from(entry);
  return scope && scope->kind != monitor::ScopeKind::hospital && scope->kind != monitor::ScopeKind::age_class &&
         sees_scope(registry, caller, *scope);
}

// Of one row of a binding: the device is in the ward, or free, or comes to it.
bool row_is_in_ward(const device::Registry& registry, const guard::Caller& caller, const json::object& row) {
  const std::string device = string_or(row, "device");
  const device::Binding* now = registry.binding_now(device);
  if (now != nullptr && !now->is_idle()) return caller.sees(now->ward);
  return caller.sees(string_or(row, "ward"));
}

// A correction says where a device was; whoever says it must see it now.
bool rows_are_in_ward(const device::Registry& registry, const guard::Caller& caller, const json::object& entry) {
  const json::value* rows = entry.if_contains("devices");
  if (rows == nullptr || !rows->is_array()) return row_is_in_ward(registry, caller, entry);
  if (string_or(entry, "device") != "" && !row_is_in_ward(registry, caller, entry)) return false;
  return std::ranges::any_of(rows->get_array(), [&](const json::value& row) {
    return row.is_object() && row_is_in_ward(registry, caller, row.get_object());
  });
}

}  // namespace

bool sees_device(const device::Registry& registry, const guard::Caller& caller, std::string_view device) {
  if (caller.ward.empty()) return true;
  const device::Binding* now = registry.binding_now(device);
  return now != nullptr && !now->is_idle() && caller.sees(now->ward);
}

bool may_bind(const device::Registry& registry, const guard::Caller& caller, std::string_view device) {
  const device::Binding* now = registry.binding_now(device);
  return now == nullptr || now->is_idle() || caller.sees(now->ward);
}

bool sees_patient(const device::Registry& registry, const guard::Caller& caller, std::string_view patient) {
  return caller.ward.empty() || std::ranges::any_of(registry.with_patient(patient),
                                                    [&](const auto& id) { return sees_device(registry, caller, id); });
}

bool sees_scope(const device::Registry& registry, const guard::Caller& caller, const monitor::Scope& scope) {
  switch (scope.kind) {
    case monitor::ScopeKind::hospital:
    case monitor::ScopeKind::age_class:
      return true;
    case monitor::ScopeKind::ward:
      return caller.sees(scope.name);
    case monitor::ScopeKind::bed:
      return caller.sees(scope.ward);
    case monitor::ScopeKind::patient:
      return sees_patient(registry, caller, scope.name);
    case monitor::ScopeKind::device:
      return sees_device(registry, caller, scope.name);
  }
  return false;
}

bool sees_alarm(const device::Registry& registry, const guard::Caller& caller, const monitor::Alarm& alarm) {
  if (caller.ward.empty()) return true;
  const auto told = [&](const monitor::Escalation& one) { return one.to == "station:" + caller.station; };
  if (std::ranges::any_of(alarm.escalated, told) || (alarm.device.empty() && caller.sees(alarm.ward))) return true;
  const device::Binding* then = registry.binding_at(alarm.device, alarm.raised);
  return (then != nullptr && caller.sees(then->ward)) ||
         (!alarm.is_over() && sees_device(registry, caller, alarm.device));
}

bool may_act(const Core& core, const guard::Caller& caller, log::Kind kind, const json::object& entry) {
  using namespace log::kind;
  if (caller.ward.empty()) return true;
  if (kind == alarm_acknowledged) {
    const monitor::Alarm* alarm = core.alarms().find(string_or(entry, "id"));
    return alarm == nullptr || sees_alarm(core.registry(), caller, *alarm);  // the view says that there is none
  }
  if (kind == alarms_paused || kind == alarms_resumed) return caller.sees(string_or(entry, "ward"));
  if (kind == escalation_put) return false;
  if (kind == limits_put || kind == limits_reset) return scope_is_in_ward(core.registry(), caller, entry);
  if (kind == binding_set || kind == bindings_changed || kind == binding_corrected || kind == bindings_undone)
    return rows_are_in_ward(core.registry(), caller, entry);
  return false;
}

asio::awaitable<Result<Time>> seen_since(WardContext& context, const http::Request& request, std::string device) {
  const guard::Caller& caller = caller_of(request);
  if (caller.ward.empty()) co_return Time::min();
  const auto since = co_await context.core.records().read(
      [registry = &context.core.registry(), caller, device]() -> std::optional<Time> {
        if (!sees_device(*registry, caller, device)) return std::nullopt;
        return registry->binding_now(device)->from;
      });
  if (!since) co_return fail(since.error());
  if (!*since)
    co_return fail(ErrorCode::forbidden, "Device '{}' is not in this station's ward.", device.substr(0, 128));
  co_return **since;
}

}  // namespace salus::app
