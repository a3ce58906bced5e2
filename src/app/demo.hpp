// `salus demo`: a ward of sixteen simulated patients as MQTT clients over TLS.
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

}  // namespace salus::app
