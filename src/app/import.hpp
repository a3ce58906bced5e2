// `salus import`: FHIR files into a running server's record. A Bundle that is a transaction or a batch goes in as it
// is; other Bundles and single resources are put under their ids, and NDJSON goes to $import in pieces.
#pragma once

#include <string>
#include <vector>

#include "app/fleet.hpp"

namespace salus::app {

struct ImportOptions : FleetOptions {
  std::vector<std::string> paths;  // files, or folders of *.json, *.ndjson, *.xml, each also with .bz2
  int connections = 4;
};

// Prints what was imported and what was refused; the process's exit code: 0 when everything went in.
int import_command(const ImportOptions& options);

}  // namespace salus::app
