// Alarms: the list, and taking responsibility for one.
#include "app/alarm_place.hpp"
#include "app/api/alarm_review.hpp"
#include "app/api/sight.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

struct Listed {
  monitor::AlarmPage page;
  std::shared_ptr<const view::TableReader> table;
};

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  if (is_review(request)) co_return co_await review_alarms(context, request);
  const Result<std::size_t> limit = page_limit(request);
  const auto cursor = request.query_int("cursor", 0, INT64_MAX);
  if (!limit) co_return fail(limit.error());
  if (!cursor) co_return fail(cursor.error());
  const std::string_view state = request.query("state").value_or("all");
  if (state != "active" && state != "ended" && state != "all")
    co_return fail(ErrorCode::invalid, "'state' is active, ended or all.");
  monitor::AlarmQuery query{.state = state == "active"  ? monitor::AlarmState::active
                                     : state == "ended" ? monitor::AlarmState::ended
                                                        : monitor::AlarmState::all,
                            .device = std::string(request.query("device").value_or(""))};
  query.limit = *limit;
  if (*cursor) query.before = static_cast<std::uint64_t>(**cursor);
  const bool with_history = query.state != monitor::AlarmState::active && query.device.empty();
  auto listed = co_await context.core.records().read([core = &context.core, query, with_history]() {
    return Listed{core->alarms().list(query), with_history ? core->records().snapshot(core->alarms()) : nullptr};
  });
  if (!listed) co_return fail(listed.error());
  std::vector<monitor::Alarm> alarms = std::move(listed->page.items);
  bool more = listed->page.more;
  // Alarms that have left the memory follow those in it.
  if (!more && listed->table && alarms.size() < *limit) {
    const std::uint64_t before = alarms.empty() ? query.before : alarms.back().number;
    auto older = monitor::Alarms::history(*listed->table, before, *limit - alarms.size() + 1);
    std::erase_if(older, [&](const monitor::Alarm& alarm) {
      return std::ranges::any_of(alarms, [&](const monitor::Alarm& a) { return a.id == alarm.id; });
    });
    more = older.size() > *limit - alarms.size();
    for (monitor::Alarm& alarm : older)
      if (alarms.size() < *limit) alarms.push_back(std::move(alarm));
  }
  const std::string next = more && !alarms.empty() ? std::to_string(alarms.back().number) : std::string{};
  auto items = co_await context.core.records().read(
      [registry = &context.core.registry(), alarms = std::move(alarms), caller = caller_of(request)] {
        json::array out;
        for (const monitor::Alarm& alarm : alarms)
          if (sees_alarm(*registry, caller, alarm)) out.push_back(alarm_json(alarm, *registry));
        return out;
      });
  if (!items) co_return fail(items.error());
  co_return http::json_response(200, page(std::move(*items), next, listed->page.total));
}

asio::awaitable<Result<Response>> acknowledge(WardContext& context, const Request& request) {
  const Result<json::object> body = request.body.empty() ? Result<json::object>{json::object{}} : request.json();
  if (!body) co_return fail(body.error());
  const std::string id = request.param("id");
  json::object entry{{"id", id}};
  if (const json::value* version = body->if_contains("version"); version != nullptr && !version->is_null()) {
    if (!version->is_int64()) co_return fail(ErrorCode::invalid, "'version' is a whole number.");
    entry["version"] = *version;
  }
  const auto answer = co_await append(context, request, log::kind::alarm_acknowledged, std::move(entry), id);
  if (!answer) co_return fail(answer.error());
  const auto alarm = co_await context.core.records().read([core = &context.core, id]() -> std::optional<json::object> {
    const monitor::Alarm* found = core->alarms().find(id);
    return found != nullptr ? std::optional{alarm_json(*found, core->registry())} : std::nullopt;
  });
  if (!alarm) co_return fail(alarm.error());
  if (!*alarm) co_return fail(ErrorCode::not_found, "Alarm '{}' is not in memory any more.", id);
  co_return http::json_response(200, **alarm);
}

}  // namespace

void add_alarms(http::Router& router, WardContext& context) {
  std::vector<http::QueryParameter> queries = page_queries();
  queries.push_back({"state", "active, ended or all; default all"});
  queries.push_back({"device", "Of one device"});
  for (const char* name : {"bed", "rule", "priority"}) queries.push_back({name, "Only these"});
  queries.push_back({"from", "Raised from then on (RFC 3339)"});
  queries.push_back({"to", "Raised before"});
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/alarms",
                         .access = http::Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "Alarms, newest first",
                         .handler = with(context, list),
                         .queries = std::move(queries),
                         .request = nullptr,
                         .response = "{items: [alarm], next, total}"});
  add_alarm_review(router, context);
  router.add(http::Route{.method = http::Method::post,
                         .pattern = "/api/alarms/{id}/acknowledge",
                         .access = http::Access::may(guard::Action::acknowledge).by_person_at_stations(),
                         .summary = "Take responsibility for an alarm; the bedside is not silenced",
                         .handler = with(context, acknowledge),
                         .queries = {},
                         .request = "{version?}",
                         .response = "alarm"});
}

}  // namespace salus::app
