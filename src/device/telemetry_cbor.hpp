// Salus's own telemetry in CBOR (RFC 8949): the same members as in JSON (telemetry_json.hpp), as a map or an array of
// maps.
//
// Taken: unsigned and negative integers, half, single and double floats, text keys and text, maps and arrays of
// definite or indefinite length, false, true, null, tag 0 (RFC 3339 text) and tag 1 (seconds since 1970) for `t`, tag 4
// (decimal fraction) for values. A `t` without tag is milliseconds since 1970. Chunked strings and other keys are
// refused.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "device/message.hpp"

namespace salus::device {

// As parse_telemetry_json: all or nothing, bounded, errors name the byte.
Result<void> parse_telemetry_cbor(std::string_view payload, Message& message);

}  // namespace salus::device
