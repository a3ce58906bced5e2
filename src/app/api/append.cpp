#include "app/api/sight.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

asio::awaitable<Result<view::Answer>> append_if_seen(WardContext& context, const guard::Caller& caller, log::Kind kind,
                                                     json::object body) {
  if (!caller.station.empty()) {
    body["station"] = caller.station;
    const auto may = co_await context.core.records().read(
        [core = &context.core, caller, kind, body] { return may_act(*core, caller, kind, body); });
    if (!may) co_return fail(may.error());
    if (!*may) co_return fail(ErrorCode::forbidden, "This does not concern the ward of this station.");
  }
  co_return co_await context.core.submit({kind, 1, json_text(body), 0});
}

}  // namespace

asio::awaitable<Result<view::Answer>> append(WardContext& context, const http::Request& request, log::Kind kind,
                                             json::object body, std::string target) {
  const guard::Caller& caller = caller_of(request);
  body["by"] = caller.id;
  Result<view::Answer> answer = co_await append_if_seen(context, caller, kind, std::move(body));
  context.audit.record({.actor = caller.id,
                        .action = std::string(log::kind::name(kind)),
                        .target = std::move(target),
                        .outcome = answer ? "ok" : "refused",
                        .peer = request.peer,
                        .detail = answer ? std::string{} : std::string(name(answer.error().code)),
                        .station = caller.station});
  co_return answer;
}

}  // namespace salus::app
