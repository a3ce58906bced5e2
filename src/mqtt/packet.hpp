// The packets of MQTT 3.1.1 and 5.0. Decoding copies nothing: every view points into the bytes that were decoded, and
// is good as long as they are. Encoding appends to a string that the caller reuses.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "mqtt/properties.hpp"
#include "mqtt/reason.hpp"

namespace salus::mqtt {

enum class Version : std::uint8_t { v311 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

// A packet as it came: fixed header taken apart, the rest not looked at yet (frame.hpp makes these).
struct Frame {
  PacketType type{};
  std::uint8_t flags = 0;
  ByteView body{};
};

struct Will {
  std::uint8_t qos = 0;
  bool retain = false;
  ByteView topic{};
  ByteView payload{};
  Properties properties{};
};

struct Connect {
  Version version = Version::v311;
  bool clean_start = true;
  std::uint16_t keep_alive_s = 0;
  ByteView client_id{};
  std::optional<ByteView> user_name{};
  std::optional<ByteView> password{};
  std::optional<Will> will{};
  Properties properties{};
};

struct Connack {
  bool session_present = false;
  std::uint8_t code = 0;  // a Reason in 5.0, a return code in 3.1.1
  Properties properties{};
};

struct Publish {
  bool dup = false;
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint16_t packet_id = 0;  // 0 for QoS 0
  ByteView topic{};             // empty only where a topic alias stands for it
  ByteView payload{};
  Properties properties{};
};

// PUBACK, PUBREC, PUBREL and PUBCOMP. 3.1.1 knows no reason: it is success.
struct Ack {
  PacketType type = PacketType::puback;
  std::uint16_t packet_id = 0;
  Reason reason = Reason::success;
  Properties properties{};
};

struct Filter {
  ByteView text{};
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;
};

// One SUBSCRIBE or UNSUBSCRIBE may name this many filters.
inline constexpr std::size_t filters_max = 256;

struct Subscribe {
  std::uint16_t packet_id = 0;
  std::vector<Filter> filters{};
  Properties properties{};
};

struct Unsubscribe {
  std::uint16_t packet_id = 0;
  std::vector<ByteView> filters{};
  Properties properties{};
};

// SUBACK and UNSUBACK. A 3.1.1 UNSUBACK has no codes.
struct FilterAck {
  PacketType type = PacketType::suback;
  std::uint16_t packet_id = 0;
  std::vector<std::uint8_t> codes{};
  Properties properties{};
};

struct Pingreq {};
struct Pingresp {};

struct Disconnect {
  Reason reason = Reason::success;
  Properties properties{};
};

struct Auth {
  Reason reason = Reason::success;
  Properties properties{};
};

using Packet = std::variant<Connect, Connack, Publish, Ack, Subscribe, Unsubscribe, FilterAck, Pingreq, Pingresp,
                            Disconnect, Auth>;

// Checks and takes apart one packet. A CONNECT says its own version; `version` is for the others.
// Refusals name the reason and the clause; whoever gets one closes the connection (MQTT-4.13.1-1).
Decoded<Packet> decode(const Frame& frame, Version version);

// The same for the packet of the hot path, without the detour over a variant.
Decoded<Publish> decode_publish(const Frame& frame, Version version);

// The version that the front of a CONNECT's body names, where it can be seen; enough to refuse it in its own words.
std::optional<Version> peek_version(ByteView connect_body);

// Requires of all: strings of at most 65,535 bytes, packets within varint_max.
void encode(std::string& out, const Connect& packet);
void encode(std::string& out, const Connack& packet, Version version);
void encode(std::string& out, const Publish& packet, Version version);
void encode(std::string& out, const Ack& packet, Version version);
void encode(std::string& out, const Subscribe& packet, Version version);
void encode(std::string& out, const Unsubscribe& packet, Version version);
void encode(std::string& out, const FilterAck& packet, Version version);
void encode(std::string& out, const Pingreq& packet);
void encode(std::string& out, const Pingresp& packet);
void encode(std::string& out, const Disconnect& packet, Version version);
void encode(std::string& out, const Auth& packet);
void encode(std::string& out, const Packet& packet, Version version);

// How many bytes encode() would append for this PUBLISH.
std::size_t encoded_size(const Publish& packet, Version version);

}  // namespace salus::mqtt
