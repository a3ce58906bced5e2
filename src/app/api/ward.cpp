// The whole present state of the ward, as the live feed begins.
#include "app/api/ward_context.hpp"

namespace salus::app {
namespace {

asio::awaitable<Result<http::Response>> read(WardContext& context, const http::Request& request) {
  auto ward = co_await context.core.telemetry().read(
      [feed = &context.feed, caller = caller_of(request)] { return feed->ward(caller.ward, caller.station); });
  if (!ward) co_return fail(ward.error());
  co_return http::json_response(200, std::move(*ward));
}

}  // namespace

void add_ward(http::Router& router, WardContext& context) {
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/ward",
                         .access = http::Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "Sectors and active alarms",
                         .handler = with(context, read),
                         .queries = {},
                         .request = nullptr,
                         .response = "{sectors: [sector], alarms: [alarm]}"});
}

}  // namespace salus::app
