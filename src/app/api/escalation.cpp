// Who is told when nobody accepts an alarm: a rota for each ward, with who set it when and why.
#include "app/api/ward_context.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

json::object rota_json(const monitor::Rota& rota) {
  json::array steps;
  for (const monitor::RotaStep& step : rota.steps)
    steps.push_back({{"to", step.to}, {"high_s", step.after_s[0]}, {"medium_s", step.after_s[1]}});
  return {{"ward", rota.ward},
          {"steps", std::move(steps)},
          {"by", rota.by},
          {"reason", rota.reason},
          {"set", to_iso(rota.set)}};
}

asio::awaitable<Result<Response>> answer(WardContext& context,
                                         std::vector<monitor::Rota> (monitor::Alarms::*which)() const,
                                         std::string ward) {
  const auto rotas =
      co_await context.core.records().read([alarms = &context.core.alarms(), which] { return (alarms->*which)(); });
  if (!rotas) co_return fail(rotas.error());
  json::array items;
  for (const monitor::Rota& rota : *rotas)
    if (ward.empty() || rota.ward == ward) items.push_back(rota_json(rota));
  const std::uint64_t total = items.size();
  co_return http::json_response(200, page(std::move(items), {}, total));
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request&) {
  return answer(context, &monitor::Alarms::rotas, {});
}

asio::awaitable<Result<Response>> history(WardContext& context, const Request& request) {
  return answer(context, &monitor::Alarms::rota_changes, std::string(request.query("ward").value_or("")));
}

constexpr const char* kMembers[] = {"ward", "steps", "reason"};

asio::awaitable<Result<Response>> put(WardContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  json::object entry = members_of(*body, kMembers);
  std::string target = string_or(entry, "ward");
  const auto done = co_await append(context, request, log::kind::escalation_put, std::move(entry), std::move(target));
  if (!done) co_return fail(done.error());
  co_return co_await list(context, request);
}

}  // namespace

void add_escalation(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  constexpr const char* shown = "{items: [{ward, steps: [{to, high_s, medium_s}], by, reason, set}], next, total}";
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/escalation",
                         .access = Access::may(guard::Action::see_ward),
                         .summary = "The rota of each ward: who is told when nobody accepts an alarm, after how long",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = shown});
  router.add(http::Route{.method = Method::put,
                         .pattern = "/api/escalation",
                         .access = Access::may(guard::Action::set_limits),
                         .summary = "Set a ward's rota; without steps the ward does not escalate",
                         .handler = with(context, put),
                         .queries = {},
                         .request = "{ward, steps: [{to: user:NAME|role:NAME|station:ID, high_s, medium_s}], reason}",
                         .response = shown});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/escalation/history",
                         .access = Access::may(guard::Action::see_ward),
                         .summary = "Who set which rota, when and why, newest first",
                         .handler = with(context, history),
                         .queries = {{"ward", "Of this one"}},
                         .request = nullptr,
                         .response = shown});
}

}  // namespace salus::app
