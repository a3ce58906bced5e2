#include "app/api/common.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

json::object describe(const ApiContext& context, const std::string& user_name) {
  const std::shared_ptr<const guard::User> user = context.directory.user(user_name);
  const char* pin = !user || user->pin_hash.empty() ? "none" : user->pin_locked ? "locked" : "set";
  return {{"user", user_name},
          {"roles", user ? role_names(user->roles) : json::array{}},
          {"display_name", user ? user->display_name : user_name},
          {"pin", pin}};
}

asio::awaitable<Result<Response>> create(ApiContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<std::string> user = required_string(*body, "user");
  Result<std::string> password = required_string(*body, "password");
  if (!user) co_return fail(std::move(user.error()));
  if (!password) co_return fail(std::move(password.error()));
  const Result<guard::IssuedToken> session =
      co_await context.accounts.open_session(*user, std::move(*password), request.peer);
  if (!session) co_return fail(session.error());
  json::object answer = describe(context, *user);
  answer["token"] = session->token;
  answer["expires"] = to_iso(session->expires);
  co_return http::json_response(201, answer);
}

asio::awaitable<Result<Response>> read(ApiContext& context, const Request& request) {
  if (caller_of(request).kind == guard::Caller::Kind::station) {
    const std::shared_ptr<const guard::Station> station = context.directory.station(caller_of(request).id);
    if (!station) co_return fail(ErrorCode::unauthenticated, "The station was revoked.");
    co_return http::json_response(
        200,
        {{"expires", nullptr}, {"station", {{"id", station->id}, {"name", station->name}, {"ward", station->ward}}}});
  }
  json::object answer = describe(context, caller_of(request).id);
  const std::shared_ptr<const guard::Token> token = context.directory.token(caller_of(request).token_id);
  answer["expires"] = token ? json::value(to_iso(token->expires)) : json::value(nullptr);
  co_return http::json_response(200, answer);
}

asio::awaitable<Result<Response>> end(ApiContext& context, const Request& request) {
  Result<void> done = co_await context.accounts.revoke_token(actor_of(request), caller_of(request).token_id);
  if (!done) co_return fail(std::move(done.error()));
  co_return http::empty_response(204);
}

asio::awaitable<Result<Response>> change_password(ApiContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<std::string> old_password = required_string(*body, "old");
  Result<std::string> new_password = required_string(*body, "new");
  if (!old_password) co_return fail(std::move(old_password.error()));
  if (!new_password) co_return fail(std::move(new_password.error()));
  Result<void> done = co_await context.accounts.change_password(actor_of(request), std::move(*old_password),
                                                                std::move(*new_password), caller_of(request).token_id);
  if (!done) co_return fail(std::move(done.error()));
  co_return http::empty_response(204);
}

asio::awaitable<Result<Response>> set_pin(ApiContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<std::string> password = required_string(*body, "password");
  Result<std::string> pin = required_string(*body, "pin");
  if (!password) co_return fail(std::move(password.error()));
  if (!pin) co_return fail(std::move(pin.error()));
  Result<void> done = co_await context.pins.set(actor_of(request), std::move(*password), std::move(*pin));
  if (!done) co_return fail(std::move(done.error()));
  co_return http::empty_response(204);
}

json::object text_members(std::initializer_list<std::string_view> names) {
  json::object properties;
  json::array required;
  for (const std::string_view name : names) {
    properties[name] = json::object{{"type", "string"}};
    required.emplace_back(name);
  }
  return {{"type", "object"}, {"required", required}, {"properties", properties}};
}

}  // namespace

void add_sessions(http::Router& router, ApiContext& context) {
  router.add(http::Route{.method = http::Method::post,
                         .pattern = "/api/sessions",
                         .access = http::Access::anyone(),
                         .summary = "Sign in by password",
                         .handler = with(context, create),
                         .queries = {},
                         .request = text_members({"user", "password"}),
                         .response = text_members({"token", "expires", "user", "display_name"}),
                         .success = 201,
                         .body_bytes_max = 4096});
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/sessions/current",
                         .access = http::Access::signed_in().seen_by_stations(),
                         .summary = "Who is signed in, and until when",
                         .handler = with(context, read),
                         .queries = {},
                         .request = nullptr,
                         .response = "{user, roles, display_name, expires, pin: none|set|locked}, or of a station "
                                     "{station: {id, name, ward}, expires: null}"});
  router.add(http::Route{.method = http::Method::del,
                         .pattern = "/api/sessions/current",
                         .summary = "Sign out: the token is revoked",
                         .handler = with(context, end),
                         .queries = {},
                         .request = nullptr,
                         .response = nullptr,
                         .success = 204});
  router.add(http::Route{.method = http::Method::put,
                         .pattern = "/api/me/password",
                         .summary = "Change one's own password; other tokens end",
                         .handler = with(context, change_password),
                         .queries = {},
                         .request = text_members({"old", "new"}),
                         .response = nullptr,
                         .success = 204,
                         .body_bytes_max = 4096});
  router.add(http::Route{.method = http::Method::put,
                         .pattern = "/api/me/pin",
                         .summary = "Set one's own PIN, by which one acts at stations; unlocks it",
                         .handler = with(context, set_pin),
                         .queries = {},
                         .request = text_members({"password", "pin"}),
                         .response = nullptr,
                         .success = 204,
                         .body_bytes_max = 4096});
}

}  // namespace salus::app
