#include "app/api/common.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

asio::awaitable<Result<Response>> list(ApiContext& context, const Request& request) {
  const Result<std::optional<Time>> from = query_time(request, "from");
  const Result<std::optional<Time>> to = query_time(request, "to");
  const Result<std::size_t> limit = page_limit(request);
  if (!from) co_return fail(from.error());
  if (!to) co_return fail(to.error());
  if (!limit) co_return fail(limit.error());
  Result<guard::AuditPage> found = co_await context.audit_page(
      {.from = *from, .to = *to, .limit = *limit, .cursor = std::string(request.query("cursor").value_or(""))});
  if (!found) co_return fail(std::move(found.error()));
  co_return http::json_response(200, page(std::move(found->items), found->next, found->total));
}

}  // namespace

void add_audit(http::Router& router, ApiContext& context) {
  std::vector<http::QueryParameter> queries = page_queries();
  queries.push_back({"from", "Not before this instant (RFC 3339)"});
  queries.push_back({"to", "Before this instant (RFC 3339)"});
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/audit",
                         .access = http::Access::may(guard::Action::see_audit),
                         .summary = "Who did what, newest first",
                         .handler = with(context, list),
                         .queries = std::move(queries),
                         .request = nullptr,
                         .response = "{items: [{time, actor, action, target, outcome, peer, detail}], next, total}"});
}

}  // namespace salus::app
