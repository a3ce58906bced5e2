// `salus demo`: eight simulated patients as MQTT clients over TLS. `salus replay`: recordings as devices.
#pragma once

#include "app/server.hpp"

namespace salus::app {

// Runs a coroutine that uses the server of this process from outside, through its gates, until `stop` is asked for.
class Demo {
 public:
  explicit Demo(Server& server);
  ~Demo();
  // Registers and binds the beds, then starts the patients on a thread of their own. Errors: those of the API.
  Result<void> start();

 private:
  Server& server_;
  struct Running;
  std::unique_ptr<Running> running_;
};

struct ReplayOptions {
  std::string server = "mqtts://127.0.0.1:8883";
  std::string api;    // http(s) URL, to register and bind the devices; empty: they exist
  std::string token;  // bearer, for the API
  std::string ca;
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
