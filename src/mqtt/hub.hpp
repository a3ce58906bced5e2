// What all connections of one gate share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "guard/authority.hpp"
#include "mqtt/broker.hpp"
#include "mqtt/counters.hpp"
#include "mqtt/intake.hpp"
#include "mqtt/limits.hpp"

namespace salus::mqtt {

class Core;

// Which connection a client id belongs to: the latest. Threads: any.
class Owners {
 public:
  struct Owner {
    std::shared_ptr<Core> core;
    std::uint64_t session = 0;
  };
  // Makes `next` the owner of `key` and returns who was it; that one has to go (MQTT-3.1.4-3).
  Owner enter(const std::string& key, Owner next);
  // No effect when another has taken over.
  void leave(const std::string& key, std::uint64_t session);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Owner> owners_;
};

// Lifetime: held by the server, its cores and connections. What the references name outlives all io_contexts' work.
struct Hub {
  Hub(guard::Authority& authority_, Intake& intake_, const Clock& clock_, const Limits& limits_)
      : authority(authority_), intake(intake_), clock(clock_), limits(limits_) {}

  guard::Authority& authority;
  Intake& intake;
  const Clock& clock;
  const Limits limits;
  Counters counters;
  Broker broker;
  Owners owners;
  std::atomic<std::uint64_t> next_session{1};
  std::atomic<bool> stopping{false};

  // Open connections, and a way to wait until there are none.
  std::atomic<std::size_t> open{0};
  std::mutex mutex;
  std::condition_variable changed;
  void one_left() {
    const std::scoped_lock lock{mutex};
    open.fetch_sub(1);
    changed.notify_all();
  }
};

}  // namespace salus::mqtt
