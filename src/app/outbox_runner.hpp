// Performs telemetry's wishes: conditions become alarms in `records`, once what they rest on is durable. A wish that
// was performed twice is refused by its id; one that was not is found again after a restart.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "app/live_feed.hpp"

namespace salus::app {

// Runs until its io_context stops. `core` and `feed` outlive it.
asio::awaitable<void> run_outbox(Core& core, LiveFeed& feed);

}  // namespace salus::app
