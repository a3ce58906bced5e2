// What a small ward does in a bad week, at random: devices come and go, are bound and limited, send well and badly.
#pragma once

#include <random>

#include "meaning.hpp"

namespace salus::simulate {

using Random = std::mt19937_64;

// Threads: one. The same seed and calls give the same entries.
class Workload {
 public:
  explicit Workload(std::uint64_t seed) : random_(seed) {}

  Entry control(Time now);
  Entry messages(Time now);
  // What a sender still has after a life ended: the same bytes, flagged as perhaps sent before.
  static Entry again(const Messages& lost, Time now);
  void new_sessions() { ++session_; }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t chance) { return below(chance) == 0; }
  std::string any_device();
  Entry device_put();
  Entry binding_set(Time now);
  Entry limits_put();
  Sent reading(Time now);
  Sent malformed();
  Sent wave(Time now);
  Reading values(Time now, std::string& json);
  std::int64_t device_time(Time now);

  Random random_;
  std::uint64_t session_ = 1;
  std::uint64_t sequence_ = 0;
  std::uint16_t packet_id_ = 0;
  std::vector<Messages> sent_;  // of late, to be repeated
};

}  // namespace salus::simulate
