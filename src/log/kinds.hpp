// Every kind of entry there is, by partition. A number is never reused and a layout never edited: what must change gets
// the next number. Bodies of `records` and `audit` are UTF-8 JSON objects, so that people can read their own log;
// bodies of `telemetry` and of FHIR's changes are binary (docs/formats/entries.md).
#pragma once

#include <string_view>

#include "log/run.hpp"

namespace salus::log::kind {

// any partition
inline constexpr Kind epoch{1};  // {"epoch", "version", "down_ns"}: a writer started; down_ns nobody listened
inline constexpr Kind tick{2};   // empty: time passed

// records
inline constexpr Kind user_put{100};
inline constexpr Kind user_removed{101};
inline constexpr Kind token_issued{102};
inline constexpr Kind token_revoked{103};
inline constexpr Kind station_put{104};  // a screen that signs in as itself, for one ward
inline constexpr Kind station_paired{105};
inline constexpr Kind station_revoked{106};
inline constexpr Kind pin_set{107};  // by a person, for themselves
inline constexpr Kind pin_locked{108};
inline constexpr Kind device_put{110};
inline constexpr Kind device_removed{111};
inline constexpr Kind binding_set{112};
inline constexpr Kind bindings_changed{113};   // several devices at one instant: admission, transfer, discharge
inline constexpr Kind binding_corrected{114};  // an interval of the past, or from then on
inline constexpr Kind bindings_undone{115};
inline constexpr Kind limits_put{120};
inline constexpr Kind limits_reset{121};
inline constexpr Kind alarm_raised{130};
inline constexpr Kind alarm_acknowledged{131};
inline constexpr Kind alarm_ended{132};
inline constexpr Kind alarms_paused{133};  // of one bed
inline constexpr Kind alarms_resumed{134};
inline constexpr Kind alarm_settings_put{135};      // the hospital's
inline constexpr Kind escalation_put{136};          // a ward's rota
inline constexpr Kind alarm_delivered{137};         // a screen showed it
inline constexpr Kind unrecorded{140};              // what was seen while nothing could be recorded
inline constexpr Kind resources_changed{150};       // FHIR: as record_changed, bodies one by one; no longer written
inline constexpr Kind subscription_delivered{151};  // a receiver took its events up to a number
inline constexpr Kind record_changed{156};          // FHIR: one change or a transaction, bodies in frames; binary

// telemetry
inline constexpr Kind device_messages{200};

// audit
inline constexpr Kind audit_event{300};

// "device_put"; "unknown" for one that this build does not know.
std::string_view name(Kind kind);
bool is_known(Kind kind);

}  // namespace salus::log::kind
