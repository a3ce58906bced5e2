// The review of alarms: the whole history by bed, rule, priority, state and time, and how many there were.
#include "app/api/alarm_review.hpp"

#include <charconv>

#include "app/alarm_place.hpp"
#include "app/api/sight.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;
using monitor::AlarmFilter;
using monitor::AlarmPosition;

constexpr int rounds_max = 20;
constexpr std::chrono::hours burden_max{366 * 24};

std::string cursor_text(AlarmPosition at) {
  return fmt::format("{}.{}", at.raised_ns, at.number);
}

Result<std::optional<AlarmPosition>> cursor_of(const Request& request) {
  const auto text = request.query("cursor");
  if (!text) return std::optional<AlarmPosition>{};
  AlarmPosition at;
  const char* const end = text->data() + text->size();
  const auto time = std::from_chars(text->data(), end, at.raised_ns);
  if (time.ec == std::errc{} && time.ptr != end && *time.ptr == '.') {
    const auto number = std::from_chars(time.ptr + 1, end, at.number);
    if (number.ec == std::errc{} && number.ptr == end) return std::optional{at};
  }
  return fail(ErrorCode::invalid, "'cursor' must be the \"next\" of the page before, of the same question.");
}

Result<AlarmFilter> filter_of(const Request& request) {
  AlarmFilter filter;
  const auto from = query_time(request, "from");
  const auto to = query_time(request, "to");
  if (!from) return fail(from.error());
  if (!to) return fail(to.error());
  if (*from) filter.from = std::max(**from, Time{});
  if (*to) filter.to = **to;
  if (filter.from >= filter.to) return fail(ErrorCode::invalid, "'from' must lie before 'to'.");
  filter.device = request.query("device").value_or("");
  filter.bed = request.query("bed").value_or("");
  if (const auto rule = request.query("rule")) {
    filter.rule = monitor::rule_from(*rule);
    if (!filter.rule) return fail(ErrorCode::invalid, "There is no rule '{}'.", *rule);
  }
  if (const auto priority = request.query("priority")) {
    filter.priority = monitor::priority_from(*priority);
    if (!filter.priority) return fail(ErrorCode::invalid, "'priority' is high, medium or low.");
  }
  return filter;
}

monitor::AlarmIndexCut cut_of(Core& core) {
  return {core.alarm_index().unsaved(), core.records().snapshot(core.alarm_index())};
}

// As it is now: in memory, or as it ended. Nothing when it left the memory and is not in the table yet.
std::optional<monitor::Alarm> whole(const monitor::Alarms& alarms, const view::TableReader& table,
                                    const monitor::IndexedAlarm& one) {
  if (const monitor::Alarm* found = alarms.find(one.id); found != nullptr && found->number == one.number) return *found;
  std::vector<monitor::Alarm> old = monitor::Alarms::history(table, one.number + 1, 1);
  if (old.empty() || old.front().number != one.number) return std::nullopt;
  return std::move(old.front());
}

Result<monitor::BurdenBy> burden_by(const Request& request) {
  const std::string_view by = request.query("by").value_or("bed");
  if (by == "bed") return monitor::BurdenBy::bed;
  if (by == "rule") return monitor::BurdenBy::rule;
  if (by == "hour") return monitor::BurdenBy::hour;
  return fail(ErrorCode::invalid, "'by' is bed, rule or hour.");
}

asio::awaitable<Result<Response>> burden(WardContext& context, const Request& request) {
  const auto by = burden_by(request);
  const auto from = query_time(request, "from");
  const auto to = query_time(request, "to");
  if (!by) co_return fail(by.error());
  if (!from) co_return fail(from.error());
  if (!to) co_return fail(to.error());
  const Time end = to->value_or(context.clock.now());
  const Time begin = std::max(from->value_or(end - std::chrono::hours{24}), Time{});
  if (begin >= end || end - begin > burden_max)
    co_return fail(ErrorCode::invalid, "'from' must lie before 'to', by at most 366 days.");
  const auto cut = co_await context.core.records().read([core = &context.core]() { return cut_of(*core); });
  if (!cut) co_return fail(cut.error());
  const auto rows = monitor::burden(*cut, begin, end, *by);
  if (!rows) co_return fail(rows.error());
  json::array items;
  std::size_t total = 0;
  for (const monitor::BurdenRow& row : *rows) {
    total += row.count();
    items.push_back({{"key", row.key},
                     {"count", row.count()},
                     {"high", row.of_priority[0]},
                     {"medium", row.of_priority[1]},
                     {"low", row.of_priority[2]}});
  }
  co_return http::json_response(200, json::object{{"by", request.query("by").value_or("bed")},
                                                  {"from", to_iso(begin)},
                                                  {"to", to_iso(end)},
                                                  {"total", total},
                                                  {"items", std::move(items)}});
}

}  // namespace

bool is_review(const Request& request) {
  for (const char* name : {"from", "to", "bed", "rule", "priority"})
    if (request.query(name)) return true;
  return request.query("device") && request.query("state").value_or("all") != "active";
}

asio::awaitable<Result<Response>> review_alarms(WardContext& context, const Request& request) {
  const Result<std::size_t> limit = page_limit(request);
  const auto filter = filter_of(request);
  const auto before = cursor_of(request);
  const std::string_view state = request.query("state").value_or("all");
  if (!limit) co_return fail(limit.error());
  if (!filter) co_return fail(filter.error());
  if (!before) co_return fail(before.error());
  if (state != "active" && state != "ended" && state != "all")
    co_return fail(ErrorCode::invalid, "'state' is active, ended or all.");
  const auto cut = co_await context.core.records().read([core = &context.core]() { return cut_of(*core); });
  if (!cut) co_return fail(cut.error());
  // What is of another state leaves room; some rounds fill it, and `next` says whether there is more.
  std::vector<monitor::Alarm> alarms;
  std::optional<AlarmPosition> next = *before;
  for (int round = 0; round < rounds_max && alarms.size() < *limit && (round == 0 || next); ++round) {
    const monitor::AlarmReview found = monitor::review(*cut, *filter, next, *limit - alarms.size());
    next = found.next;
    auto items = co_await context.core.records().read([core = &context.core, asked = found.items]() {
      const auto table = core->records().snapshot(core->alarms());
      std::vector<monitor::Alarm> out;
      for (const monitor::IndexedAlarm& one : asked)
        if (auto alarm = whole(core->alarms(), *table, one)) out.push_back(std::move(*alarm));
      return out;
    });
    if (!items) co_return fail(items.error());
    for (monitor::Alarm& alarm : *items)
      if (state == "all" || alarm.is_over() == (state == "ended")) alarms.push_back(std::move(alarm));
  }
  auto out = co_await context.core.records().read(
      [registry = &context.core.registry(), alarms = std::move(alarms), caller = caller_of(request)] {
        json::array rows;
        for (const monitor::Alarm& alarm : alarms)
          if (sees_alarm(*registry, caller, alarm)) rows.push_back(alarm_json(alarm, *registry));
        return rows;
      });
  if (!out) co_return fail(out.error());
  co_return http::json_response(200,
                                json::object{{"items", std::move(*out)},
                                             {"next", next ? json::value(cursor_text(*next)) : json::value(nullptr)},
                                             {"total", nullptr}});
}

void add_alarm_review(http::Router& router, WardContext& context) {
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/alarms/burden",
                         .access = http::Access::may(guard::Action::see_ward),
                         .summary = "How many alarms were raised, by bed, rule or hour",
                         .handler = with(context, burden),
                         .queries = {{"from", "First instant (RFC 3339); default a day before `to`"},
                                     {"to", "Instant after the last; default now"},
                                     {"by", "bed, rule or hour; default bed"}},
                         .request = nullptr,
                         .response = "{by, from, to, total, items: [{key, count, high, medium, low}]}"});
}

}  // namespace salus::app
