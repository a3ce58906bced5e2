// How the server itself is: for operators, probes and Prometheus.
#include "app/api/ward_context.hpp"
#include "app/version.hpp"
#include "base/metrics.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

json::object partition(const char* name, const log::LocalLog& log, const view::Host& host) {
  const log::LogStatus status = log.status();
  const view::HostStatus views = host.status();
  return {{"name", name},
          {"epoch", log::number(status.end.epoch)},
          {"durable_offset", log::number(status.end.offset)},
          {"applied_offset", log::number(views.applied.offset)},
          {"groups", status.groups},
          {"syncs", status.syncs},
          {"bytes", status.bytes},
          {"last_sync_us", status.sync_ns_last / 1000},
          {"torn_bytes", status.torn_bytes},
          {"recording", status.recording},
          {"reason", status.reason},
          {"checkpoints", views.checkpoints},
          {"waiting_bytes", views.waiting_bytes},
          {"stopped", views.stopped}};
}

asio::awaitable<Result<Response>> status(WardContext& context, const Request&) {
  Core& core = context.core;
  json::array partitions{partition("records", core.records_log(), core.records()),
                         partition("telemetry", core.telemetry_log(), core.telemetry()),
                         partition("audit", core.audit_log(), core.audit())};
  const auto uptime = std::chrono::duration_cast<seconds>(context.clock.now() - context.started).count();
  co_return http::json_response(200, json::object{{"version", version},
                                                  {"now", to_iso(context.clock.now())},
                                                  {"uptime_s", uptime},
                                                  {"recording", core.is_recording()},
                                                  {"reason", core.not_recording_because()},
                                                  {"consoles", context.hub.clients()},
                                                  {"messages", context.feed.messages()},
                                                  {"partitions", std::move(partitions)}});
}

asio::awaitable<Result<Response>> healthz(WardContext& context, const Request&) {
  const std::string reason = context.core.not_recording_because();
  if (!reason.empty()) co_return http::problem(503, "not_durable", "Nothing is being recorded: " + reason);
  for (const view::Host* host : {&context.core.records(), &context.core.telemetry(), &context.core.audit()})
    if (const std::string stopped = host->status().stopped; !stopped.empty())
      co_return http::problem(503, "unavailable", stopped);
  co_return http::text_response(200, "text/plain", "ok\n");
}

asio::awaitable<Result<Response>> readyz(WardContext&, const Request&) {
  co_return http::text_response(200, "text/plain", "ready\n");
}

asio::awaitable<Result<Response>> metrics_text(WardContext&, const Request&) {
  co_return http::text_response(200, "text/plain; version=0.0.4", metrics().text());
}

}  // namespace

void add_status(http::Router& router, WardContext& context) {
  using http::Access;
  const auto add = [&](const char* pattern, Access access, const char* summary, auto* handler, const char* response) {
    router.add(http::Route{.method = http::Method::get,
                           .pattern = pattern,
                           .access = access,
                           .summary = summary,
                           .handler = with(context, handler),
                           .queries = {},
                           .request = nullptr,
                           .response = response});
  };
  add("/api/status", Access::signed_in(), "Version, partitions and rates", status,
      "{version, now, uptime_s, recording, reason, consoles, messages, partitions}");
  add("/healthz", Access::anyone(), "200 while the log records", healthz, "text");
  add("/readyz", Access::anyone(), "200 once everything answers", readyz, "text");
  add("/metrics", Access::loopback_or(guard::Action::operate), "Prometheus's text format", metrics_text, "text");
}

}  // namespace salus::app
