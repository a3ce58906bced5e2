// The properties of an MQTT 5.0 packet (2.2.2): checked whole when the packet is decoded, then read where they lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "mqtt/reason.hpp"
#include "mqtt/wire.hpp"

namespace salus::mqtt {

enum class Property : std::uint8_t {
  payload_format = 0x01,
  message_expiry_s = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_id = 0x0B,
  session_expiry_s = 0x11,
  assigned_client_id = 0x12,
  server_keep_alive_s = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_s = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  packet_bytes_max = 0x27,
  wildcard_available = 0x28,
  subscription_ids_available = 0x29,
  shared_available = 0x2A,
};

// Where properties stand; the will's have a table of their own.
enum class PropertyPlace : std::uint8_t {
  connect,
  will,
  connack,
  publish,
  puback,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  disconnect,
  auth,
};

// A packet with 65,000 user properties must cost no more than a glance.
inline constexpr std::size_t property_bytes_max = 4096;
inline constexpr std::size_t user_properties_max = 64;

// Lifetime: a view into the packet it came from, or into what a PropertyWriter wrote.
class Properties {
 public:
  Properties() = default;
  // Requires: `checked` came out of read_properties() or PropertyWriter.
  explicit Properties(ByteView checked) : bytes_(checked) {}

  bool empty() const { return bytes_.empty(); }
  ByteView bytes() const { return bytes_; }

  std::optional<std::uint32_t> number(Property id) const;
  std::optional<ByteView> text(Property id) const;  // strings and binary data alike
  // User property `index` in the order sent, or nothing.
  std::optional<std::pair<ByteView, ByteView>> user(std::size_t index) const;

 private:
  ByteView bytes_;
};

// Reads length and properties from the front of `reader`, and checks all of them for `place`.
// Refusals: malformed       truncated, unknown identifier (2.2.2.2), bad UTF-8.
//           protocol_error  one that does not belong here, stands twice, or is outside its range.
//           topic_alias_invalid  a topic alias of 0 (3.3.2.3.4).
//           quota_exceeded  over property_bytes_max or user_properties_max; read no further than that.
Decoded<Properties> read_properties(WireReader& reader, PropertyPlace place);

// Builds the bytes of a property list. Numbers are written in the width that the standard gives the identifier.
class PropertyWriter {
 public:
  PropertyWriter& number(Property id, std::uint32_t value);
  PropertyWriter& text(Property id, ByteView value);
  PropertyWriter& user(ByteView name, ByteView value);
  Properties view() const { return Properties{bytes_}; }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

// What a subscriber must get unaltered (3.3.2.3: payload format, response topic, correlation data, content type, user
// properties), as bytes of a list. Message expiry is left out: it is counted down.
std::string properties_to_forward(Properties from);

// Characters U+0000 to U+10FFFF but U+0000, well formed (MQTT-1.5.4-1, -2).
bool is_mqtt_text(ByteView text);

}  // namespace salus::mqtt
