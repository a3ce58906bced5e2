// Simulated patients in real time, as the devices of a server.
#pragma once

#include "sim/patient.hpp"
#include "sim/publisher.hpp"

namespace salus::sim {

// Sends a patient's messages as they come, until `publisher` is stopped. While the scenario has the network off, up to
// ten minutes are kept and sent afterwards, oldest first; what does not fit is lost, oldest first, as in a monitor.
asio::awaitable<void> live(Patient patient, Publisher& publisher, const Clock& clock);

}  // namespace salus::sim
