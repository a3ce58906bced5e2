#include "log/kinds.hpp"

#include <array>

namespace salus::log::kind {
namespace {

struct Row {
  Kind kind;
  std::string_view name;
};

constexpr std::array kRows = {
    Row{epoch, "epoch"},
    Row{tick, "tick"},
    Row{user_put, "user_put"},
    Row{user_removed, "user_removed"},
    Row{token_issued, "token_issued"},
    Row{token_revoked, "token_revoked"},
    Row{station_put, "station_put"},
    Row{station_paired, "station_paired"},
    Row{station_revoked, "station_revoked"},
    Row{pin_set, "pin_set"},
    Row{pin_locked, "pin_locked"},
    Row{device_put, "device_put"},
    Row{device_removed, "device_removed"},
    Row{binding_set, "binding_set"},
    Row{bindings_changed, "bindings_changed"},
    Row{binding_corrected, "binding_corrected"},
    Row{bindings_undone, "bindings_undone"},
    Row{limits_put, "limits_put"},
    Row{limits_reset, "limits_reset"},
    Row{alarm_raised, "alarm_raised"},
    Row{alarm_acknowledged, "alarm_acknowledged"},
    Row{alarm_ended, "alarm_ended"},
    Row{alarms_paused, "alarms_paused"},
    Row{alarms_resumed, "alarms_resumed"},
    Row{alarm_settings_put, "alarm_settings_put"},
    Row{escalation_put, "escalation_put"},
    Row{alarm_delivered, "alarm_delivered"},
    Row{unrecorded, "unrecorded"},
    Row{resources_changed, "resources_changed"},
    Row{subscription_delivered, "subscription_delivered"},
    Row{record_changed, "record_changed"},
    Row{device_messages, "device_messages"},
    Row{audit_event, "audit_event"},
};

}  // namespace

std::string_view name(Kind kind) {
  for (const Row& row : kRows)
    if (row.kind == kind) return row.name;
  return "unknown";
}

bool is_known(Kind kind) {
  return name(kind) != "unknown";
}

}  // namespace salus::log::kind
