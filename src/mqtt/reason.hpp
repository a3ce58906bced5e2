// Why something was answered as it was: the reason codes of MQTT 5.0 (2.4), which both versions use inside; 3.1.1 has
// words for a few of them only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace salus::mqtt {

enum class Reason : std::uint8_t {
  success = 0x00,  // also "normal disconnection" and "granted QoS 0"
  granted_qos1 = 0x01,
  disconnect_with_will = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  unspecified = 0x80,
  malformed = 0x81,
  protocol_error = 0x82,
  implementation_specific = 0x83,
  unsupported_version = 0x84,
  client_id_invalid = 0x85,
  bad_credentials = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  taken_over = 0x8E,
  filter_invalid = 0x8F,
  topic_invalid = 0x90,
  packet_id_in_use = 0x91,
  packet_id_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9A,
  qos_not_supported = 0x9B,
  shared_not_supported = 0x9E,
  subscription_ids_not_supported = 0xA1,
};

constexpr std::uint8_t number(Reason reason) {
  return static_cast<std::uint8_t>(reason);
}
constexpr bool is_error(Reason reason) {
  return number(reason) >= 0x80;
}

// "packet_too_large", or "reason" for a number that has no name here.
std::string_view name(Reason reason);

// The return code of a 3.1.1 CONNACK; nothing where the standard has no word and wants a close without CONNACK
// (MQTT-3.2.2-6).
std::optional<std::uint8_t> connack_code_311(Reason reason);

// How a PUBACK says what the intake said. Only codes that 3.4.2.1 of MQTT 5.0 allows there.
Reason puback_reason(ErrorCode code);

// How a CONNACK says why somebody was not let in.
Reason connack_reason(ErrorCode code);

// Why bytes of the other side were not taken: the code for it, and where the standard says so.
struct Refusal {
  Reason reason = Reason::malformed;
  const char* why = "";  // a literal
};

template <class T>
using Decoded = tl::expected<T, Refusal>;

[[nodiscard]] inline tl::unexpected<Refusal> refuse(Reason reason, const char* why) {
  return tl::make_unexpected(Refusal{reason, why});
}
[[nodiscard]] inline tl::unexpected<Refusal> malformed(const char* why) {
  return refuse(Reason::malformed, why);
}

}  // namespace salus::mqtt
