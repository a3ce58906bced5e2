// What one MQTT gate allows. Every wait, queue and buffer of the gate is bounded by a line of this table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace salus::mqtt {

struct Limits {
  // A CONNECT, and all that is buffered of a connection before one has come whole.
  std::size_t connect_bytes_max = 4096;
  // Any later packet, fixed header included; announced to 5.0 clients. A longer one ends the connection with 0x95.
  std::size_t packet_bytes_max = 256 * 1024;
  // Over this a CONNECT is answered "quota exceeded" (3.1.1: "server unavailable") and closed ...
  std::size_t connections_max = 20'000;
  // ... and over this many more, connections are closed without an answer.
  std::size_t refusals_max = 64;
  // QoS 1 messages that a 5.0 client may have unacknowledged; announced, and more ends the connection with 0x93.
  // Real clients (mqtt.js) send more than they are told they may; what is pending is bounded below, by not reading.
  std::uint16_t receive_maximum = 65'535;
  // Messages and bytes taken and not durable yet. Over it, reading pauses until some are (one read may overshoot).
  std::size_t pending_messages_max = 1024;
  std::size_t pending_bytes_max = 1 << 20;
  // Messages of one connection: a bucket of `burst` that fills at `per_s`; reading pauses while it is empty. 0: off.
  std::uint32_t messages_per_s = 5000;
  std::uint32_t messages_burst = 5000;
  // Messages waiting for one subscriber. Over it QoS 0 is dropped and counted; QoS 1 ends the connection with 0x97.
  std::size_t outgoing_bytes_max = 1 << 20;
  // QoS 1 messages on the way to one subscriber, if it does not want fewer.
  std::uint16_t outgoing_window = 256;
  std::size_t filters_per_session_max = 64;
  std::uint16_t topic_alias_maximum = 16;

  milliseconds connect_within{10'000};        // TLS handshake and CONNECT, from accept on
  milliseconds write_within{10'000};          // any one write
  milliseconds store_within{30'000};          // the intake's answer to one batch
  milliseconds goodbye_within{1'000};         // the last packet and the peer's close
  milliseconds unacknowledged_within{5'000};  // 3.1.1: from a failed store to the close that makes the device resend
  seconds idle_max{3600};                     // silence of a client that asked for no keep alive
  milliseconds sweep_every{100};              // how often deadlines are looked at
};

}  // namespace salus::mqtt
