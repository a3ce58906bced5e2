// Devices that a command runs against a server from outside: where the server is, and how each device is made known to
// it.
#pragma once

#include <string>

#include "base/error.hpp"
#include "mqtt/client.hpp"

namespace salus::app {

struct FleetOptions {
  std::string server = "mqtts://127.0.0.1:8883";
  std::string api;    // http(s) URL, to register and bind the devices; empty: they exist
  std::string token;  // bearer, for the API
  std::string ca;
};

// Takes addresses, token and CA from a running server's ready file. Errors: invalid.
Result<void> read_ready_file(const std::string& file, FleetOptions& options);

// Errors: invalid (no mqtt or mqtts address).
Result<mqtt::ServerAddress> server_of(const FleetOptions& options);

struct FleetDevice {
  std::string id;
  std::string name;
  std::string model;
  std::string bed;
  std::string ward;
  std::string patient_id;
  std::string label;
};

// Registers the device as a simulated one and binds it. Gives its key. Errors: those of call_api; forbidden (the token
// may not see keys).
Result<std::string> register_device(const FleetOptions& options, const FleetDevice& device);

}  // namespace salus::app
