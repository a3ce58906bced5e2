#include "app/api/ward_context.hpp"
#include "log/kinds.hpp"

namespace salus::app {

asio::awaitable<Result<view::Answer>> append(WardContext& context, const http::Request& request, log::Kind kind,
                                             json::object body, std::string target) {
  body["by"] = caller_of(request).id;
  Result<view::Answer> answer = co_await context.core.submit({kind, 1, json_text(body), 0});
  context.audit.record({.actor = caller_of(request).id,
                        .action = std::string(log::kind::name(kind)),
                        .target = std::move(target),
                        .outcome = answer ? "ok" : "refused",
                        .peer = request.peer,
                        .detail = answer ? std::string{} : std::string(name(answer.error().code))});
  co_return answer;
}

}  // namespace salus::app
