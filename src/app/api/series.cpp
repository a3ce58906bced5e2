// Stored signals: which there are, the latest value, a range, aggregates by step.
#include "app/api/series_read.hpp"
#include "app/api/sight.hpp"
#include "app/values.hpp"
#include "series/samples_binary.hpp"
#include "view/prefixed_table.hpp"

namespace salus::app {

using http::Request;
using http::Response;

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

}  // namespace

Result<device::Code> code_of(const Request& request) {
  const device::Code code = device::find_code(request.param("code"));
  if (code != device::no_code) return code;
  return fail(ErrorCode::not_found, "There is no code '{}'; GET /api/codes lists them.", request.param("code"));
}

asio::awaitable<Result<std::optional<Channel>>> find_channel(WardContext& context, std::string device,
                                                             device::Code code) {
  const series::ChannelKey key{std::move(device), device::info(code).mdc, 0};
  co_return co_await context.core.telemetry().read([core = &context.core, key, code]() -> std::optional<Channel> {
    const series::Store& store = core->telemetry_view().store();
    const auto channel = store.find(key);
    if (!channel) return std::nullopt;
    return Channel{code, store.summary(*channel), store.copy(*channel), core->telemetry_snapshot()};
  });
}

Result<series::Interval> interval_of(const Request& request, Time now) {
  const auto from = query_time(request, "from");
  const auto to = query_time(request, "to");
  if (!from) return fail(from.error());
  if (!to) return fail(to.error());
  const Time end = to->value_or(now + std::chrono::minutes{5});
  const Time begin = from->value_or(end - std::chrono::hours{1});
  if (begin >= end) return fail(ErrorCode::invalid, "'from' must lie before 'to'.");
  return series::Interval{ns_of(begin), ns_of(end)};
}

json::value milliseconds_of(std::int64_t ns) {
  if (ns % kMillisecond == 0) return ns / kMillisecond;
  return static_cast<double>(ns / kMillisecond) + static_cast<double>(ns % kMillisecond) / kMillisecond;
}

json::array step_json(device::Code code, const series::Step& step) {
  double power = 1;
  for (unsigned i = 0; i < device::info(code).scale; ++i) power *= 10;
  return {milliseconds_of(step.start_ns), step.stats.count, number_of(code, step.stats.min),
          number_of(code, step.stats.max), static_cast<double>(step.stats.sum) / step.stats.count / power};
}

namespace {

// What was asked for, but for a station no more than it may show.
asio::awaitable<Result<series::Interval>> seen_interval(WardContext& context, const Request& request) {
  Result<series::Interval> interval = interval_of(request, context.clock.now());
  if (!interval) co_return interval;
  const auto since = co_await seen_since(context, request, request.param("device"));
  if (!since) co_return fail(since.error());
  interval->from_ns = std::max(interval->from_ns, ns_of(*since));
  if (interval->from_ns >= interval->to_ns)
    co_return fail(ErrorCode::not_found, "Nothing of that time was measured where the device stands now.");
  co_return interval;
}

asio::awaitable<Result<Channel>> open(WardContext& context, const Request& request) {
  const auto code = code_of(request);
  if (!code) co_return fail(code.error());
  auto read = co_await find_channel(context, request.param("device"), *code);
  if (!read) co_return fail(read.error());
  if (!*read)
    co_return fail(ErrorCode::not_found, "Device '{}' has sent nothing under '{}'.", request.param("device"),
                   request.param("code"));
  co_return std::move(**read);
}

bool wants_binary(const Request& request) {
  return request.header("accept").find(series::samples_media_type) != std::string_view::npos;
}
Response binary_response(std::string bytes) {
  return http::text_response(200, series::samples_media_type, std::move(bytes));
}

asio::awaitable<Result<Response>> latest(WardContext& context, const Request& request) {
  const auto since = co_await seen_since(context, request, request.param("device"));
  if (!since) co_return fail(since.error());
  const auto channel = co_await open(context, request);
  if (!channel) co_return fail(channel.error());
  if (!channel->summary.latest || channel->summary.latest->time_ns < ns_of(*since))
    co_return fail(ErrorCode::not_found, "Nothing is stored under '{}' yet.", request.param("code"));
  const series::Sample& sample = *channel->summary.latest;
  co_return http::json_response(200,
                                json::object{{"t", milliseconds_of(sample.time_ns)},
                                             {"v", number_of(channel->code, sample.value)},
                                             {"unit", device::info(channel->code).unit},
                                             {"age_ms", (ns_of(context.clock.now()) - sample.time_ns) / kMillisecond}});
}

asio::awaitable<Result<Response>> range(WardContext& context, const Request& request) {
  auto interval = co_await seen_interval(context, request);
  const auto limit = request.query_int("limit", 1, series::QueryLimits::samples_max);
  const auto cursor = request.query_int("cursor", INT64_MIN, INT64_MAX);
  if (!interval) co_return fail(interval.error());
  if (!limit) co_return fail(limit.error());
  if (!cursor) co_return fail(cursor.error());
  if (*cursor) interval->from_ns = std::max(interval->from_ns, **cursor);
  const auto channel = co_await open(context, request);
  if (!channel) co_return fail(channel.error());
  const view::PrefixedTable table{*channel->table, std::string(monitor::Telemetry::series_prefix)};
  const auto found = series::range(table, channel->copy, *interval, static_cast<std::size_t>(limit->value_or(10'000)));
  if (!found) co_return fail(found.error());
  const device::CodeInfo& info = device::info(channel->code);
  if (wants_binary(request)) co_return binary_response(series::samples_binary(*found, info.scale, info.unit));
  json::array items;
  items.reserve(found->samples.size());
  for (const series::Sample& sample : found->samples)
    items.push_back(json::array{milliseconds_of(sample.time_ns), number_of(channel->code, sample.value)});
  co_return http::json_response(200, json::object{{"unit", device::info(channel->code).unit},
                                                  {"items", std::move(items)},
                                                  {"next", found->next_ns ? json::value(std::to_string(*found->next_ns))
                                                                          : json::value(nullptr)}});
}

asio::awaitable<Result<Response>> aggregate(WardContext& context, const Request& request) {
  const auto interval = co_await seen_interval(context, request);
  const auto step = request.query_int("step_ms", 1, std::int64_t{366} * 24 * 3600 * 1000);
  if (!interval) co_return fail(interval.error());
  if (!step) co_return fail(step.error());
  const std::int64_t step_ms = step->value_or(60'000);
  const auto channel = co_await open(context, request);
  if (!channel) co_return fail(channel.error());
  const view::PrefixedTable table{*channel->table, std::string(monitor::Telemetry::series_prefix)};
  const auto steps = series::aggregate(table, channel->copy, *interval, step_ms * kMillisecond);
  if (!steps) co_return fail(steps.error());
  json::array items;
  for (const series::Step& one : *steps) items.push_back(step_json(channel->code, one));
  co_return http::json_response(
      200, json::object{{"unit", device::info(channel->code).unit}, {"step_ms", step_ms}, {"items", std::move(items)}});
}

asio::awaitable<Result<Response>> picture(WardContext& context, const Request& request) {
  const auto interval = co_await seen_interval(context, request);
  const auto columns = request.query_int("columns", 1, series::QueryLimits::columns_max);
  if (!interval) co_return fail(interval.error());
  if (!columns) co_return fail(columns.error());
  const auto channel = co_await open(context, request);
  if (!channel) co_return fail(channel.error());
  const view::PrefixedTable table{*channel->table, std::string(monitor::Telemetry::series_prefix)};
  const auto drawn =
      series::picture(table, channel->copy, *interval, static_cast<std::size_t>(columns->value_or(1'920)));
  if (!drawn) co_return fail(drawn.error());
  const device::CodeInfo& info = device::info(channel->code);
  if (wants_binary(request)) co_return binary_response(series::picture_binary(*drawn, info.scale, info.unit));
  json::array items;
  items.reserve(drawn->columns.size());
  for (const series::Picture::Column& column : drawn->columns)
    items.push_back(json::array{column.index, column.count, number_of(channel->code, column.min),
                                number_of(channel->code, column.max)});
  co_return http::json_response(200, json::object{{"unit", info.unit},
                                                  {"start", milliseconds_of(drawn->start_ns)},
                                                  {"step_ms", milliseconds_of(drawn->step_ns)},
                                                  {"items", std::move(items)}});
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  const auto device = request.query("device");
  if (!device || device->empty()) co_return fail(ErrorCode::invalid, "Name the device: /api/series?device=monitor-7.");
  if (const auto since = co_await seen_since(context, request, std::string(*device)); !since)
    co_return fail(since.error());
  struct Row {
    series::ChannelKey key;
    series::ChannelSummary summary;
  };
  auto rows =
      co_await context.core.telemetry().read([telemetry = &context.core.telemetry_view(), id = std::string(*device)]() {
        std::vector<Row> out;
        const series::Store& store = telemetry->store();
        for (const series::ChannelKey& key : store.channels_of(id))
          if (const auto channel = store.find(key)) out.push_back({key, store.summary(*channel)});
        return out;
      });
  if (!rows) co_return fail(rows.error());
  json::array items;
  for (const Row& row : *rows) {
    const device::Code code = device::code_of_mdc(row.key.code);
    if (code == device::no_code) continue;
    items.push_back({{"device", row.key.device},
                     {"code", device::info(code).alias()},
                     {"instance", row.key.instance},
                     {"unit", device::info(code).unit},
                     {"count", row.summary.count},
                     {"late", row.summary.late},
                     {"first", to_iso(time_from_ns(row.summary.first_ns))},
                     {"last", row.summary.latest ? json::value(to_iso(time_from_ns(row.summary.latest->time_ns)))
                                                 : json::value(nullptr)}});
  }
  const std::uint64_t total = items.size();
  co_return http::json_response(200, page(std::move(items), {}, total));
}

}  // namespace

void add_series(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  const auto add = [&](const char* pattern, const char* summary, auto* handler,
                       std::vector<http::QueryParameter> queries, const char* response) {
    router.add(http::Route{.method = Method::get,
                           .pattern = pattern,
                           .access = Access::may(guard::Action::see_ward).seen_by_stations(),
                           .summary = summary,
                           .handler = with(context, handler),
                           .queries = std::move(queries),
                           .request = nullptr,
                           .response = response});
  };
  const http::QueryParameter from{"from", "First instant (RFC 3339); default an hour before `to`"},
      to{"to", "Instant after the last; default now"};
  add("/api/series", "A device's channels", list, {{"device", "Its id", "string", true}},
      "{items: [{device, code, instance, unit, count, late, first, last}], next, total}");
  add("/api/series/{device}/{code}/latest", "The newest sample", latest, {}, "{t, v, unit, age_ms}");
  add("/api/series/{device}/{code}/range", "Samples, ascending", range,
      {from, to, {"limit", "1 to 100000; default 10000", "integer"}, {"cursor", "The \"next\" of the page before"}},
      "{unit, items: [[t_ms, v]], next}");
  add("/api/series/{device}/{code}/aggregate", "Count, minimum, maximum and mean by step", aggregate,
      {from, to, {"step_ms", "Length of a step; default 60000", "integer"}},
      "{unit, step_ms, items: [[t_ms, count, min, max, mean]]}");
  add("/api/series/{device}/{code}/picture", "Least and greatest in columns, for drawing any length of time", picture,
      {from, to, {"columns", "About as many as pixels, 1 to 10000; default 1920", "integer"}},
      "{unit, start, step_ms, items: [[column, count, min, max]]}");
}

}  // namespace salus::app
