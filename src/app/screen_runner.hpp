// Looks once a second at how wards are heard, and raises or ends the alarms about it.
#pragma once

#include "app/api/ward_context.hpp"
#include "app/screens.hpp"

namespace salus::app {

// Wards with a station or a rota are watched: others have not said that they rely on a screen. Runs until its
// io_context stops.
asio::awaitable<void> run_screen_watch(WardContext& context, ScreenLimits limits);

}  // namespace salus::app
