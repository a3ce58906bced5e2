// Stations: screens that sign in as themselves. An administrator makes them; whoever stands at the screen pairs it.
#include "app/api/common.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

json::object to_answer(const guard::Station& station, Time now) {
  const bool waits = !station.code_digest.empty() && station.code_expires > now;
  return {{"id", station.id},
          {"name", station.name},
          {"ward", station.ward},
          {"created", to_iso(station.created)},
          {"paired", station.token_digest.empty() ? json::value(nullptr) : json::value(to_iso(station.paired))},
          {"code_expires", waits ? json::value(to_iso(station.code_expires)) : json::value(nullptr)}};
}

asio::awaitable<Result<Response>> list(ApiContext& context, const Request&) {
  const std::vector<std::shared_ptr<const guard::Station>> stations = context.directory.stations();
  json::array items;
  for (const auto& station : stations) items.push_back(to_answer(*station, context.clock.now()));
  co_return http::json_response(200, page(std::move(items), {}, stations.size()));
}

asio::awaitable<Result<Response>> answer(ApiContext& context, int status, Result<guard::PairingCode> made) {
  if (!made) co_return fail(std::move(made.error()));
  const std::shared_ptr<const guard::Station> station = context.directory.station(made->id);
  if (!station) co_return fail(ErrorCode::conflict, "The station was revoked meanwhile.");
  json::object body = to_answer(*station, context.clock.now());
  body["code"] = made->code;
  co_return http::json_response(status, body);
}

asio::awaitable<Result<Response>> create(ApiContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<std::string> name = required_string(*body, "name");
  Result<std::string> ward = required_string(*body, "ward");
  if (!name) co_return fail(std::move(name.error()));
  if (!ward) co_return fail(std::move(ward.error()));
  co_return co_await answer(context, 201,
                            co_await context.stations.create(actor_of(request), std::move(*name), std::move(*ward)));
}

asio::awaitable<Result<Response>> new_code(ApiContext& context, const Request& request) {
  co_return co_await answer(context, 200, co_await context.stations.new_code(actor_of(request), request.param("id")));
}

asio::awaitable<Result<Response>> rename(ApiContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<std::string> name = required_string(*body, "name");
  if (!name) co_return fail(std::move(name.error()));
  Result<void> done = co_await context.stations.rename(actor_of(request), request.param("id"), std::move(*name));
  if (!done) co_return fail(std::move(done.error()));
  const std::shared_ptr<const guard::Station> station = context.directory.station(request.param("id"));
  if (!station) co_return fail(ErrorCode::conflict, "The station was revoked meanwhile.");
  co_return http::json_response(200, to_answer(*station, context.clock.now()));
}

asio::awaitable<Result<Response>> revoke(ApiContext& context, const Request& request) {
  Result<void> done = co_await context.stations.revoke(actor_of(request), request.param("id"));
  if (!done) co_return fail(std::move(done.error()));
  co_return http::empty_response(204);
}

asio::awaitable<Result<Response>> pair(ApiContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<std::string> code = required_string(*body, "code");
  if (!code) co_return fail(std::move(code.error()));
  const Result<guard::PairedStation> paired = co_await context.stations.pair(std::move(*code), request.peer);
  if (!paired) co_return fail(paired.error());
  const guard::Station& station = *paired->station;
  co_return http::json_response(201,
                                {{"token", paired->token},
                                 {"expires", nullptr},
                                 {"station", {{"id", station.id}, {"name", station.name}, {"ward", station.ward}}}});
}

}  // namespace

void add_stations(http::Router& router, ApiContext& context) {
  using http::Access, http::Method;
  const auto access = Access::may(guard::Action::manage_users);
  constexpr const char* shown = "{id, name, ward, created, paired, code_expires}";
  const auto add = [&](Method method, const char* pattern, const char* summary, auto* handler, json::value request,
                       json::value response, int success) {
    router.add(http::Route{.method = method,
                           .pattern = pattern,
                           .access = access,
                           .summary = summary,
                           .handler = with(context, handler),
                           .queries = {},
                           .request = std::move(request),
                           .response = std::move(response),
                           .success = success,
                           .body_bytes_max = 4096});
  };
  add(Method::get, "/api/stations", "The stations, by id", list, nullptr, "{items: [station], next, total}", 200);
  add(Method::post, "/api/stations", "Make a station for a ward; its pairing code is shown once", create,
      "{name, ward}", "{id, name, ward, created, paired, code, code_expires}", 201);
  add(Method::put, "/api/stations/{id}", "Rename a station", rename, "{name}", shown, 200);
  add(Method::post, "/api/stations/{id}/code", "A new pairing code, for another screen", new_code, nullptr,
      "{id, name, ward, created, paired, code, code_expires}", 200);
  add(Method::del, "/api/stations/{id}", "Revoke a station; its screen is out at once", revoke, nullptr, nullptr, 204);
  router.add(http::Route{.method = Method::post,
                         .pattern = "/api/stations/pair",
                         .access = Access::anyone(),
                         .summary = "Be the station whose code this is; the token does not expire",
                         .handler = with(context, pair),
                         .queries = {},
                         .request = "{code}",
                         .response = "{token, expires: null, station: {id, name, ward}}",
                         .success = 201,
                         .body_bytes_max = 4096});
}

}  // namespace salus::app
