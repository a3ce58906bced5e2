// JSON documents of the control plane: requests, records entries, settings. Telemetry has a parser of its own (device).
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace salus {

namespace json = boost::json;

struct JsonLimits {
  std::size_t bytes_max = 1 << 20;
  std::size_t depth_max = 32;
};

// Strict RFC 8259: one document, valid UTF-8, no duplicate keys, no depth or size over the limits.
// Errors: invalid (with the byte at which it went wrong), too_large.
Result<json::value> parse_json(std::string_view text, JsonLimits limits = {});

// The document as text. Doubles are written as the shortest decimal that reads back as the same: 36.8, never 3.68E1.
std::string json_text(const json::value& value);

// Members of an object whose absence or wrong type is the sender's mistake. The messages name the member.
Result<std::string> required_string(const json::object& object, std::string_view key);
Result<std::optional<std::string>> optional_string(const json::object& object, std::string_view key);
Result<std::int64_t> required_int(const json::object& object, std::string_view key);
Result<std::optional<double>> optional_number(const json::object& object, std::string_view key);
Result<std::optional<bool>> optional_bool(const json::object& object, std::string_view key);
Result<json::object> as_object(const json::value& value, std::string_view what);

// For what we wrote ourselves and read back: an absent or differently typed member gives the fallback.
std::string string_or(const json::object& object, std::string_view key, std::string_view fallback = {});
std::int64_t int_or(const json::object& object, std::string_view key, std::int64_t fallback = 0);
bool bool_or(const json::object& object, std::string_view key, bool fallback = false);

}  // namespace salus
