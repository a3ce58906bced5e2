#include <algorithm>

#include "mqtt/packet.hpp"
#include "mqtt/topic.hpp"

namespace salus::mqtt {
namespace {

using Place = PropertyPlace;

Decoded<Properties> properties_of(WireReader& reader, Version version, Place place) {
  if (version != Version::v5) return Properties{};
  return read_properties(reader, place);
}

Decoded<std::uint16_t> packet_id_of(WireReader& reader) {
  const std::uint16_t id = reader.u16();
  if (reader.failed()) return malformed("2.2.1 no packet identifier");
  if (id == 0) return refuse(Reason::protocol_error, "MQTT-2.2.1-3 packet identifier 0");
  return id;
}

// CONNECT flags (3.1.2.3): user name, password, will retain, will QoS (2), will, clean start, reserved.
struct ConnectFlags {
  explicit ConnectFlags(std::uint8_t bits)
      : user_name((bits & 0x80) != 0),
        password((bits & 0x40) != 0),
        will_retain((bits & 0x20) != 0),
        will_qos(bits >> 3 & 3),
        will((bits & 0x04) != 0),
        clean((bits & 0x02) != 0),
        reserved((bits & 0x01) != 0) {}
  bool user_name, password, will_retain;
  std::uint8_t will_qos;
  bool will, clean, reserved;

  const char* fault(Version version) const {
    if (reserved) return "MQTT-3.1.2-3 reserved flag";
    if (will_qos == 3) return "MQTT-3.1.2-12 will QoS 3";
    if (!will && (will_qos != 0 || will_retain)) return "MQTT-3.1.2-11 will flags without a will";
    if (version == Version::v311 && password && !user_name) return "MQTT-3.1.2-22 password without user name";
    return nullptr;
  }
};

Decoded<Will> will_of(WireReader& reader, const ConnectFlags& flags, Version version) {
  Will will{.qos = flags.will_qos, .retain = flags.will_retain, .topic = {}, .payload = {}, .properties = {}};
  const Decoded<Properties> properties = properties_of(reader, version, Place::will);
  if (!properties) return tl::make_unexpected(properties.error());
  will.properties = *properties;
  will.topic = reader.string();
  will.payload = reader.string();
  if (reader.failed() || !is_mqtt_text(will.topic)) return malformed("MQTT-3.1.3-11 will topic");
  if (!is_topic_name(will.topic)) return refuse(Reason::topic_invalid, "4.7.1 will topic");
  return will;
}

Decoded<Packet> decode_connect(const Frame& frame) {
  WireReader reader{frame.body};
  const ByteView protocol = reader.string();
  const std::uint8_t level = reader.u8();
  if (reader.failed()) return malformed("3.1.2 truncated");
  if (protocol != "MQTT" || (level != 4 && level != 5))
    return refuse(Reason::unsupported_version, "MQTT-3.1.2-1, -2 neither MQTT 3.1.1 nor 5.0");
  Connect connect{.version = static_cast<Version>(level), .properties = {}};
  const ConnectFlags flags{reader.u8()};
  connect.clean_start = flags.clean;
  connect.keep_alive_s = reader.u16();
  if (reader.failed()) return malformed("3.1.2 truncated");
  if (const char* fault = flags.fault(connect.version)) return malformed(fault);

  const Decoded<Properties> properties = properties_of(reader, connect.version, Place::connect);
  if (!properties) return tl::make_unexpected(properties.error());
  connect.properties = *properties;
  connect.client_id = reader.string();
  if (reader.failed() || !is_mqtt_text(connect.client_id)) return malformed("MQTT-3.1.3-4 client identifier");
  if (flags.will) {
    const Decoded<Will> will = will_of(reader, flags, connect.version);
    if (!will) return tl::make_unexpected(will.error());
    connect.will = *will;
  }
  if (flags.user_name) {
    connect.user_name = reader.string();
    if (reader.failed() || !is_mqtt_text(*connect.user_name)) return malformed("MQTT-3.1.3-12 user name");
  }
  if (flags.password) connect.password = reader.string();
  if (reader.failed() || !reader.at_end()) return malformed("3.1.3 payload and flags disagree");
  return connect;
}

Decoded<Packet> decode_connack(const Frame& frame, Version version) {
  WireReader reader{frame.body};
  const std::uint8_t flags = reader.u8();
  Connack connack{.session_present = (flags & 1) != 0, .code = reader.u8(), .properties = {}};
  if (reader.failed() || flags > 1) return malformed("3.2.2.1 acknowledge flags");
  const Decoded<Properties> properties = properties_of(reader, version, Place::connack);
  if (!properties) return tl::make_unexpected(properties.error());
  connack.properties = *properties;
  if (!reader.at_end()) return malformed("3.2 trailing bytes");
  return connack;
}

bool is_ack_reason(PacketType type, std::uint8_t code) {
  if (type == PacketType::pubrel || type == PacketType::pubcomp) return code == 0x00 || code == 0x92;
  switch (code) {
    case 0x00:
    case 0x10:
    case 0x80:
    case 0x83:
    case 0x87:
    case 0x90:
    case 0x91:
    case 0x97:
    case 0x99:
      return true;
    default:
      return false;
  }
}

Decoded<Packet> decode_ack(const Frame& frame, Version version) {
  WireReader reader{frame.body};
  const Decoded<std::uint16_t> id = packet_id_of(reader);
  if (!id) return tl::make_unexpected(id.error());
  Ack ack{.type = frame.type, .packet_id = *id, .reason = Reason::success, .properties = {}};
  if (version == Version::v5 && !reader.at_end()) {
    const std::uint8_t code = reader.u8();
    if (!is_ack_reason(frame.type, code)) return malformed("3.4.2.1 reason code");
    ack.reason = static_cast<Reason>(code);
    if (!reader.at_end()) {
      const Decoded<Properties> properties = read_properties(reader, Place::puback);
      if (!properties) return tl::make_unexpected(properties.error());
      ack.properties = *properties;
    }
  }
  if (!reader.at_end()) return malformed("3.4 trailing bytes");
  return ack;
}

const char* option_fault(std::uint8_t options, Version version) {
  if ((options & 3) == 3) return "MQTT-3.8.3-4 QoS 3";
  if (version == Version::v311 && (options & 0xFC) != 0) return "MQTT-3.8.3-4 reserved bits";
  if ((options & 0xC0) != 0) return "MQTT-3.8.3-5 reserved bits";
  return nullptr;
}

Decoded<ByteView> filter_of(WireReader& reader) {
  const ByteView filter = reader.string();
  if (reader.failed() || !is_mqtt_text(filter)) return malformed("MQTT-3.8.3-1 topic filter");
  if (filter.empty()) return malformed("MQTT-4.7.3-1 empty topic filter");
  return filter;
}

Decoded<Packet> decode_subscribe(const Frame& frame, Version version) {
  WireReader reader{frame.body};
  const Decoded<std::uint16_t> id = packet_id_of(reader);
  if (!id) return tl::make_unexpected(id.error());
  const Decoded<Properties> properties = properties_of(reader, version, Place::subscribe);
  if (!properties) return tl::make_unexpected(properties.error());
  Subscribe subscribe{.packet_id = *id, .filters = {}, .properties = *properties};
  while (!reader.at_end()) {
    if (subscribe.filters.size() == filters_max) return refuse(Reason::quota_exceeded, "too many filters at once");
    const Decoded<ByteView> text = filter_of(reader);
    if (!text) return tl::make_unexpected(text.error());
    const std::uint8_t options = reader.u8();
    if (reader.failed()) return malformed("3.8.3 no options");
    if (const char* fault = option_fault(options, version)) return malformed(fault);
    const Filter filter{*text, static_cast<std::uint8_t>(options & 3), (options & 4) != 0, (options & 8) != 0,
                        static_cast<std::uint8_t>(options >> 4 & 3)};
    if (filter.retain_handling == 3) return refuse(Reason::protocol_error, "3.8.3.1 retain handling 3");
    if (filter.no_local && is_shared(filter.text))
      return refuse(Reason::protocol_error, "MQTT-3.8.3-4 no local, shared");
    subscribe.filters.push_back(filter);
  }
  if (subscribe.filters.empty()) return refuse(Reason::protocol_error, "MQTT-3.8.3-2 no filter");
  return subscribe;
}

Decoded<Packet> decode_unsubscribe(const Frame& frame, Version version) {
  WireReader reader{frame.body};
  const Decoded<std::uint16_t> id = packet_id_of(reader);
  if (!id) return tl::make_unexpected(id.error());
  const Decoded<Properties> properties = properties_of(reader, version, Place::unsubscribe);
  if (!properties) return tl::make_unexpected(properties.error());
  Unsubscribe unsubscribe{.packet_id = *id, .filters = {}, .properties = *properties};
  while (!reader.at_end()) {
    if (unsubscribe.filters.size() == filters_max) return refuse(Reason::quota_exceeded, "too many filters at once");
    const Decoded<ByteView> text = filter_of(reader);
    if (!text) return tl::make_unexpected(text.error());
    unsubscribe.filters.push_back(*text);
  }
  if (unsubscribe.filters.empty()) return refuse(Reason::protocol_error, "MQTT-3.10.3-2 no filter");
  return unsubscribe;
}

Decoded<Packet> decode_filter_ack(const Frame& frame, Version version) {
  WireReader reader{frame.body};
  const Decoded<std::uint16_t> id = packet_id_of(reader);
  if (!id) return tl::make_unexpected(id.error());
  const Place place = frame.type == PacketType::suback ? Place::suback : Place::unsuback;
  const Decoded<Properties> properties = properties_of(reader, version, place);
  if (!properties) return tl::make_unexpected(properties.error());
  FilterAck ack{.type = frame.type, .packet_id = *id, .codes = {}, .properties = *properties};
  const ByteView codes = reader.rest();
  if (codes.size() > filters_max) return refuse(Reason::quota_exceeded, "too many codes");
  const bool none = frame.type == PacketType::unsuback && version == Version::v311;
  if (codes.empty() != none) return malformed("3.9.3 codes");
  ack.codes.assign(codes.begin(), codes.end());
  return ack;
}

// DISCONNECT and AUTH of 5.0: nothing, a reason, or a reason and properties.
template <class T>
Decoded<Packet> decode_reason(const Frame& frame, Place place) {
  WireReader reader{frame.body};
  T packet{};
  if (!reader.at_end()) packet.reason = static_cast<Reason>(reader.u8());
  if (!reader.at_end()) {
    const Decoded<Properties> properties = read_properties(reader, place);
    if (!properties) return tl::make_unexpected(properties.error());
    packet.properties = *properties;
  }
  if (!reader.at_end()) return malformed("3.14 trailing bytes");
  return packet;
}

bool has_right_flags(const Frame& frame) {
  switch (frame.type) {
    case PacketType::publish:
      return true;
    case PacketType::pubrel:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
      return frame.flags == 2;
    default:
      return frame.flags == 0;
  }
}

}  // namespace

Decoded<Publish> decode_publish(const Frame& frame, Version version) {
  Publish publish{.dup = (frame.flags & 8) != 0,
                  .qos = static_cast<std::uint8_t>(frame.flags >> 1 & 3),
                  .retain = (frame.flags & 1) != 0,
                  .properties = {}};
  if (publish.qos == 3) return malformed("MQTT-3.3.1-4 QoS 3");
  if (publish.qos == 0 && publish.dup) return malformed("MQTT-3.3.1-2 DUP with QoS 0");
  WireReader reader{frame.body};
  publish.topic = reader.string();
  if (reader.failed() || !is_mqtt_text(publish.topic)) return malformed("MQTT-3.3.2-1 topic name");
  if (publish.qos > 0) {
    const Decoded<std::uint16_t> id = packet_id_of(reader);
    if (!id) return tl::make_unexpected(id.error());
    publish.packet_id = *id;
  }
  if (version == Version::v5) {
    const Decoded<Properties> properties = read_properties(reader, Place::publish);
    if (!properties) return tl::make_unexpected(properties.error());
    publish.properties = *properties;
  }
  if (publish.topic.empty()) {
    const bool aliased = !publish.properties.empty() && publish.properties.number(Property::topic_alias);
    if (!aliased) return refuse(Reason::protocol_error, "MQTT-4.7.3-1 empty topic name without alias");
  } else if (!is_topic_name(publish.topic)) {
    return refuse(Reason::topic_invalid, "MQTT-3.3.2-2 topic name");
  }
  publish.payload = reader.rest();
  return publish;
}

Decoded<Packet> decode(const Frame& frame, Version version) {
  if (!has_right_flags(frame)) return malformed("MQTT-2.1.3-1 fixed header flags");
  switch (frame.type) {
    case PacketType::connect:
      return decode_connect(frame);
    case PacketType::connack:
      return decode_connack(frame, version);
    case PacketType::publish:
      return decode_publish(frame, version);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return decode_ack(frame, version);
    case PacketType::subscribe:
      return decode_subscribe(frame, version);
    case PacketType::suback:
    case PacketType::unsuback:
      return decode_filter_ack(frame, version);
    case PacketType::unsubscribe:
      return decode_unsubscribe(frame, version);
    case PacketType::pingreq:
      if (!frame.body.empty()) return malformed("3.12 trailing bytes");
      return Pingreq{};
    case PacketType::pingresp:
      if (!frame.body.empty()) return malformed("3.13 trailing bytes");
      return Pingresp{};
    case PacketType::disconnect:
      if (version == Version::v5) return decode_reason<Disconnect>(frame, Place::disconnect);
      if (!frame.body.empty()) return malformed("3.14 trailing bytes");
      return Disconnect{};
    case PacketType::auth:
      if (version == Version::v5) return decode_reason<Auth>(frame, Place::auth);
      return malformed("2.2.1 packet type 15");
  }
  return malformed("2.1.2 packet type 0");
}

std::optional<Version> peek_version(ByteView connect_body) {
  WireReader reader{connect_body};
  const ByteView protocol = reader.string();
  const std::uint8_t level = reader.u8();
  if (reader.failed() || protocol != "MQTT" || (level != 4 && level != 5)) return std::nullopt;
  return static_cast<Version>(level);
}

}  // namespace salus::mqtt
