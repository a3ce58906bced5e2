#include "app/api/common.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

asio::awaitable<Result<Response>> create(ApiContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<std::string> name = required_string(*body, "name");
  const Result<std::int64_t> days = required_int(*body, "days");
  if (!name) co_return fail(std::move(name.error()));
  if (!days) co_return fail(days.error());
  const Result<guard::IssuedToken> issued =
      co_await context.accounts.issue_token(actor_of(request), std::move(*name), *days);
  if (!issued) co_return fail(issued.error());
  co_return http::json_response(201,
                                {{"id", issued->id}, {"token", issued->token}, {"expires", to_iso(issued->expires)}});
}

// Another's token looks like none to whoever may not manage users.
asio::awaitable<Result<Response>> remove(ApiContext& context, const Request& request) {
  const std::string& id = request.param("id");
  const std::shared_ptr<const guard::Token> token = context.directory.token(id);
  const bool own = token && token->user == caller_of(request).id;
  if (!own && !context.authority.permit(caller_of(request), guard::Action::manage_users, {}))
    co_return fail(ErrorCode::not_found, "You have no such token; it may have expired.");
  Result<void> done = co_await context.accounts.revoke_token(actor_of(request), id);
  if (!done) co_return fail(std::move(done.error()));
  co_return http::empty_response(204);
}

}  // namespace

void add_tokens(http::Router& router, ApiContext& context) {
  router.add(http::Route{.method = http::Method::post,
                         .pattern = "/api/tokens",
                         .summary = "A token for scripts, with the caller's roles; shown once",
                         .handler = with(context, create),
                         .queries = {},
                         .request = json::object{{"type", "object"},
                                                 {"required", {"name", "days"}},
                                                 {"properties",
                                                  {{"name", {{"type", "string"}, {"maxLength", 200}}},
                                                   {"days", {{"type", "integer"}, {"minimum", 1}, {"maximum", 366}}}}}},
                         .response = json::object{{"type", "object"},
                                                  {"properties",
                                                   {{"id", {{"type", "string"}}},
                                                    {"token", {{"type", "string"}}},
                                                    {"expires", {{"type", "string"}, {"format", "date-time"}}}}}},
                         .success = 201,
                         .body_bytes_max = 4096});
  router.add(http::Route{.method = http::Method::del,
                         .pattern = "/api/tokens/{id}",
                         .summary = "Revoke one's own token, or anybody's as administrator",
                         .handler = with(context, remove),
                         .queries = {},
                         .request = nullptr,
                         .response = nullptr,
                         .success = 204});
}

}  // namespace salus::app
