// One console on /ws/live: docs/formats/live-feed.md.
#pragma once

#include "app/api/ward_context.hpp"

namespace salus::app {

void add_live_socket(http::Router& router, WardContext& context);

// What every console hears now and then: the durable position, and once a second how the server is.
// Runs until its io_context stops.
asio::awaitable<void> run_announcements(WardContext& context);

}  // namespace salus::app
