// What strangers send: each is answered in the protocol's own words, within bounded memory, and changes nothing.
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "base/digest.hpp"
#include "mqtt/server_test.hpp"

namespace salus::mqtt::testing {

std::string say(std::uint16_t port, ByteView bytes) {
  asio::io_context context;
  asio::ip::tcp::socket socket{context};
  socket.connect({asio::ip::address_v4::loopback(), port});
  std::string heard;
  bool closed = false;
  asio::async_write(socket, asio::buffer(bytes.data(), bytes.size()), [](const auto&, std::size_t) {});
  asio::async_read(socket, asio::dynamic_buffer(heard), [&](const auto&, std::size_t) { closed = true; });
  context.run_for(seconds{20});
  return closed ? to_hex(heard) : "open";
}

namespace {

std::string hex(std::string_view text) {
  std::string dense;
  for (const char c : text)
    if (c != ' ') dense.push_back(c);
  return from_hex(dense).value();
}

std::string connect_as(std::string_view id, Version version, std::string_view password = "key") {
  std::string wire;
  encode(wire, Connect{.version = version, .client_id = id, .user_name = id, .password = password});
  return wire;
}

TEST(Hostile, StrangersAreRefusedInTheirOwnWords) {
  Gate gate;
  struct Row {
    const char* what;
    std::string sent;
    const char* heard;
  };
  std::string other_client_id;
  encode(other_client_id,
         Connect{.version = Version::v5, .client_id = "mon-2", .user_name = "mon-1", .password = "key"});
  std::string no_client_id;
  encode(no_client_id, Connect{.version = Version::v5, .user_name = "mon-1", .password = "key"});
  std::string kept_without_name;
  encode(kept_without_name, Connect{.clean_start = false, .user_name = "ward", .password = "token"});
  std::string will_qos2;
  encode(will_qos2, Connect{.version = Version::v5,
                            .client_id = "mon-1",
                            .user_name = "mon-1",
                            .password = "key",
                            .will = Will{.qos = 2, .topic = "devices/mon-1/x"}});
  std::string will_elsewhere;
  encode(will_elsewhere, Connect{.version = Version::v5,
                                 .client_id = "mon-1",
                                 .user_name = "mon-1",
                                 .password = "key",
                                 .will = Will{.topic = "devices/mon-2/x"}});
  PropertyWriter method;
  method.text(Property::authentication_method, "SCRAM");
  std::string with_method;
  encode(with_method, Connect{.version = Version::v5, .client_id = "mon-1", .properties = method.view()});
  const Row rows[] = {
      {"five-byte length", hex("10 ff ff ff ff 01"), ""},
      {"not CONNECT, 256 MB", hex("30 ff ff ff 7f"), ""},
      {"not CONNECT, one byte", hex("c0"), ""},
      {"CONNECT of 256 MB, 5.0", hex("10 ff ff ff 7f 0004 4d515454 05"),
       "20030095"
       "00"},
      {"CONNECT of 256 MB, 3.1.1", hex("10 ff ff ff 7f 0004 4d515454 04"), ""},
      {"HTTP", "GET / HTTP/1.1\r\n\r\n", ""},
      {"TLS hello", hex("16 03 01 00 05 01 00 00 01 00"), ""},
      {"unknown version", hex("10 0c 0004 4d515454 06 02 003c 0000"), "20020001"},
      {"wrong password, 3.1.1", connect_as("mon-1", Version::v311, "guess"), "20020004"},
      {"wrong password, 5.0", connect_as("mon-1", Version::v5, "guess"), "2003008600"},
      {"client id #", connect_as("#", Version::v5), "2003008500"},
      {"client id +", connect_as("+", Version::v311), "20020002"},
      {"client id ../", connect_as("../", Version::v5), "2003008500"},
      {"client id of another", other_client_id, "2003008500"},
      {"device without client id", no_client_id, "2003008500"},
      {"kept session without name", kept_without_name, "20020002"},
      {"will QoS 2", will_qos2, "2003009b00"},
      {"will elsewhere", will_elsewhere, "2003008700"},
      {"authentication method", with_method, "2003008c00"},
  };
  for (const Row& row : rows) EXPECT_EQ(say(gate.port, row.sent), row.heard) << row.what;
  EXPECT_EQ(gate.intake.count(), 0U);
}

TEST(Hostile, BadPacketsEndTheSessionWithTheirReason) {
  Gate gate{Limits{.packet_bytes_max = 100'000}};
  struct Row {
    const char* what;
    std::string sent;
    std::uint8_t reason;
  };
  std::string users;
  PropertyWriter properties;
  for (int i = 0; i < 9'000; ++i) properties.user("k", "v");
  encode(users, Publish{.topic = "devices/mon-1/x", .properties = properties.view()}, Version::v5);
  const Row rows[] = {
      {"five-byte length", hex("30 ff ff ff ff 01"), 0x81},
      {"too large", hex("30 ff ff ff 7f"), 0x95},
      {"second CONNECT", connect_as("mon-1", Version::v5), 0x82},
      {"CONNACK from a client", hex("20 03 00 00 00"), 0x82},
      {"AUTH", hex("f0 00"), 0x82},
      {"empty topic", hex("30 03 0000 00"), 0x82},
      {"NUL in topic", hex("30 05 0002 6100 00"), 0x81},
      {"bad UTF-8 in topic", hex("30 05 0002 c080 00"), 0x81},
      {"wildcard in topic", hex("30 04 0001 23 00"), 0x90},
      {"QoS 2", hex("34 06 0001 61 0001 00"), 0x9B},
      {"QoS 3", hex("36 06 0001 61 0001 00"), 0x81},
      {"retain", hex("31 04 0001 61 00"), 0x9A},
      {"alias 0", hex("30 07 0001 61 03 230000"), 0x94},
      {"alias over the maximum", hex("30 07 0001 61 03 230011"), 0x94},
      {"alias never set", hex("30 06 0000 03 230001"), 0x82},
      {"subscription identifier", hex("82 09 0001 02 0b01 0001 61 00"), 0xA1},
      {"PUBACK for nothing", hex("40 02 0001"), 0x82},
      {"PUBREC for nothing", hex("50 02 0001"), 0x82},
      {"too many user properties", users, 0x97},
      {"session expiry raised", hex("e0 07 00 05 1100000001"), 0x82},
  };
  const std::string hello = connect_as("mon-1", Version::v5);
  for (const Row& row : rows) {
    const std::string heard = say(gate.port, hello + row.sent);
    const std::string wanted = "e001" + to_hex(ByteView{reinterpret_cast<const char*>(&row.reason), 1});
    EXPECT_TRUE(heard.starts_with("20") && heard.ends_with(wanted)) << row.what << ": " << heard;
  }
  // 3.1.1 has no such words: CONNACK, and then the close.
  for (const Row& row : {rows[0], rows[1], rows[4]})
    EXPECT_EQ(say(gate.port, connect_as("mon-1", Version::v311) + row.sent), "20020000") << row.what;
  EXPECT_EQ(say(gate.port, connect_as("mon-1", Version::v311) + hex("34 05 0001 61 0001")), "20020000");
  EXPECT_EQ(gate.intake.count(), 0U);
}

TEST(Hostile, ReceiveMaximumHolds) {
  Gate gate{Limits{.receive_maximum = 64}};
  gate.intake.hold();
  std::string wire = connect_as("mon-1", Version::v5);
  for (std::uint16_t i = 1; i <= 65; ++i)
    encode(wire, Publish{.qos = 1, .packet_id = i, .topic = "devices/mon-1/x"}, Version::v5);
  EXPECT_TRUE(say(gate.port, wire).ends_with("e00193"));
  EXPECT_EQ(gate.intake.count(), 64U);
}

TEST(Hostile, SlowHalfRequestsAreClosedAtTheDeadline) {
  Gate gate{Limits{.connect_within = milliseconds{200}}};
  for (const char* half : {"", "10", "10 0c 0004 4d51"}) EXPECT_EQ(say(gate.port, hex(half)), "") << half;
  EXPECT_EQ(gate.server.counters().timeouts, 3U);
}

TEST(Hostile, AliasesMayChangeWithinOneRead) {
  Gate gate;
  std::string wire = connect_as("mon-1", Version::v5);
  PropertyWriter alias;
  alias.number(Property::topic_alias, 1);
  for (const char* topic : {"devices/mon-1/a", "", "devices/mon-1/bb", "", "devices/mon-1/c"})
    encode(wire, Publish{.topic = topic, .payload = "x", .properties = alias.view()}, Version::v5);
  say(gate.port, wire + hex("e0 00"));
  std::vector<std::string> topics;
  for (const auto& each : gate.intake.taken()) topics.push_back(each.topic.substr(14));
  EXPECT_EQ(topics, (std::vector<std::string>{"a", "a", "bb", "bb", "c"}));
}

}  // namespace
}  // namespace salus::mqtt::testing
