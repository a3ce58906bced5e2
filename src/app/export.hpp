// `salus export`: a device's stored waves as files that other programs read, taken from a running server's API, so that
// its rights hold and nothing is stopped for it.
#pragma once

#include <string>
#include <vector>

#include "app/fleet.hpp"

namespace salus::app {

struct ExportOptions : FleetOptions {
  std::string device;
  std::string format = "edf";      // or "wfdb"
  std::string file;                // without extension
  std::vector<std::string> codes;  // of waves; empty: all
  std::string from, to;            // RFC 3339; empty: from the first, to the last sample
};

// Prints what it wrote; the process's exit code.
int export_command(const ExportOptions& options);

}  // namespace salus::app
