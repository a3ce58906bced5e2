// `salus replay`: recordings as devices of a running server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/fleet.hpp"

namespace salus::app {

struct ReplayOptions : FleetOptions {
  std::string key;  // of the devices, when they exist; with the API: made
  std::vector<std::string> records;
  double speed = 1;
  bool loop = false;
  std::string start;   // RFC 3339; empty: now
  double seconds = 0;  // of each record; 0: all
  std::string prefix;  // before the record's name: the device's id
  std::uint16_t window = 20;
};

// Prints what it did; the process's exit code.
int replay_command(const ReplayOptions& options);

}  // namespace salus::app
