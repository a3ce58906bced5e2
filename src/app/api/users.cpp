#include "app/api/common.hpp"
#include "guard/identities_json.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

json::object to_answer(const guard::User& user) {
  return {{"name", user.name},
          {"display_name", user.display_name},
          {"roles", role_names(user.roles)},
          {"enabled", user.enabled},
          {"created", to_iso(user.created)}};
}

// The cursor is the last name of the page before.
asio::awaitable<Result<Response>> list(ApiContext& context, const Request& request) {
  const Result<std::size_t> limit = page_limit(request);
  if (!limit) co_return fail(limit.error());
  const std::string after{request.query("cursor").value_or("")};
  const std::vector<std::shared_ptr<const guard::User>> users = context.directory.users();
  json::array items;
  std::string next;
  for (const auto& user : users) {
    if (user->name <= after) continue;
    if (items.size() == *limit) {
      next = string_or(items.back().get_object(), "name");
      break;
    }
    items.push_back(to_answer(*user));
  }
  co_return http::json_response(200, page(std::move(items), next, users.size()));
}

Result<guard::UserChange> change_from(const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) return fail(body.error());
  Result<std::string> display_name = required_string(*body, "display_name");
  Result<std::vector<guard::Role>> roles = guard::roles_from(*body);
  Result<std::optional<std::string>> password = optional_string(*body, "password");
  const Result<std::optional<bool>> enabled = optional_bool(*body, "enabled");
  if (!display_name) return fail(std::move(display_name.error()));
  if (!roles) return fail(std::move(roles.error()));
  if (!password) return fail(std::move(password.error()));
  if (!enabled) return fail(enabled.error());
  if (password->has_value() && password->value().empty())
    return fail(ErrorCode::invalid, "An empty password is none; leave it out to keep the old one.");
  return guard::UserChange{.name = request.param("name"),
                           .display_name = std::move(*display_name),
                           .roles = std::move(*roles),
                           .enabled = enabled->value_or(true),
                           .password = password->value_or("")};
}

asio::awaitable<Result<Response>> put(ApiContext& context, const Request& request) {
  Result<guard::UserChange> change = change_from(request);
  if (!change) co_return fail(std::move(change.error()));
  const Result<bool> created = co_await context.accounts.put_user(actor_of(request), std::move(*change));
  if (!created) co_return fail(created.error());
  const std::shared_ptr<const guard::User> user = context.directory.user(request.param("name"));
  if (!user) co_return fail(ErrorCode::conflict, "The user was removed meanwhile.");
  co_return http::json_response(*created ? 201 : 200, to_answer(*user));
}

asio::awaitable<Result<Response>> remove(ApiContext& context, const Request& request) {
  Result<void> done = co_await context.accounts.remove_user(actor_of(request), request.param("name"));
  if (!done) co_return fail(std::move(done.error()));
  co_return http::empty_response(204);
}

json::object schema(bool is_request) {
  json::object properties{
      {"display_name", {{"type", "string"}}},
      {"roles", {{"type", "array"}, {"items", {{"enum", {"administrator", "clinician", "engineer", "viewer"}}}}}},
      {"enabled", {{"type", "boolean"}}}};
  if (is_request) {
    properties["password"] = {{"type", "string"}, {"minLength", guard::kPasswordBytesMin}};
  } else {
    properties["name"] = {{"type", "string"}};
    properties["created"] = {{"type", "string"}, {"format", "date-time"}};
  }
  return {{"type", "object"}, {"required", {"display_name", "roles"}}, {"properties", properties}};
}

}  // namespace

void add_users(http::Router& router, ApiContext& context) {
  const auto access = http::Access::may(guard::Action::manage_users);
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/users",
                         .access = access,
                         .summary = "The users, by name",
                         .handler = with(context, list),
                         .queries = page_queries(),
                         .request = nullptr,
                         .response = "{items: [user], next, total}"});
  router.add(http::Route{.method = http::Method::put,
                         .pattern = "/api/users/{name}",
                         .access = access,
                         .summary = "Make or change a user; a new one needs a password",
                         .handler = with(context, put),
                         .queries = {},
                         .request = schema(true),
                         .response = schema(false),
                         .body_bytes_max = 8192});
  router.add(http::Route{.method = http::Method::del,
                         .pattern = "/api/users/{name}",
                         .access = access,
                         .summary = "Remove a user; the user's tokens end",
                         .handler = with(context, remove),
                         .queries = {},
                         .request = nullptr,
                         .response = nullptr,
                         .success = 204});
}

}  // namespace salus::app
