// What the API's resources need, one file each. Everything here outlives the router.
#pragma once

#include <functional>

#include "base/time.hpp"
#include "guard/accounts.hpp"
#include "guard/audit_trail.hpp"
#include "guard/authority.hpp"
#include "guard/directory.hpp"
#include "guard/pins.hpp"
#include "guard/stations.hpp"
#include "http/router.hpp"

namespace salus::app {

namespace asio = boost::asio;

struct ApiContext {
  guard::Authority& authority;
  const guard::Directory& directory;
  guard::Accounts& accounts;
  guard::Pins& pins;
  guard::Stations& stations;
  const Clock& clock;
  // AuditTrail::query on the thread of the audit partition's host.
  std::function<asio::awaitable<Result<guard::AuditPage>>(guard::AuditQuery)> audit_page;
};

void add_sessions(http::Router& router, ApiContext& context);
void add_users(http::Router& router, ApiContext& context);
void add_tokens(http::Router& router, ApiContext& context);
void add_stations(http::Router& router, ApiContext& context);
void add_audit(http::Router& router, ApiContext& context);

}  // namespace salus::app
