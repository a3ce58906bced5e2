// A patient's signals: those of the devices that were bound to them, for as long as they were. Series belong to a
// device's channel; nothing moves when a binding is corrected, only what is found here. Two sources of one vital stay
// two segments: they are never mixed.
#include <charconv>

#include "app/api/series_read.hpp"
#include "app/values.hpp"
#include "view/prefixed_table.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t segments_max = 1'000;

// What one device measured of the patient without a break.
struct Segment {
  device::Stay stay;
  series::Interval interval;
  std::optional<Channel> channel;
};

json::object segment_json(const Segment& segment) {
  return {{"device", segment.stay.device},
          {"bed", segment.stay.binding.bed},
          {"ward", segment.stay.binding.ward},
          {"from", to_iso(time_from_ns(segment.interval.from_ns))},
          {"to", to_iso(time_from_ns(segment.interval.to_ns))}};
}

asio::awaitable<Result<std::vector<device::Stay>>> stays_of(WardContext& context, const Request& request,
                                                            series::Interval interval) {
  auto stays = co_await context.core.records().read(
      [registry = &context.core.registry(), patient = request.param("patient"), interval] {
        return registry->stays(patient, time_from_ns(interval.from_ns), time_from_ns(interval.to_ns));
      });
  if (stays && stays->size() > segments_max)
    co_return fail(ErrorCode::too_large, "The interval holds more than {} stays; ask for a shorter one.", segments_max);
  co_return stays;
}

bool has_samples(const series::ChannelSummary& summary, const series::Interval& interval) {
  return summary.latest && summary.first_ns < interval.to_ns && summary.latest->time_ns >= interval.from_ns;
}

// Stays during which there are samples under the code, by start, then device.
asio::awaitable<Result<std::vector<Segment>>> segments_of(WardContext& context, const Request& request,
                                                          device::Code code, series::Interval interval) {
  auto stays = co_await stays_of(context, request, interval);
  if (!stays) co_return fail(stays.error());
  std::map<std::string, std::optional<Channel>> channels;
  std::vector<Segment> segments;
  for (device::Stay& stay : *stays) {
    if (!channels.contains(stay.device)) {
      auto found = co_await find_channel(context, stay.device, code);
      if (!found) co_return fail(found.error());
      channels.emplace(stay.device, std::move(*found));
    }
    const std::optional<Channel>& channel = channels.at(stay.device);
    const series::Interval part{ns_of(stay.binding.from), ns_of(*stay.binding.to)};
    if (channel && has_samples(channel->summary, part)) segments.push_back({std::move(stay), part, channel});
  }
  co_return segments;
}

struct Asked {
  device::Code code{};
  series::Interval interval;
};
Result<Asked> asked_of(WardContext& context, const Request& request) {
  const auto code = code_of(request);
  if (!code) return fail(code.error());
  const auto interval = interval_of(request, context.clock.now());
  if (!interval) return fail(interval.error());
  return Asked{*code, *interval};
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  const auto interval = interval_of(request, context.clock.now());
  if (!interval) co_return fail(interval.error());
  auto stays = co_await stays_of(context, request, *interval);
  if (!stays) co_return fail(stays.error());
  auto listed = co_await context.core.telemetry().read([core = &context.core, stays = std::move(*stays)] {
    const series::Store& store = core->telemetry_view().store();
    json::array items;
    for (const device::Stay& stay : stays) {
      const Segment segment{stay, {ns_of(stay.binding.from), ns_of(*stay.binding.to)}, {}};
      for (const device::CodeInfo& info : device::codes()) {
        const auto channel = store.find({stay.device, info.mdc, 0});
        if (!channel || !has_samples(store.summary(*channel), segment.interval)) continue;
        json::object item = segment_json(segment);
        item["code"] = info.alias();
        item["unit"] = info.unit;
        items.push_back(std::move(item));
      }
    }
    return items;
  });
  if (!listed) co_return fail(listed.error());
  const std::uint64_t total = listed->size();
  co_return http::json_response(200, page(std::move(*listed), {}, total));
}

// Where a page goes on: in the segment that begins at `from_ns` on `device`, at `next_ns`.
struct Cursor {
  std::int64_t from_ns = 0, next_ns = 0;
  std::string device;
};
Result<std::optional<Cursor>> cursor_of(const Request& request) {
  const auto text = request.query("cursor");
  if (!text) return std::optional<Cursor>{};
  const std::size_t first = text->find('~'), second = text->find('~', first + 1);
  Cursor cursor;
  const auto number = [](std::string_view digits, std::int64_t& out) {
    return std::from_chars(digits.data(), digits.data() + digits.size(), out).ptr == digits.data() + digits.size();
  };
  if (second == std::string_view::npos || !number(text->substr(0, first), cursor.from_ns) ||
      !number(text->substr(first + 1, second - first - 1), cursor.next_ns))
    return fail(ErrorCode::invalid, "'cursor' is not the 'next' of a page before.");
  cursor.device = text->substr(second + 1);
  return std::optional(cursor);
}

asio::awaitable<Result<Response>> range(WardContext& context, const Request& request) {
  const auto asked = asked_of(context, request);
  const auto limit = request.query_int("limit", 1, series::QueryLimits::samples_max);
  const auto cursor = cursor_of(request);
  if (!asked) co_return fail(asked.error());
  if (!limit) co_return fail(limit.error());
  if (!cursor) co_return fail(cursor.error());
  auto segments = co_await segments_of(context, request, asked->code, asked->interval);
  if (!segments) co_return fail(segments.error());
  auto left = static_cast<std::size_t>(limit->value_or(10'000));
  json::array parts;
  json::value next = nullptr;
  for (Segment& segment : *segments) {
    const std::int64_t begin_ns = segment.interval.from_ns;
    if (*cursor) {
      if (std::tie(begin_ns, segment.stay.device) < std::tie((*cursor)->from_ns, (*cursor)->device)) continue;
      if (begin_ns == (*cursor)->from_ns && segment.stay.device == (*cursor)->device)
        segment.interval.from_ns = std::max(begin_ns, (*cursor)->next_ns);
    }
    const auto goes_on = [&](std::int64_t at_ns) {
      return fmt::format("{}~{}~{}", begin_ns, at_ns, segment.stay.device);
    };
    if (left == 0) {
      next = goes_on(segment.interval.from_ns);
      break;
    }
    const view::PrefixedTable table{*segment.channel->table, std::string(monitor::Telemetry::series_prefix)};
    const auto found = series::range(table, segment.channel->copy, segment.interval, left);
    if (!found) co_return fail(found.error());
    json::array items;
    items.reserve(found->samples.size());
    for (const series::Sample& sample : found->samples)
      items.push_back(json::array{milliseconds_of(sample.time_ns), number_of(asked->code, sample.value)});
    left -= items.size();
    json::object part = segment_json(segment);
    part["items"] = std::move(items);
    parts.push_back(std::move(part));
    if (!found->next_ns) continue;
    next = goes_on(*found->next_ns);
    break;
  }
  co_return http::json_response(
      200, json::object{
               {"unit", device::info(asked->code).unit}, {"segments", std::move(parts)}, {"next", std::move(next)}});
}

// Steps of the grid from + k × step within the segment: what it covers of its first and last one, and no sample of
// anybody else.
Result<std::vector<series::Step>> steps_on_grid(const Segment& segment, std::int64_t grid_ns, std::int64_t step_ns) {
  const view::PrefixedTable table{*segment.channel->table, std::string(monitor::Telemetry::series_prefix)};
  const auto [from_ns, to_ns] = segment.interval;
  const std::int64_t whole_ns = std::min(to_ns, grid_ns + (from_ns - grid_ns + step_ns - 1) / step_ns * step_ns);
  std::vector<series::Step> steps;
  for (const series::Interval part : {series::Interval{from_ns, whole_ns}, series::Interval{whole_ns, to_ns}}) {
    if (part.from_ns >= part.to_ns) continue;
    const auto found = series::aggregate(table, segment.channel->copy, part, step_ns);
    if (!found) return fail(found.error());
    steps.insert(steps.end(), found->begin(), found->end());
  }
  return steps;
}

asio::awaitable<Result<Response>> aggregate(WardContext& context, const Request& request) {
  const auto asked = asked_of(context, request);
  const auto step = request.query_int("step_ms", 1, std::int64_t{366} * 24 * 3600 * 1000);
  if (!asked) co_return fail(asked.error());
  if (!step) co_return fail(step.error());
  const std::int64_t step_ms = step->value_or(60'000);
  const auto segments = co_await segments_of(context, request, asked->code, asked->interval);
  if (!segments) co_return fail(segments.error());
  json::array parts;
  for (const Segment& segment : *segments) {
    const auto steps = steps_on_grid(segment, asked->interval.from_ns, step_ms * 1'000'000);
    if (!steps) co_return fail(steps.error());
    json::array items;
    for (const series::Step& one : *steps) items.push_back(step_json(asked->code, one));
    json::object part = segment_json(segment);
    part["items"] = std::move(items);
    parts.push_back(std::move(part));
  }
  co_return http::json_response(
      200,
      json::object{{"unit", device::info(asked->code).unit}, {"step_ms", step_ms}, {"segments", std::move(parts)}});
}

asio::awaitable<Result<Response>> picture(WardContext& context, const Request& request) {
  const auto asked = asked_of(context, request);
  const auto columns = request.query_int("columns", 1, series::QueryLimits::columns_max);
  if (!asked) co_return fail(asked.error());
  if (!columns) co_return fail(columns.error());
  const series::Interval whole = asked->interval;
  if (static_cast<std::uint64_t>(whole.to_ns) - static_cast<std::uint64_t>(whole.from_ns) > std::uint64_t{1} << 62)
    co_return fail(ErrorCode::too_large, "The interval is longer than a century; take a shorter one.");
  const std::int64_t count = columns->value_or(1'920);
  const std::int64_t step_ns = (whole.to_ns - whole.from_ns + count - 1) / count;
  const auto segments = co_await segments_of(context, request, asked->code, whole);
  if (!segments) co_return fail(segments.error());
  json::array parts;
  for (const Segment& segment : *segments) {
    const auto steps = steps_on_grid(segment, whole.from_ns, step_ns);
    if (!steps) co_return fail(steps.error());
    json::array items;
    for (const series::Step& one : *steps)
      items.push_back(json::array{(one.start_ns - whole.from_ns) / step_ns, one.stats.count,
                                  number_of(asked->code, one.stats.min), number_of(asked->code, one.stats.max)});
    json::object part = segment_json(segment);
    part["items"] = std::move(items);
    parts.push_back(std::move(part));
  }
  co_return http::json_response(200, json::object{{"unit", device::info(asked->code).unit},
                                                  {"start", milliseconds_of(whole.from_ns)},
                                                  {"step_ms", milliseconds_of(step_ns)},
                                                  {"segments", std::move(parts)}});
}

}  // namespace

void add_patients(http::Router& router, WardContext& context) {
  const auto add = [&](const char* pattern, const char* summary, auto* handler,
                       std::vector<http::QueryParameter> queries, const char* response) {
    queries.insert(queries.begin(), {{"from", "First instant (RFC 3339); default an hour before `to`"},
                                     {"to", "Instant after the last; default now"}});
    router.add(http::Route{.method = http::Method::get,
                           .pattern = pattern,
                           .access = http::Access::may(guard::Action::see_ward),
                           .summary = summary,
                           .handler = with(context, handler),
                           .queries = std::move(queries),
                           .request = nullptr,
                           .response = response});
  };
  add("/api/patients/{patient}/series", "Which device measured what of a patient, from when to when", list, {},
      "{items: [{device, bed, ward, from, to, code, unit}], next, total}");
  add("/api/patients/{patient}/series/{code}/range", "A patient's samples, by the bindings in force", range,
      {{"limit", "1 to 100000; default 10000", "integer"}, {"cursor", "The \"next\" of the page before"}},
      "{unit, segments: [{device, bed, ward, from, to, items: [[t_ms, v]]}], next}");
  add("/api/patients/{patient}/series/{code}/aggregate", "Count, minimum, maximum and mean by step", aggregate,
      {{"step_ms", "Length of a step; default 60000", "integer"}},
      "{unit, step_ms, segments: [{device, bed, ward, from, to, items: [[t_ms, count, min, max, mean]]}]}");
  add("/api/patients/{patient}/series/{code}/picture", "Least and greatest in columns", picture,
      {{"columns", "About as many as pixels, 1 to 10000; default 1920", "integer"}},
      "{unit, start, step_ms, segments: [{device, bed, ward, from, to, items: [[column, count, min, max]]}]}");
}

}  // namespace salus::app
