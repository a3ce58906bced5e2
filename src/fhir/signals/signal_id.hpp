// Ids of Observations that are signals: "signal.monitor-7.147842.1772352000.60" is the device, the series' MDC number,
// the cell's start in seconds since 1970 and its length in seconds; ".1b3" follows where a binding begins within the
// cell: so many nanoseconds behind its start, in base 36. An id once given means the same for ever, whatever the
// setting of the length says later. A device whose id is longer than 24 or has other characters than A-Z a-z 0-9 - is
// named by the first sixteen hexadecimal digits of its SHA-256, and the id begins with "signal-x".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/signals/signal_source.hpp"

namespace salus::fhir {

// Lengths that a cell may have, in seconds: each divides an hour.
inline constexpr std::string_view signal_seconds[] = {"10",  "15",  "20",  "30",   "60",  "120",
                                                      "300", "600", "900", "1800", "3600"};

std::string signal_id(const SignalCell& cell);
// Nothing for what is no such id. Whether there is a sample is not asked.
std::optional<SignalName> signal_name(std::string_view id);
// As it stands in ids; for finding a device by it.
std::string device_digest(std::string_view device);

}  // namespace salus::fhir
