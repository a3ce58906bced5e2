// Client certificates of devices: issued by the server's own authority, and taken back.
#include <chrono>

#include "app/api/ward_context.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

constexpr std::int64_t days_max = 3'653;
constexpr std::int64_t days_usual = 398;

void record(WardContext& context, const Request& request, std::string action, const Result<std::string>& sha256) {
  context.audit.record({.actor = caller_of(request).id,
                        .action = std::move(action),
                        .target = request.param("id"),
                        .outcome = sha256 ? "ok" : "refused",
                        .peer = request.peer,
                        .detail = sha256 ? *sha256 : std::string(name(sha256.error().code))});
}

asio::awaitable<Result<Response>> issue(WardContext& context, const Request& request) {
  const std::string id = request.param("id");
  const Result<json::object> body = request.body.empty() ? Result<json::object>{json::object{}} : request.json();
  if (!body) co_return fail(body.error());
  const Result<std::int64_t> days =
      body->contains("days") ? required_int(*body, "days") : Result<std::int64_t>{days_usual};
  if (!days) co_return fail(days.error());
  if (*days < 1 || *days > days_max)
    co_return fail(ErrorCode::invalid, "'days' is a number from 1 to {}, not {}.", days_max, *days);
  const std::shared_ptr<const guard::Device> device = context.core.directory().device(id);
  if (!device)
    co_return fail(ErrorCode::not_found, "Device '{}' is not registered; create it with PUT /devices/{}.", id, id);
  if (device->proof != guard::Device::Proof::certificate_authority)
    co_return fail(ErrorCode::conflict,
                   "Device '{}' does not sign in with a certificate of this server; first "
                   "PUT /devices/{} with {{\"authentication\": {{\"type\": \"certificateAuthority\"}}}}.",
                   id, id);
  const std::string csr = string_or(*body, "csr");
  const nanoseconds life = std::chrono::days{*days};
  const guard::CertificateAuthority& authority = context.certificate_authority;
  const auto issued = csr.empty() ? authority.issue_for_device(id, life, context.clock.now())
                                  : authority.sign_for_device(id, csr, life, context.clock.now());
  record(context, request, "certificate_issued", issued.map([](const auto& made) { return made.sha256; }));
  if (!issued) co_return fail(issued.error());
  json::object out{{"deviceId", id},
                   {"sha256", issued->sha256},
                   {"expires", to_iso(issued->expires)},
                   {"certificate", issued->certificate_pem}};
  if (csr.empty()) out["key"] = issued->key_pem;
  co_return http::json_response(201, std::move(out));
}

asio::awaitable<Result<Response>> revoke(WardContext& context, const Request& request) {
  const std::string sha256 = request.param("sha256");
  const Result<void> revoked = context.revocations.revoke(sha256);
  record(context, request, "certificate_revoked", revoked.map([&] { return sha256; }));
  if (!revoked) co_return fail(revoked.error());
  co_return http::empty_response(204);
}

}  // namespace

void add_certificates(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  router.add(
      http::Route{.method = Method::post,
                  .pattern = "/devices/{id}/certificates",
                  .access = Access::may(guard::Action::manage_devices),
                  .summary = "A client certificate, for the device's own key (csr) or with a new one; shown once",
                  .handler = with(context, issue),
                  .queries = {},
                  .request = "{csr?, days?}",
                  .response = "{deviceId, sha256, expires, certificate, key?}",
                  .success = 201});
  router.add(http::Route{.method = Method::del,
                         .pattern = "/devices/{id}/certificates/{sha256}",
                         .access = Access::may(guard::Action::manage_devices),
                         .summary = "Revoke a certificate: its device is cut off and not let in again",
                         .handler = with(context, revoke),
                         .queries = {},
                         .request = nullptr,
                         .response = nullptr,
                         .success = 204});
}

}  // namespace salus::app
