// Plays a recording into a server as the device that made it would have: frames of waves and readings of numbers, at
// their own times, at any speed, once or for ever.
#pragma once

#include "sim/publisher.hpp"
#include "sim/recording.hpp"

namespace salus::sim {

struct PlayOptions {
  double speed = 1;  // times real time; 0: as fast as the server takes it
  bool loop = false;
  Time start{};                       // device time of the recording's beginning; shifts all times
  milliseconds frame{500};            // length of a waveform frame
  std::int64_t limit_ns = INT64_MAX;  // of each round
};

// Returns once everything is acknowledged. Errors: those of Publisher::send.
asio::awaitable<Result<void>> play(const Recording& recording, Publisher& publisher, PlayOptions options);

// The messages of a recording between two instants, for play() and tests: [from, to) after the beginning.
// `sequence` counts on for each.
std::vector<std::pair<std::string, std::string>> messages_between(const Recording& recording, std::int64_t from_ns,
                                                                  std::int64_t to_ns, Time start,
                                                                  std::uint64_t& sequence);

}  // namespace salus::sim
