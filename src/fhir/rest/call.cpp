#include "fhir/rest/call.hpp"

#include <algorithm>
#include <charconv>

#include "fhir/rest/outcome.hpp"
#include "fhir/subscriptions/subscription.hpp"

namespace salus::fhir {
namespace {

using http::Request;
using http::Response;

std::string base_of(const Request& request) {
  const bool alias = request.segments.size() > 1 && request.segments[1] == "R4";
  return fmt::format("{}://{}/fhir{}", request.tls ? "https" : "http", request.header("host"), alias ? "/R4" : "");
}

asio::awaitable<Result<Response>> handle(RestContext& context, const Request& request, CallHandler handler) {
  auto form = presentation_of(request);
  if (!form)
    co_return outcome(form.error().status, form.error().status == 406 ? "not-supported" : "invalid", form.error().text);
  Call call{.context = context, .request = request, .form = std::move(*form), .base = base_of(request)};
  for (const char* param : {"type", "owner"})
    if (const std::string* name = call.find_param(param);
        name != nullptr && !is_kept(context.definitions(), context.definitions().type(*name)))
      co_return outcome(404, "not-supported", fmt::format("'{}' is no type of resource in FHIR R4.", *name));
  if (const std::string* name = call.find_param("type")) {
    call.type = context.definitions().type(*name);
    call.type_name = *name;
  }
  co_return co_await handler(std::move(call));
}

}  // namespace

http::Handler handled(RestContext& context, CallHandler handler) {
  return [&context, handler](const Request& request) { return handle(context, request, handler); };
}

const std::string* Call::find_param(std::string_view name) const {
  const auto at = std::ranges::find(request.params, name, &std::pair<std::string, std::string>::first);
  return at == request.params.end() ? nullptr : &at->second;
}

bool is_kept(const Definitions& definitions, TypeId type) {
  return definitions.is_resource(type) && !definitions.is_abstract(type) &&
         definitions.name(type) != "SubscriptionStatus";
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

Result<StoreCut> cut_of(const Call& call) {
  StoreCut cut = call.context.store.cut();
  const auto asked = call.request.query("_asOf");
  if (!asked) return cut;
  log::Offset end{};
  if (const auto version = version_of_tag(*asked); version && log::number(*version) < log::number(cut.record.end())) {
    end = log::after(*version);
  } else if (const auto time = parse_iso(*asked)) {
    end = cut.record.end_at(*time);
  } else {
    return fail(ErrorCode::invalid,
                "_asOf is an instant such as 2026-03-01T08:00:00Z, or the number of a version that exists.");
  }
  return StoreCut{cut.held, cut.record.until(end)};
}

std::optional<log::Offset> version_of_tag(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() >= 2 && tag.starts_with('"') && tag.ends_with('"')) tag = tag.substr(1, tag.size() - 2);
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(tag.data(), tag.data() + tag.size(), number);
  if (ec != std::errc{} || end != tag.data() + tag.size()) return std::nullopt;
  return log::Offset{number};
}

std::string tag_of(log::Offset version) {
  return fmt::format("W/\"{}\"", log::number(version));
}

Response version_response(const Call& call, int status, const Version& version, bool with_location) {
  Response response;
  const Return wanted = call.form.returns.value_or(Return::representation);
  if (wanted == Return::representation) {
    auto text = call.context.store.text(version);
    if (!text) return outcome(text.error());
    response = resource_response(status, std::move(*text), call.form, call.definitions());
  } else if (wanted == Return::outcome) {
    const OutcomeIssue done{.severity = "information", .code = "informational", .text = "Done."};
    response = outcome(status, {&done, 1});
  } else {
    response = http::empty_response(status);
  }
  response.set("ETag", tag_of(version.version));
  response.set("Last-Modified", http::http_date(version.updated));
  if (with_location)
    response.set("Location", fmt::format("{}/{}/{}/_history/{}", call.base, call.definitions().name(version.type),
                                         version.id, log::number(version.version)));
  return response;
}

Response gone_response(const Call& call, const Version& version) {
  Response response = outcome(410, "deleted",
                              fmt::format("{}/{} was deleted; its history has what it was.",
                                          call.definitions().name(version.type), version.id));
  response.set("ETag", tag_of(version.version));
  return response;
}

Response written_response(const Call& call, const Written& written) {
  const auto version = call.context.store.cut().record.version(call.type, written.id, written.version);
  if (!version) return outcome(500, "exception", "What was written is not found.");
  return version_response(call, written.outcome == Outcome::created ? 201 : 200, *version, true);
}

std::optional<Response> refusal_of(const Call& call, const Document& document) {
  validation::Options options = call.context.write_checks;
  options.now = call.context.clock.now();
  const std::vector<validation::Finding> findings = validation::validate(document, options);
  if (validation::has_errors(findings)) return outcome(422, findings);
  if (call.context.subscriptions == nullptr || call.definitions().name(document.type()) != "Subscription") return {};
  const auto subscription = read_subscription(document, options.now);
  if (!subscription) return outcome(422, "not-supported", subscription.error().message);
  if (subscription->channel != Channel::rest_hook) return std::nullopt;
  const auto url = http::check_outside_url(subscription->endpoint, call.context.receivers);
  if (url) return std::nullopt;
  return outcome(422, "business-rule", "channel.endpoint: " + url.error().message);
}

void record(const Call& call, std::string_view action, std::string target, bool done) {
  call.context.audit.record({.actor = call.by(),
                             .action = std::string(action),
                             .target = std::move(target),
                             .outcome = done ? "ok" : "refused",
                             .peer = call.request.peer,
                             .detail = {},
                             .station = call.request.caller->station});
}

}  // namespace salus::fhir
