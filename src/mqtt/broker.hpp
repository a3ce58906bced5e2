// From one published message to everyone who subscribed to its topic, across connections and cores.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

#include "mqtt/topic_tree.hpp"

namespace salus::mqtt {

using SteadyTime = std::chrono::steady_clock::time_point;

// A message on its way to subscribers. Immutable, so connections on all cores share it.
struct Published {
  std::string topic;
  std::string payload;
  std::string properties;  // to forward, encoded (5.0)
  std::uint8_t qos = 0;
  std::uint64_t publisher = 0;  // session number
  std::optional<std::uint32_t> expiry_s;
  SteadyTime received{};

  std::size_t bytes() const { return sizeof *this + topic.size() + payload.size() + properties.size(); }
};

// What a subscription was granted.
struct Grant {
  std::uint8_t qos = 0;
  bool no_local = false;
};

// The receiving end of one session. Threads: any.
class Subscriber {
 public:
  Subscriber(std::uint64_t session, std::size_t bytes_max) : session_(session), bytes_max_(bytes_max) {}
  virtual ~Subscriber() = default;

  std::uint64_t session() const { return session_; }
  // Hands `message` to the session's own core. Must not block.
  virtual void deliver(std::shared_ptr<const Published> message, std::uint8_t qos) = 0;
  // There is no room for a QoS 1 message, and it cannot be left out: the session has to end.
  virtual void overflowed() = 0;
  virtual void dropped() = 0;

  // Room for `bytes` in what waits for this session; release() gives it back.
  bool reserve(std::size_t bytes) {
    if (waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
    release(bytes);
    return false;
  }
  void release(std::size_t bytes) { waiting_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  std::uint64_t session_;
  std::size_t bytes_max_;
  std::atomic<std::size_t> waiting_bytes_{0};
};

// Threads: any. Publishing takes the lock shared, subscribing alone; nothing under it blocks.
class Broker {
 public:
  // Requires a valid filter. A filter that the subscriber has already gets the new grant.
  void subscribe(const std::string& filter, const std::shared_ptr<Subscriber>& subscriber, Grant grant);
  void unsubscribe(const std::string& filter, const std::shared_ptr<Subscriber>& subscriber);

  // Whether anyone would get a message on `topic` now. Costs one load while nobody has subscribed to anything.
  bool is_wanted(ByteView topic) const;
  // Rises with every change, so that an answer of is_wanted() can be kept.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

  // To each session once, at the highest QoS that its matching subscriptions were granted (4.7, 3.3.4).
  void publish(const std::shared_ptr<const Published>& message) const;

 private:
  mutable std::shared_mutex mutex_;
  TopicTree<std::shared_ptr<Subscriber>, Grant> tree_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> revision_{1};
};

}  // namespace salus::mqtt
