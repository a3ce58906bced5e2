// What an MQTT gate has done since it was built; `connections` is what is open now.
#pragma once

#include <atomic>
#include <cstdint>

namespace salus::mqtt {

template <class Number>
struct BasicCounters {
  Number connections{};
  Number accepted{};
  Number refused_connections{};  // not let in: full, bad credentials, bad CONNECT
  Number failed_handshakes{};
  Number publishes{};           // taken by the intake
  Number publish_bytes{};       // topics and payloads of these
  Number refused_publishes{};   // not allowed on their topic
  Number unstored_publishes{};  // the intake said no
  Number acknowledged{};        // PUBACKs that say success
  Number delivered{};           // messages written to subscribers
  Number dropped{};             // QoS 0 messages that a slow subscriber did not get, and messages too large or expired
  Number slow_subscribers{};    // disconnected for it
  Number takeovers{};
  Number timeouts{};         // connections that a deadline ended
  Number protocol_errors{};  // connections that a bad packet ended
};

using CounterValues = BasicCounters<std::uint64_t>;

// Threads: any.
struct Counters : BasicCounters<std::atomic<std::uint64_t>> {
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
    counter.fetch_add(by, std::memory_order_relaxed);
  }
  CounterValues values() const {
    return {connections,   accepted,          refused_connections, failed_handshakes, publishes,
            publish_bytes, refused_publishes, unstored_publishes,  acknowledged,      delivered,
            dropped,       slow_subscribers,  takeovers,           timeouts,          protocol_errors};
  }
};

}  // namespace salus::mqtt
