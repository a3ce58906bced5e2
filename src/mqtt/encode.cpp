#include "base/assert.hpp"
#include "mqtt/packet.hpp"

namespace salus::mqtt {
namespace {

void put_header(std::string& out, PacketType type, std::uint8_t flags, std::size_t body_bytes) {
  SALUS_ASSERT(body_bytes <= varint_max);
  put_u8(out, static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags));
  put_varint(out, static_cast<std::uint32_t>(body_bytes));
}

std::size_t size_of(Properties properties, Version version) {
  if (version != Version::v5) return 0;
  const auto bytes = static_cast<std::uint32_t>(properties.bytes().size());
  return varint_size(bytes) + bytes;
}

void put_properties(std::string& out, Properties properties, Version version) {
  if (version != Version::v5) return;
  put_varint(out, static_cast<std::uint32_t>(properties.bytes().size()));
  out.append(properties.bytes());
}

std::size_t body_size(const Publish& packet, Version version) {
  return 2 + packet.topic.size() + (packet.qos > 0 ? 2 : 0) + size_of(packet.properties, version) +
         packet.payload.size();
}

// A body of unknown length: written behind `out`'s end first, then moved behind its header. Not for the hot path.
class Body {
 public:
  std::string bytes;
  void finish(std::string& out, PacketType type, std::uint8_t flags) const {
    put_header(out, type, flags, bytes.size());
    out.append(bytes);
  }
};

template <class T>
void encode_reason(std::string& out, const T& packet, PacketType type) {
  Body body;
  const bool with_properties = !packet.properties.empty();
  if (packet.reason != Reason::success || with_properties) put_u8(body.bytes, number(packet.reason));
  if (with_properties) put_properties(body.bytes, packet.properties, Version::v5);
  body.finish(out, type, 0);
}

}  // namespace

void encode(std::string& out, const Connect& packet) {
  const bool has_will = packet.will.has_value();
  unsigned flags = packet.clean_start ? 0x02 : 0;
  if (has_will) flags |= 0x04U | static_cast<unsigned>(packet.will->qos) << 3 | (packet.will->retain ? 0x20U : 0U);
  if (packet.password) flags |= 0x40;
  if (packet.user_name) flags |= 0x80;
  Body body;
  put_string(body.bytes, "MQTT");
  put_u8(body.bytes, static_cast<std::uint8_t>(packet.version));
  put_u8(body.bytes, static_cast<std::uint8_t>(flags));
  put_u16(body.bytes, packet.keep_alive_s);
  put_properties(body.bytes, packet.properties, packet.version);
  put_string(body.bytes, packet.client_id);
  if (has_will) {
    put_properties(body.bytes, packet.will->properties, packet.version);
    put_string(body.bytes, packet.will->topic);
    put_string(body.bytes, packet.will->payload);
  }
  if (packet.user_name) put_string(body.bytes, *packet.user_name);
  if (packet.password) put_string(body.bytes, *packet.password);
  body.finish(out, PacketType::connect, 0);
}

void encode(std::string& out, const Connack& packet, Version version) {
  put_header(out, PacketType::connack, 0, 2 + size_of(packet.properties, version));
  put_u8(out, packet.session_present ? 1 : 0);
  put_u8(out, packet.code);
  put_properties(out, packet.properties, version);
}

std::size_t encoded_size(const Publish& packet, Version version) {
  const std::size_t body = body_size(packet, version);
  return 1 + varint_size(static_cast<std::uint32_t>(body)) + body;
}

void encode(std::string& out, const Publish& packet, Version version) {
  const unsigned flags = (packet.dup ? 8U : 0U) | static_cast<unsigned>(packet.qos) << 1 | (packet.retain ? 1U : 0U);
  put_header(out, PacketType::publish, static_cast<std::uint8_t>(flags), body_size(packet, version));
  put_string(out, packet.topic);
  if (packet.qos > 0) put_u16(out, packet.packet_id);
  put_properties(out, packet.properties, version);
  out.append(packet.payload);
}

void encode(std::string& out, const Ack& packet, Version version) {
  const std::uint8_t flags = packet.type == PacketType::pubrel ? 2 : 0;
  const bool with_properties = version == Version::v5 && !packet.properties.empty();
  const bool with_reason = version == Version::v5 && (packet.reason != Reason::success || with_properties);
  const std::size_t bytes = 2 + (with_reason ? 1U : 0U) + (with_properties ? size_of(packet.properties, version) : 0U);
  put_header(out, packet.type, flags, bytes);
  put_u16(out, packet.packet_id);
  if (with_reason) put_u8(out, number(packet.reason));
  if (with_properties) put_properties(out, packet.properties, version);
}

void encode(std::string& out, const Subscribe& packet, Version version) {
  Body body;
  put_u16(body.bytes, packet.packet_id);
  put_properties(body.bytes, packet.properties, version);
  for (const Filter& filter : packet.filters) {
    unsigned options = filter.qos;
    if (version == Version::v5)
      options |= (filter.no_local ? 4U : 0U) | (filter.retain_as_published ? 8U : 0U) |
                 static_cast<unsigned>(filter.retain_handling) << 4;
    put_string(body.bytes, filter.text);
    put_u8(body.bytes, static_cast<std::uint8_t>(options));
  }
  body.finish(out, PacketType::subscribe, 2);
}

void encode(std::string& out, const Unsubscribe& packet, Version version) {
  Body body;
  put_u16(body.bytes, packet.packet_id);
  put_properties(body.bytes, packet.properties, version);
  for (const ByteView filter : packet.filters) put_string(body.bytes, filter);
  body.finish(out, PacketType::unsubscribe, 2);
}

void encode(std::string& out, const FilterAck& packet, Version version) {
  put_header(out, packet.type, 0, 2 + size_of(packet.properties, version) + packet.codes.size());
  put_u16(out, packet.packet_id);
  put_properties(out, packet.properties, version);
  for (const std::uint8_t code : packet.codes) put_u8(out, code);
}

void encode(std::string& out, const Pingreq&) {
  put_header(out, PacketType::pingreq, 0, 0);
}
void encode(std::string& out, const Pingresp&) {
  put_header(out, PacketType::pingresp, 0, 0);
}

void encode(std::string& out, const Disconnect& packet, Version version) {
  if (version == Version::v5) return encode_reason(out, packet, PacketType::disconnect);
  put_header(out, PacketType::disconnect, 0, 0);
}

void encode(std::string& out, const Auth& packet) {
  encode_reason(out, packet, PacketType::auth);
}

void encode(std::string& out, const Packet& packet, Version version) {
  std::visit(
      [&](const auto& each) {
        if constexpr (requires { encode(out, each); }) {
          encode(out, each);
        } else {
          encode(out, each, version);
        }
      },
      packet);
}

}  // namespace salus::mqtt
