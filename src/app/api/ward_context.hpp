// What the resources of the ward, its devices and its signals need beside ApiContext.
#pragma once

#include "app/api/common.hpp"
#include "app/core.hpp"
#include "app/live_feed.hpp"
#include "app/screens.hpp"
#include "guard/certificate_authority.hpp"

namespace salus::app {

// Everything here outlives the router.
struct WardContext {
  Core& core;
  LiveFeed& feed;
  LiveHub& hub;
  guard::Authority& authority;
  guard::Audit& audit;
  const guard::CertificateAuthority& certificate_authority;
  guard::Revocations& revocations;
  Screens& screens;
  const Clock& clock;
  Time started{};
};

template <class Function>
http::Handler with(WardContext& context, Function* function) {
  return [&context, function](const http::Request& request) { return function(context, request); };
}

// Appends a control entry and writes who did it into the audit. From a station the entry names it ("station") and
// concerns its ward, or is forbidden. Errors: that; those of the view that refused, and of the log.
asio::awaitable<Result<view::Answer>> append(WardContext& context, const http::Request& request, log::Kind kind,
                                             json::object body, std::string target);

void add_devices(http::Router& router, WardContext& context);
void add_certificates(http::Router& router, WardContext& context);
void add_bindings(http::Router& router, WardContext& context);
void add_beds(http::Router& router, WardContext& context);
void add_codes(http::Router& router, WardContext& context);
void add_series(http::Router& router, WardContext& context);
void add_patients(http::Router& router, WardContext& context);
void add_alarms(http::Router& router, WardContext& context);
void add_pauses(http::Router& router, WardContext& context);
void add_escalation(http::Router& router, WardContext& context);
void add_screens(http::Router& router, WardContext& context);
void add_scores(http::Router& router, WardContext& context);
void add_limits(http::Router& router, WardContext& context);
void add_ward(http::Router& router, WardContext& context);
void add_status(http::Router& router, WardContext& context);

}  // namespace salus::app
