#include "mqtt/packet.hpp"

#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "mqtt/frame.hpp"

namespace salus::mqtt {
namespace {

std::string bytes_of(std::string_view hex) {
  std::string dense;
  for (const char c : hex)
    if (c != ' ') dense.push_back(c);
  return from_hex(dense).value();
}

// One packet of `wire`, decoded.
Decoded<Packet> decode_bytes(ByteView wire, Version version) {
  std::size_t used = 0;
  const auto frame = next_frame(wire, {}, used);
  if (!frame) return tl::make_unexpected(frame.error());
  if (!*frame) return refuse(Reason::unspecified, "incomplete");
  return decode(**frame, version);
}

struct Row {
  const char* what;
  Version version;
  const char* hex;
  Reason reason;
};

constexpr Version v3 = Version::v311;
constexpr Version v5 = Version::v5;

TEST(Packet, RefusesWhatTheStandardRefuses) {
  const Row rows[] = {
      {"type 0", v3, "00 00", Reason::malformed},
      {"five-byte remaining length", v3, "30 ff ff ff ff 01", Reason::malformed},
      {"five-byte remaining length, seen early", v5, "10 80 80 80 80", Reason::malformed},
      {"256 MB", v5, "30 ff ff ff 7f", Reason::packet_too_large},
      {"CONNECT with flags", v3, "11 00", Reason::malformed},
      {"CONNECT empty", v3, "10 00", Reason::malformed},
      {"CONNECT MQIsdp 3", v3, "10 0e 0006 4d5149736470 03 02 003c 0000", Reason::unsupported_version},
      {"CONNECT level 6", v3, "10 0c 0004 4d515454 06 02 003c 0000", Reason::unsupported_version},
      {"CONNECT reserved flag", v3, "10 0c 0004 4d515454 04 03 003c 0000", Reason::malformed},
      {"CONNECT will QoS 3", v3, "10 12 0004 4d515454 04 1e 003c 0000 0001 61 0001 62", Reason::malformed},
      {"CONNECT will QoS without will", v3, "10 0c 0004 4d515454 04 0a 003c 0000", Reason::malformed},
      {"CONNECT will retain without will", v3, "10 0c 0004 4d515454 04 22 003c 0000", Reason::malformed},
      {"CONNECT 3.1.1 password alone", v3, "10 0f 0004 4d515454 04 42 003c 0000 0001 70", Reason::malformed},
      {"CONNECT user name missing", v3, "10 0c 0004 4d515454 04 82 003c 0000", Reason::malformed},
      {"CONNECT trailing byte", v3, "10 0d 0004 4d515454 04 02 003c 0000 00", Reason::malformed},
      {"CONNECT client id bad UTF-8", v3, "10 0d 0004 4d515454 04 02 003c 0001 ff", Reason::malformed},
      {"CONNECT client id NUL", v3, "10 0d 0004 4d515454 04 02 003c 0001 00", Reason::malformed},
      {"CONNECT will topic wildcard", v3, "10 12 0004 4d515454 04 06 003c 0000 0001 23 0001 62", Reason::topic_invalid},
      {"CONNECT will topic empty", v3, "10 11 0004 4d515454 04 06 003c 0000 0000 0001 62", Reason::topic_invalid},
      {"CONNECT properties too long", v5, "10 0d 0004 4d515454 05 02 003c 05 0000", Reason::malformed},
      {"CONNECT unknown property", v5, "10 0f 0004 4d515454 05 02 003c 02 7f00 0000", Reason::malformed},
      {"CONNECT property of PUBLISH", v5, "10 10 0004 4d515454 05 02 003c 03 230001 0000", Reason::protocol_error},
      {"CONNECT receive maximum 0", v5, "10 10 0004 4d515454 05 02 003c 03 210000 0000", Reason::protocol_error},
      {"CONNECT receive maximum twice", v5, "10 13 0004 4d515454 05 02 003c 06 210001 210001 0000",
       Reason::protocol_error},
      {"CONNECT packet size 0", v5, "10 12 0004 4d515454 05 02 003c 05 2700000000 0000", Reason::protocol_error},
      {"CONNECT problem information 2", v5, "10 0f 0004 4d515454 05 02 003c 02 1702 0000", Reason::protocol_error},
      {"CONNECT data without method", v5, "10 11 0004 4d515454 05 02 003c 04 16000161 0000", Reason::protocol_error},
      {"CONNECT property id as long varint", v5, "10 11 0004 4d515454 05 02 003c 04 a1000001 0000", Reason::malformed},
      {"PUBLISH QoS 3", v3, "36 05 0001 61 0001", Reason::malformed},
      {"PUBLISH DUP with QoS 0", v3, "38 03 0001 61", Reason::malformed},
      {"PUBLISH no topic", v3, "30 00", Reason::malformed},
      {"PUBLISH topic cut", v3, "30 03 0002 61", Reason::malformed},
      {"PUBLISH topic empty", v3, "30 02 0000", Reason::protocol_error},
      {"PUBLISH topic empty, no alias", v5, "30 03 0000 00", Reason::protocol_error},
      {"PUBLISH topic NUL", v3, "30 03 0001 00", Reason::malformed},
      {"PUBLISH topic bad UTF-8", v3, "30 04 0002 c080", Reason::malformed},
      {"PUBLISH topic surrogate", v3, "30 05 0003 eda080", Reason::malformed},
      {"PUBLISH topic +", v3, "30 05 0003 612f2b", Reason::topic_invalid},
      {"PUBLISH topic #", v5, "30 04 0001 23 00", Reason::topic_invalid},
      {"PUBLISH packet id 0", v3, "32 05 0001 61 0000", Reason::protocol_error},
      {"PUBLISH packet id missing", v3, "32 03 0001 61", Reason::malformed},
      {"PUBLISH without property length", v5, "30 03 0001 61", Reason::malformed},
      {"PUBLISH alias 0", v5, "30 07 0001 61 03 230000", Reason::topic_alias_invalid},
      {"PUBLISH payload format 2", v5, "30 06 0001 61 02 0102", Reason::protocol_error},
      {"PUBLISH property cut", v5, "30 06 0001 61 02 0200", Reason::malformed},
      {"PUBLISH content type bad UTF-8", v5, "30 08 0001 61 04 030001ff", Reason::malformed},
      {"PUBACK flags", v3, "41 02 0001", Reason::malformed},
      {"PUBACK id 0", v3, "40 02 0000", Reason::protocol_error},
      {"PUBACK short", v3, "40 01 00", Reason::malformed},
      {"PUBACK 3.1.1 with reason", v3, "40 03 0001 00", Reason::malformed},
      {"PUBACK unknown reason", v5, "40 03 0001 42", Reason::malformed},
      {"PUBREL flags 0", v3, "60 02 0001", Reason::malformed},
      {"SUBSCRIBE flags 0", v3, "80 06 0001 0001 61 00", Reason::malformed},
      {"SUBSCRIBE id 0", v3, "82 06 0000 0001 61 00", Reason::protocol_error},
      {"SUBSCRIBE no filter", v3, "82 02 0001", Reason::protocol_error},
      {"SUBSCRIBE no options", v3, "82 05 0001 0001 61", Reason::malformed},
      {"SUBSCRIBE QoS 3", v3, "82 06 0001 0001 61 03", Reason::malformed},
      {"SUBSCRIBE 3.1.1 reserved bits", v3, "82 06 0001 0001 61 04", Reason::malformed},
      {"SUBSCRIBE 5.0 reserved bits", v5, "82 07 0001 00 0001 61 40", Reason::malformed},
      {"SUBSCRIBE retain handling 3", v5, "82 07 0001 00 0001 61 30", Reason::protocol_error},
      {"SUBSCRIBE empty filter", v3, "82 05 0001 0000 00", Reason::malformed},
      {"SUBSCRIBE filter NUL", v3, "82 06 0001 0001 00 00", Reason::malformed},
      {"SUBSCRIBE no local and shared", v5, "82 10 0001 00 000a 2473686172652f672f61 05", Reason::protocol_error},
      {"SUBSCRIBE subscription id 0", v5, "82 09 0001 02 0b00 0001 61 00", Reason::protocol_error},
      {"UNSUBSCRIBE no filter", v3, "a2 02 0001", Reason::protocol_error},
      {"UNSUBSCRIBE flags 0", v3, "a0 05 0001 0001 61", Reason::malformed},
      {"SUBACK no codes", v3, "90 02 0001", Reason::malformed},
      {"PINGREQ with body", v3, "c0 01 00", Reason::malformed},
      {"PINGREQ with flags", v3, "c1 00", Reason::malformed},
      {"DISCONNECT 3.1.1 with reason", v3, "e0 01 00", Reason::malformed},
      {"DISCONNECT trailing", v5, "e0 03 00 00 00", Reason::malformed},
      {"AUTH in 3.1.1", v3, "f0 00", Reason::malformed},
  };
  for (const Row& row : rows) {
    const std::string wire = bytes_of(row.hex);
    const auto packet = decode_bytes(wire, row.version);
    ASSERT_FALSE(packet.has_value()) << row.what;
    EXPECT_EQ(name(packet.error().reason), name(row.reason)) << row.what << ": " << packet.error().why;
  }
}

TEST(Packet, ComesBackAsItWent) {
  const Row rows[] = {
      {"CONNECT 3.1.1", v3, "10 11 0004 4d515454 04 02 003c 0005 6d6f6e2d31", {}},
      {"CONNECT 3.1.1 with all", v3, "10 1a 0004 4d515454 04 ee 003c 0001 6d 0001 74 0002 7878 0001 75 0001 70", {}},
      {"CONNECT 5.0", v5, "10 0d 0004 4d515454 05 02 003c 00 0000", {}},
      {"CONNECT 5.0 with all",
       v5,
       "10 28 0004 4d515454 05 ee 003c 08 210014 1100000000 0001 6d 05 1800000005 0001 74 0001 78 0001 75 0001 70",
       {}},
      {"CONNECT 5.0 password alone", v5, "10 10 0004 4d515454 05 42 003c 00 0000 0001 70", {}},
      {"CONNACK 3.1.1", v3, "20 02 0000", {}},
      {"CONNACK 5.0", v5, "20 0a 00 00 07 210040 2401 2500", {}},
      {"PUBLISH QoS 0", v3, "30 05 0001 61 6869", {}},
      {"PUBLISH QoS 1 DUP", v3, "3a 07 0001 61 0007 6869", {}},
      {"PUBLISH QoS 2", v3, "34 07 0001 61 0007 6869", {}},
      {"PUBLISH 5.0 alias only", v5, "32 0a 0000 0007 03 230001 6869", {}},
      {"PUBLISH 5.0 user property twice", v5, "30 12 0001 61 0e 26 0001 61 0001 62 26 0001 61 0001 62", {}},
      {"PUBLISH empty payload", v3, "30 03 0001 61", {}},
      {"PUBACK", v3, "40 02 0007", {}},
      {"PUBACK refused", v5, "40 03 0007 87", {}},
      {"PUBREC", v3, "50 02 0007", {}},
      {"PUBREL", v3, "62 02 0007", {}},
      {"PUBCOMP", v5, "70 03 0007 92", {}},
      {"SUBSCRIBE", v3, "82 0b 0001 0001 61 00 0002 2b2f 01", {}},
      {"SUBSCRIBE 5.0 options", v5, "82 07 0001 00 0001 61 2d", {}},
      {"SUBACK", v3, "90 04 0001 0180", {}},
      {"SUBACK 5.0", v5, "90 05 0001 00 0187", {}},
      {"UNSUBSCRIBE", v3, "a2 05 0001 0001 61", {}},
      {"UNSUBACK", v3, "b0 02 0001", {}},
      {"UNSUBACK 5.0", v5, "b0 04 0001 00 11", {}},
      {"PINGREQ", v3, "c0 00", {}},
      {"PINGRESP", v5, "d0 00", {}},
      {"DISCONNECT", v3, "e0 00", {}},
      {"DISCONNECT 5.0", v5, "e0 01 8b", {}},
      {"DISCONNECT 5.0 with text", v5, "e0 06 8b 04 1f000161", {}},
      {"AUTH", v5, "f0 06 18 04 15000161", {}},
  };
  for (const Row& row : rows) {
    const std::string wire = bytes_of(row.hex);
    const auto packet = decode_bytes(wire, row.version);
    ASSERT_TRUE(packet.has_value()) << row.what << ": " << packet.error().why;
    std::string again;
    encode(again, *packet, row.version);
    EXPECT_EQ(to_hex(again), to_hex(wire)) << row.what;
    if (const auto* publish = std::get_if<Publish>(&*packet))
      EXPECT_EQ(encoded_size(*publish, row.version), wire.size()) << row.what;
    // Every true prefix is incomplete, and never something else.
    for (std::size_t cut = 0; cut < wire.size(); ++cut) {
      std::size_t used = 1;
      const auto part = next_frame(ByteView{wire}.substr(0, cut), {}, used);
      EXPECT_TRUE(part.has_value() && !part->has_value() && used == 0) << row.what << " cut at " << cut;
    }
  }
}

TEST(Packet, BoundsPropertiesAndFilters) {
  const auto publish_with = [](std::size_t users) {
    PropertyWriter properties;
    for (std::size_t i = 0; i < users; ++i) properties.user("k", "v");
    std::string wire;
    encode(wire, Publish{.topic = "t", .payload = {}, .properties = properties.view()}, v5);
    return wire;
  };
  EXPECT_TRUE(decode_bytes(publish_with(user_properties_max), v5).has_value());
  EXPECT_EQ(decode_bytes(publish_with(user_properties_max + 1), v5).error().reason, Reason::quota_exceeded);
  EXPECT_EQ(decode_bytes(publish_with(30'000), v5).error().reason, Reason::quota_exceeded);

  Subscribe many{
      .packet_id = 1, .filters = std::vector<Filter>(filters_max + 1, Filter{.text = "a"}), .properties = {}};
  std::string wire;
  encode(wire, many, v3);
  EXPECT_EQ(decode_bytes(wire, v3).error().reason, Reason::quota_exceeded);
}

TEST(Packet, KnowsTheVersionOfARefusedConnect) {
  EXPECT_EQ(peek_version(bytes_of("0004 4d515454 05")), v5);
  EXPECT_EQ(peek_version(bytes_of("0004 4d515454 04 02")), v3);
  EXPECT_EQ(peek_version(bytes_of("0004 4d515454 03")), std::nullopt);
  EXPECT_EQ(peek_version(bytes_of("0004 4d51")), std::nullopt);
}

TEST(Properties, AreReadWhereTheyLie) {
  PropertyWriter writer;
  writer.number(Property::payload_format, 1)
      .number(Property::message_expiry_s, 70'000)
      .text(Property::content_type, "x/y");
  writer.user("a", "1").user("b", "2").text(Property::correlation_data, ByteView{"\0\xff", 2});
  const Properties read = writer.view();
  EXPECT_EQ(read.number(Property::payload_format), 1U);
  EXPECT_EQ(read.number(Property::message_expiry_s), 70'000U);
  EXPECT_EQ(read.number(Property::topic_alias), std::nullopt);
  EXPECT_EQ(read.text(Property::content_type), "x/y");
  EXPECT_EQ(read.text(Property::correlation_data), (ByteView{"\0\xff", 2}));
  EXPECT_EQ(read.user(1)->second, "2");
  EXPECT_FALSE(read.user(2).has_value());
  const std::string forwarded = properties_to_forward(read);
  EXPECT_EQ(Properties{forwarded}.number(Property::message_expiry_s), std::nullopt);
  EXPECT_EQ(Properties{forwarded}.user(0)->first, "a");
}

}  // namespace
}  // namespace salus::mqtt
