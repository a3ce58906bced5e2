#include "guard/recorder.hpp"

#include "base/json.hpp"
#include "log/kinds.hpp"

namespace salus::guard {

Result<void> dropped(Result<view::Answer> answer) {
  if (!answer) return fail(std::move(answer.error()));
  return {};
}

void Recorder::note(const Actor& actor, std::string_view action, std::string_view target, bool ok,
                    std::string_view station) {
  audit_.record({.actor = actor.id,
                 .action = std::string(action),
                 .target = std::string(target),
                 .outcome = ok ? "ok" : "refused",
                 .peer = actor.peer,
                 .detail = {},
                 .station = std::string(station)});
}

asio::awaitable<Result<view::Answer>> Recorder::append(Actor actor, log::Kind kind, json::object body,
                                                       std::string target) {
  body["by"] = actor.id;
  log::Draft draft{.kind = kind, .body = json_text(body)};
  Result<view::Answer> answer = co_await records_.submit(std::move(draft));
  std::optional<Error> refusal = answer ? std::move(answer->refusal) : std::nullopt;
  if (refusal) answer = fail(std::move(*refusal));
  note(actor, log::kind::name(kind), target, answer.has_value());
  co_return answer;
}

}  // namespace salus::guard
