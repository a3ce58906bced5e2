// Salus's own telemetry in JSON: {"t":1767225600250,"seq":17,"hr":72,"spo2":97.5,"8310-5":{"v":98.6,"u":"[degF]"}},
// or an array of such objects.
//
// `t` is milliseconds since 1970 (fractions allowed) or RFC 3339 text; `seq` counts the device's messages. Every other
// key is an alias, a LOINC or an MDC code (code.hpp), or unknown: unknown members are skipped, and listed. A value is a
// number, {"v":number,"u":"UCUM unit"}, true/false for flags, a letter for AVPU, or null (not measured now).
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "device/message.hpp"

namespace salus::device {

// Fills `message`, which is cleared first. `payload` must live as long as the message is read.
// Strict RFC 8259: well-formed UTF-8, no repeated keys anywhere, nothing after the document. Costs time linear in the
// payload, but for unknown keys: at most 128 in an object, compared with each other.
// Errors: invalid    names the byte; `message` holds nothing.
//         too_large  over MessageLimits.
Result<void> parse_telemetry_json(std::string_view payload, Message& message);

}  // namespace salus::device
