// Beds whose alarms are not heard or not signalled, and after how long an acknowledged alarm is heard again.
#include <span>

#include "app/api/ward_context.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  const auto pauses =
      co_await context.core.records().read([pauses = &context.core.pauses()] { return pauses->list(); });
  if (!pauses) co_return fail(pauses.error());
  json::array items;
  for (const monitor::PausedBed& one : *pauses) {
    if (!caller_of(request).sees(one.ward)) continue;
    json::object item = pause_json(one.pause);
    item["ward"] = one.ward;
    item["bed"] = one.bed;
    items.push_back(std::move(item));
  }
  co_return http::json_response(200, json::object{{"items", std::move(items)}});
}

// `members` outlive the coroutine.
constexpr const char* kPauseMembers[] = {"ward", "bed", "what", "until", "reason"};
constexpr const char* kResumeMembers[] = {"ward", "bed", "what"};
constexpr const char* kSettingsMembers[] = {"remind_high_s", "remind_medium_s", "remind_low_s", "reason"};

asio::awaitable<Result<json::object>> change(WardContext& context, const Request& request, log::Kind kind,
                                             std::span<const char* const> members) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  const json::object entry = members_of(*body, members);
  const std::string target = fmt::format("{}/{}", string_or(entry, "ward"), string_or(entry, "bed"));
  const auto answer = co_await append(context, request, kind, entry, target == "/" ? std::string{} : target);
  if (!answer) co_return fail(answer.error());
  co_return entry;
}

asio::awaitable<Result<Response>> pause(WardContext& context, const Request& request) {
  const auto done = co_await change(context, request, log::kind::alarms_paused, kPauseMembers);
  if (!done) co_return fail(done.error());
  co_return co_await list(context, request);
}

asio::awaitable<Result<Response>> resume(WardContext& context, const Request& request) {
  const auto done = co_await change(context, request, log::kind::alarms_resumed, kResumeMembers);
  if (!done) co_return fail(done.error());
  co_return co_await list(context, request);
}

asio::awaitable<Result<Response>> settings(WardContext& context, const Request&) {
  const auto found =
      co_await context.core.records().read([alarms = &context.core.alarms()] { return alarms->settings(); });
  if (!found) co_return fail(found.error());
  json::object out;
  for (std::size_t i = 0; i < monitor::priority_count; ++i)
    out[fmt::format("remind_{}_s", monitor::name(monitor::Priority(i)))] = found->remind_s[i];
  out["by"] = found->by;
  out["reason"] = found->reason;
  out["set"] = found->by.empty() ? json::value(nullptr) : json::value(to_iso(found->set));
  co_return http::json_response(200, std::move(out));
}

asio::awaitable<Result<Response>> set(WardContext& context, const Request& request) {
  const auto done = co_await change(context, request, log::kind::alarm_settings_put, kSettingsMembers);
  if (!done) co_return fail(done.error());
  co_return co_await settings(context, request);
}

}  // namespace

void add_pauses(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/pauses",
                         .access = Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "Beds whose alarms are paused or off",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = "{items: [{ward, bed, what, state, until, by, reason, set}]}"});
  router.add(http::Route{.method = Method::put,
                         .pattern = "/api/pauses",
                         .access = Access::may(guard::Action::set_limits).by_person_at_stations(),
                         .summary = "Pause the sound or the alarms of one bed; without an end: off",
                         .handler = with(context, pause),
                         .queries = {},
                         .request = "{ward, bed, what: audio|alarm, until?, reason}",
                         .response = "{items: [pause]}"});
  router.add(http::Route{.method = Method::post,
                         .pattern = "/api/pauses/end",
                         .access = Access::may(guard::Action::set_limits).by_person_at_stations(),
                         .summary = "End a pause",
                         .handler = with(context, resume),
                         .queries = {},
                         .request = "{ward, bed, what}",
                         .response = "{items: [pause]}"});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/alarm-settings",
                         .access = Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "After how long an acknowledged alarm that persists is heard again, by priority",
                         .handler = with(context, settings),
                         .queries = {},
                         .request = nullptr,
                         .response = "{remind_high_s, remind_medium_s, remind_low_s, by, reason, set}"});
  router.add(http::Route{.method = Method::put,
                         .pattern = "/api/alarm-settings",
                         .access = Access::may(guard::Action::set_limits),
                         .summary = "Set it; 0: never",
                         .handler = with(context, set),
                         .queries = {},
                         .request = "{remind_high_s?, remind_medium_s?, remind_low_s?, reason}",
                         .response = "{remind_high_s, remind_medium_s, remind_low_s, by, reason, set}"});
}

}  // namespace salus::app
