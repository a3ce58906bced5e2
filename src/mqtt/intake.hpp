// The door between the MQTT gate and what keeps its messages. The gate speaks the protocol; the intake makes durable.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "guard/authority.hpp"
#include "mqtt/done.hpp"
#include "mqtt/packet.hpp"

namespace salus::mqtt {

// Who is at the other end of a connection that was let in.
struct Session {
  std::uint64_t number = 0;  // of this connection; ascending, never reused while the process lives
  Version version = Version::v311;
  guard::Caller caller;
  std::string client_id;
  std::string peer;  // address
};

// One PUBLISH whose sender may publish to its topic. Views are good during the call that brings it.
struct Incoming {
  std::string_view topic;
  std::string_view payload;
  std::uint16_t packet_id = 0;
  bool qos1 = false;
  bool dup = false;
};

// Threads: any; the calls of one session come from one thread, in order.
class Intake {
 public:
  virtual ~Intake() = default;

  // Takes every message of one read, in order, before it returns, and copies what it keeps. Must not block.
  // `done` is called once, from any thread, when all of them are durable, or with why not: all or none.
  // The sender learns it as PUBACK: success; not_durable 0x83, rate_limited, unavailable and too_large 0x97,
  // forbidden 0x87, invalid 0x99 in 5.0; in 3.1.1 a failure gets no PUBACK, and the device keeps its data.
  virtual void take(const Session& who, std::span<const Incoming> messages, Done done) = 0;

  // A session began. After a takeover, came() of the new one may run before went() of the old one: compare numbers.
  virtual void came(const Session& who) {}
  // It ended; nothing of it comes later. `reason` is success when the client said goodbye.
  virtual void went(const Session& who, Reason reason) {}
};

}  // namespace salus::mqtt
