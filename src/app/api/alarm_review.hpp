// The part of /api/alarms that reads the whole history.
#pragma once

#include "app/api/ward_context.hpp"

namespace salus::app {

// Whether a question for alarms asks for more than the list of those in memory.
bool is_review(const http::Request& request);

// Answers it: newest first by the time of raising.
asio::awaitable<Result<http::Response>> review_alarms(WardContext& context, const http::Request& request);

// GET /api/alarms/burden.
void add_alarm_review(http::Router& router, WardContext& context);

}  // namespace salus::app
