// Scores with what they are made of: each input's value, age and points.
#include "app/api/sight.hpp"
#include "app/values.hpp"

namespace salus::app {
namespace {

json::object describe(const monitor::ScoredItem& item, std::int64_t now_ns) {
  json::object out{{"parameter", item.name},
                   {"state", item.points  ? "fresh"
                             : item.value ? "stale"
                                          : "missing"},
                   {"points", item.points ? json::value(*item.points) : json::value(nullptr)}};
  if (!item.value) return out;
  out["code"] = device::info(item.value->code).alias();
  out["v"] = number_of(item.value->code, item.value->value);
  out["unit"] = device::info(item.value->code).unit;
  out["t"] = item.value->time_ns / 1'000'000;
  out["age_ms"] = std::max<std::int64_t>(0, now_ns - item.value->time_ns) / 1'000'000;
  return out;
}

json::object describe(const monitor::ScoreTable& table, const monitor::Score& score, std::int64_t now_ns) {
  json::array inputs;
  for (const monitor::ScoredItem& item : score.items) inputs.push_back(describe(item, now_ns));
  return {{"name", score.name},           {"score", score.total},     {"at_least", score.at_least},
          {"triggered", score.triggered}, {"trigger", table.trigger}, {"source", table.source},
          {"inputs", std::move(inputs)}};
}

asio::awaitable<Result<http::Response>> read(WardContext& context, const http::Request& request) {
  const std::string id{request.query("device").value_or("")};
  if (const auto since = co_await seen_since(context, request, id); !since) co_return fail(since.error());
  struct Found {
    monitor::Subject subject;
    std::vector<monitor::ScoreValue> values;
  };
  const auto found = co_await context.core.telemetry().read(
      [telemetry = &context.core.telemetry_view(), id]() -> std::optional<Found> {
        if (telemetry->registry().find(id) == nullptr) return std::nullopt;
        return Found{monitor::subject_of(telemetry->registry(), id), telemetry->scored_values(id)};
      });
  if (!found) co_return fail(found.error());
  if (!*found) co_return fail(ErrorCode::not_found, "Device '{}' is not registered, or has not been heard.", id);
  const bool applies = (*found)->subject.watched_as() == device::AgeClass::adult;
  const std::int64_t now_ns = ns_of(context.clock.now());
  json::array scores;
  if (applies)
    for (const monitor::ScoreTable& table : monitor::score_tables())
      scores.push_back(describe(table, monitor::score(table, (*found)->values, now_ns), now_ns));
  co_return http::json_response(200, json::object{{"device", id},
                                                  {"age_class", device::name((*found)->subject.age_class)},
                                                  {"applies", applies},
                                                  {"scores", std::move(scores)}});
}

}  // namespace

void add_scores(http::Router& router, WardContext& context) {
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/scores",
                         .access = http::Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "NEWS2, MEWS, qSOFA and SIRS of a device's patient, with what they are made of",
                         .handler = with(context, read),
                         .queries = {{"device", "Its id"}},
                         .request = nullptr,
                         .response =
                             "{device, age_class, applies, scores: [{name, score, at_least, triggered, trigger, "
                             "source, inputs: [{parameter, state, points, code, v, unit, t, age_ms}]}]}"});
}

}  // namespace salus::app
