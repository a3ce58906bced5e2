#include "mqtt/properties.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

namespace salus::mqtt {
namespace {

enum class Shape : std::uint8_t { unknown, byte, two, four, varint, text, binary, pair };

constexpr std::uint16_t in(std::initializer_list<PropertyPlace> places) {
  std::uint16_t mask = 0;
  for (const PropertyPlace place : places) mask = static_cast<std::uint16_t>(mask | 1U << static_cast<unsigned>(place));
  return mask;
}

struct Rule {
  Shape shape = Shape::unknown;
  std::uint16_t places = 0;
  std::uint32_t least = 0;
  std::uint32_t most = 0xFFFFFFFF;
};

// Table 2-4 of MQTT 5.0, with the ranges that the sections of each packet add.
Rule rule_of(std::uint8_t id) {
  using P = PropertyPlace;
  switch (static_cast<Property>(id)) {
    case Property::payload_format:
      return {Shape::byte, in({P::publish, P::will}), 0, 1};
    case Property::message_expiry_s:
      return {Shape::four, in({P::publish, P::will})};
    case Property::content_type:
      return {Shape::text, in({P::publish, P::will})};
    case Property::response_topic:
      return {Shape::text, in({P::publish, P::will})};
    case Property::correlation_data:
      return {Shape::binary, in({P::publish, P::will})};
    case Property::subscription_id:
      return {Shape::varint, in({P::publish, P::subscribe}), 1, varint_max};
    case Property::session_expiry_s:
      return {Shape::four, in({P::connect, P::connack, P::disconnect})};
    case Property::assigned_client_id:
      return {Shape::text, in({P::connack})};
    case Property::server_keep_alive_s:
      return {Shape::two, in({P::connack})};
    case Property::authentication_method:
      return {Shape::text, in({P::connect, P::connack, P::auth})};
    case Property::authentication_data:
      return {Shape::binary, in({P::connect, P::connack, P::auth})};
    case Property::request_problem_information:
      return {Shape::byte, in({P::connect}), 0, 1};
    case Property::will_delay_s:
      return {Shape::four, in({P::will})};
    case Property::request_response_information:
      return {Shape::byte, in({P::connect}), 0, 1};
    case Property::response_information:
      return {Shape::text, in({P::connack})};
    case Property::server_reference:
      return {Shape::text, in({P::connack, P::disconnect})};
    case Property::reason_string:
      return {Shape::text, in({P::connack, P::puback, P::suback, P::unsuback, P::disconnect, P::auth})};
    case Property::receive_maximum:
      return {Shape::two, in({P::connect, P::connack}), 1};
    case Property::topic_alias_maximum:
      return {Shape::two, in({P::connect, P::connack})};
    case Property::topic_alias:
      return {Shape::two, in({P::publish}), 1};
    case Property::maximum_qos:
      return {Shape::byte, in({P::connack}), 0, 1};
    case Property::retain_available:
      return {Shape::byte, in({P::connack}), 0, 1};
    case Property::user_property:
      return {Shape::pair, 0x7FF};
    case Property::packet_bytes_max:
      return {Shape::four, in({P::connect, P::connack}), 1};
    case Property::wildcard_available:
      return {Shape::byte, in({P::connack}), 0, 1};
    case Property::subscription_ids_available:
      return {Shape::byte, in({P::connack}), 0, 1};
    case Property::shared_available:
      return {Shape::byte, in({P::connack}), 0, 1};
  }
  return {};
}

bool is_number(Shape shape) {
  return shape >= Shape::byte && shape <= Shape::varint;
}

std::uint32_t take_number(WireReader& reader, Shape shape) {
  switch (shape) {
    case Shape::byte:
      return reader.u8();
    case Shape::two:
      return reader.u16();
    case Shape::four:
      return reader.u32();
    default:
      return reader.varint();
  }
}

void skip(WireReader& reader, Shape shape) {
  if (is_number(shape)) {
    take_number(reader, shape);
    return;
  }
  reader.string();
  if (shape == Shape::pair) reader.string();
}

// One property of `reader`; `seen` holds a bit for each identifier that may stand only once.
std::optional<Refusal> check_one(WireReader& reader, PropertyPlace place, std::uint64_t& seen, std::size_t& users) {
  const std::uint8_t id = reader.u8();  // a varint by the standard; all known ones fit one byte
  const Rule rule = rule_of(id);
  if (rule.shape == Shape::unknown) return Refusal{Reason::malformed, "2.2.2.2 unknown property"};
  if ((rule.places >> static_cast<unsigned>(place) & 1U) == 0)
    return Refusal{Reason::protocol_error, "2.2.2.2 property of another packet"};
  if (rule.shape == Shape::pair) {
    if (++users > user_properties_max) return Refusal{Reason::quota_exceeded, "too many user properties"};
    const bool well = is_mqtt_text(reader.string()) && is_mqtt_text(reader.string());
    if (reader.failed() || !well) return Refusal{Reason::malformed, "1.5.7 user property"};
    return std::nullopt;
  }
  // A forwarded PUBLISH carries one subscription identifier for each subscription that matched (3.3.2.3.8).
  const bool repeats = static_cast<Property>(id) == Property::subscription_id && place == PropertyPlace::publish;
  if (!repeats && (seen >> id & 1U) != 0) return Refusal{Reason::protocol_error, "2.2.2.2 property stands twice"};
  seen |= std::uint64_t{1} << id;
  if (is_number(rule.shape)) {
    const std::uint32_t value = take_number(reader, rule.shape);
    if (reader.failed()) return Refusal{Reason::malformed, "2.2.2.1 truncated property"};
    if (static_cast<Property>(id) == Property::topic_alias && value == 0)
      return Refusal{Reason::topic_alias_invalid, "MQTT-3.3.2-8 topic alias 0"};
    if (value < rule.least || value > rule.most) return Refusal{Reason::protocol_error, "property out of range"};
    return std::nullopt;
  }
  const ByteView value = reader.string();
  if (reader.failed()) return Refusal{Reason::malformed, "2.2.2.1 truncated property"};
  if (rule.shape == Shape::text && !is_mqtt_text(value)) return Refusal{Reason::malformed, "1.5.4 property text"};
  return std::nullopt;
}

}  // namespace

bool is_mqtt_text(ByteView text) {
  unsigned char highest = 0;
  bool has_nul = false;
  for (const char c : text) {
    highest |= static_cast<unsigned char>(c);
    has_nul |= c == '\0';
  }
  return !has_nul && (highest < 0x80 || is_utf8(text));
}

Decoded<Properties> read_properties(WireReader& reader, PropertyPlace place) {
  const std::uint32_t length = reader.varint();
  if (reader.failed() || length > reader.rest().size()) return malformed("2.2.2.1 property length");
  if (length > property_bytes_max) return refuse(Reason::quota_exceeded, "too many bytes of properties");
  const ByteView bytes = reader.bytes(length);
  WireReader rest{bytes};
  std::uint64_t seen = 0;
  std::size_t users = 0;
  while (!rest.at_end())
    if (const auto refusal = check_one(rest, place, seen, users)) return tl::make_unexpected(*refusal);
  // Data without a method says nothing (3.1.2.11.10).
  constexpr auto bit = [](Property id) { return std::uint64_t{1} << static_cast<unsigned>(id); };
  if ((seen & bit(Property::authentication_data)) != 0 && (seen & bit(Property::authentication_method)) == 0)
    return refuse(Reason::protocol_error, "3.1.2.11.10 authentication data without a method");
  return Properties{bytes};
}

std::optional<std::uint32_t> Properties::number(Property wanted) const {
  for (WireReader reader{bytes_}; !reader.at_end();) {
    const std::uint8_t id = reader.u8();
    const Shape shape = rule_of(id).shape;
    if (static_cast<Property>(id) == wanted) return take_number(reader, shape);
    skip(reader, shape);
  }
  return std::nullopt;
}

std::optional<ByteView> Properties::text(Property wanted) const {
  for (WireReader reader{bytes_}; !reader.at_end();) {
    const std::uint8_t id = reader.u8();
    if (static_cast<Property>(id) == wanted) return reader.string();
    skip(reader, rule_of(id).shape);
  }
  return std::nullopt;
}

std::optional<std::pair<ByteView, ByteView>> Properties::user(std::size_t index) const {
  for (WireReader reader{bytes_}; !reader.at_end();) {
    const std::uint8_t id = reader.u8();
    if (static_cast<Property>(id) == Property::user_property && index-- == 0) {
      const ByteView key = reader.string();
      return std::pair{key, reader.string()};
    }
    skip(reader, rule_of(id).shape);
  }
  return std::nullopt;
}

PropertyWriter& PropertyWriter::number(Property id, std::uint32_t value) {
  put_u8(bytes_, static_cast<std::uint8_t>(id));
  switch (rule_of(static_cast<std::uint8_t>(id)).shape) {
    case Shape::byte:
      put_u8(bytes_, static_cast<std::uint8_t>(value));
      break;
    case Shape::two:
      put_u16(bytes_, static_cast<std::uint16_t>(value));
      break;
    case Shape::four:
      put_u32(bytes_, value);
      break;
    case Shape::varint:
      put_varint(bytes_, value);
      break;
    default:
      SALUS_ASSERT(false);
  }
  return *this;
}

PropertyWriter& PropertyWriter::text(Property id, ByteView value) {
  put_u8(bytes_, static_cast<std::uint8_t>(id));
  put_string(bytes_, value);
  return *this;
}

PropertyWriter& PropertyWriter::user(ByteView key, ByteView value) {
  put_u8(bytes_, static_cast<std::uint8_t>(Property::user_property));
  put_string(bytes_, key);
  put_string(bytes_, value);
  return *this;
}

std::string properties_to_forward(Properties from) {
  std::string out;
  for (WireReader reader{from.bytes()}; !reader.at_end();) {
    const ByteView start = reader.rest();
    const auto id = static_cast<Property>(reader.u8());
    skip(reader, rule_of(static_cast<std::uint8_t>(id)).shape);
    const bool forwarded = id == Property::payload_format || id == Property::content_type ||
                           id == Property::response_topic || id == Property::correlation_data ||
                           id == Property::user_property;
    if (forwarded) out.append(start.substr(0, start.size() - reader.rest().size()));
  }
  return out;
}

}  // namespace salus::mqtt
