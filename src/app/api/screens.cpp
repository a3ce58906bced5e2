// The screens that are linked now, and whether they would be heard.
#include "app/api/ward_context.hpp"

namespace salus::app {
namespace {

asio::awaitable<Result<http::Response>> list(WardContext& context, const http::Request& request) {
  const Time now = context.clock.now();
  json::array items;
  for (const Screen& screen : context.screens.list(now)) {
    if (!caller_of(request).sees(screen.ward) && !screen.ward.empty()) continue;
    items.push_back({{"who", screen.who},
                     {"station", screen.is_station},
                     {"ward", screen.ward.empty() ? json::value(nullptr) : json::value(screen.ward)},
                     {"audible", screen.audible},
                     {"why", screen.why},
                     {"since", to_iso(screen.since)},
                     {"said_ms", std::chrono::duration_cast<milliseconds>(now - screen.heard).count()}});
  }
  const std::uint64_t total = items.size();
  co_return http::json_response(200, page(std::move(items), {}, total));
}

}  // namespace

void add_screens(http::Router& router, WardContext& context) {
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/screens",
                         .access = http::Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "Screens that are linked now, and whether they would be heard",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = "{items: [{who, station, ward, audible, why, since, said_ms}], next, total}"});
}

}  // namespace salus::app
