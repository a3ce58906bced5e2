// `salus sim`: simulated patients in real time, as devices of a running server.
#pragma once

#include <string>
#include <vector>

#include "app/fleet.hpp"

namespace salus::app {

struct SimOptions : FleetOptions {
  int beds = 16;                       // 1 to 1,000
  std::vector<std::string> scenarios;  // names or files; one after the other over the beds; none: all healthy
  double seconds = 0;                  // then it ends; 0: until it is stopped
  bool dense = false;                  // three ECG leads at 500 Hz and an arterial line in every bed
  std::string prefix = "sim-";         // before a number: the device's id
  std::string ward = "Simulation";
  int threads = 1;
};

// Prints what it did; the process's exit code.
int sim_command(const SimOptions& options);

// Names and titles of the scenarios that come with the program.
int list_scenarios();

}  // namespace salus::app
