// POST /fhir: batches and transactions.
#include "fhir/rest/bundle_plan.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/outcome.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr int kAttempts = 8;

std::string status_text(int status) {
  return fmt::format("{} {}", status, http::reason(status));
}

std::string refused_entry(const Error& error) {
  const Response response = outcome(error);
  return fmt::format(R"("response":{{"status":"{}","outcome":{}}})", status_text(response.status),
                     std::get<std::string>(response.body));
}

Result<std::string> written_entry(const Call& call, const std::string& type, const Written& written, Time updated) {
  int status = 200;
  if (written.outcome == Outcome::created) status = 201;
  if (written.outcome == Outcome::removed || written.outcome == Outcome::absent) status = 204;
  std::string members, response = member("status", status_text(status));
  if (status == 204) return fmt::format(R"("response":{{{}}})", response);
  const bool represented = call.form.returns == Return::representation;
  if (represented || written.outcome == Outcome::existed) {
    const auto version =
        call.context.store.cut().record.version(call.definitions().type(type), written.id, written.version);
    if (!version) return fail(ErrorCode::damaged, "What was written is not found.");
    updated = version->updated;
    const auto text = represented ? call.context.store.text(*version) : Result<std::string>{};
    if (!text) return fail(text.error());
    if (represented)
      members = fmt::format(R"({},"resource":{},)",
                            member("fullUrl", fmt::format("{}/{}/{}", call.base, type, written.id)), *text);
  }
  response += ',' + member("location", fmt::format("{}/{}/{}/_history/{}", call.base, type, written.id,
                                                   log::number(written.version)));
  response += ',' + member("etag", tag_of(written.version));
  response += ',' + member("lastModified", instant_of(updated));
  return fmt::format(R"({}"response":{{{}}})", members, response);
}

// A GET of the bundle, answered as if it had come by itself.
asio::awaitable<std::string> read_entry(const Call& call, std::string url) {
  const auto target = http::parse_target("/fhir/" + url);
  if (!target) co_return refused_entry(target.error());
  http::Request request{.method = http::Method::get,
                        .target = "/fhir/" + url,
                        .segments = target->segments,
                        .params = {},
                        .queries = target->queries,
                        .headers = {{"host", std::string(call.request.header("host"))},
                                    {"accept", "application/fhir+json"},
                                    {"prefer", std::string(call.request.header("prefer"))}},
                        .body = {},
                        .peer = call.request.peer,
                        .loopback = call.request.loopback,
                        .tls = call.request.tls,
                        .caller = call.request.caller};
  const Response response = co_await dispatch(call.context, request);
  const std::string& body = std::get<std::string>(response.body);
  if (!body.empty() && response.header("content-type") != json_type)
    co_return fmt::format(
        R"("response":{{{},"outcome":{}}})", member("status", "400 Bad Request"),
        outcome_text({{{.code = "not-supported",
                        .text = "What this answers is no resource; ask for it outside of a Bundle."}}}));
  const std::string status = member("status", status_text(response.status));
  if (response.status >= 400) co_return fmt::format(R"("response":{{{},"outcome":{}}})", status, body);
  std::string members;
  if (!body.empty()) members = fmt::format(R"("resource":{},)", body);
  std::string tag;
  if (const std::string_view etag = response.header("etag"); !etag.empty()) tag = ',' + member("etag", etag);
  co_return fmt::format(R"({}"response":{{{}{}}})", members, status, tag);
}

}  // namespace

asio::awaitable<Response> bundle(Call call) {
  const auto document = read_body(call.request, call.definitions());
  if (!document) co_return outcome(document.error());
  if (document->type() != call.definitions().known().bundle)
    co_return outcome(400, "invalid", "POST to the base takes a Bundle; a resource is posted to its type.");
  if (auto refused = refusal_of(call, *document)) co_return std::move(*refused);
  const PatchEntry patch = [&](const PatchAsked& asked) { return patch_entry(call, *document, asked); };
  Result<BundlePlan> plan;
  std::vector<std::string> types;  // of the changes, in order
  std::vector<Result<WrittenSet>> written;
  // What a patch was made from may be written by others meanwhile: then all of a transaction is planned again.
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    plan = plan_bundle(*document, call.by(), call.context.new_id, patch);
    if (!plan) co_return outcome(plan.error());
    types.clear();
    for (const ChangeSet& set : plan->sets)
      for (const Change& change : set.changes) types.push_back(change.type);
    written = co_await call.context.store.submit_all(std::move(plan->sets));
    const bool is_overtaken = plan->is_transaction && plan->has_patches && !written.empty() && !written.front() &&
                              written.front().error().code == ErrorCode::conflict;
    if (!is_overtaken) break;
  }
  if (plan->is_transaction && !written.empty()) {
    record(call, "fhir_transaction", fmt::format("{} changes", types.size()), written.front().has_value());
    if (!written.front()) co_return outcome(written.front().error());
  }
  BundleText text{plan->is_transaction ? "transaction-response" : "batch-response"};
  for (const BundleStep& step : plan->steps) {
    Result<std::string> entry;
    if (step.refused) {
      entry = refused_entry(*step.refused);
    } else if (!step.change) {
      entry = co_await read_entry(call, step.url);
    } else if (plan->is_transaction) {
      entry = written_entry(call, types[*step.change], written.front()->changes[*step.change], written.front()->time);
    } else if (const auto& done = written[*step.change]; done) {
      entry = written_entry(call, types[*step.change], done->changes.front(), done->time);
    } else {
      entry = refused_entry(done.error());
    }
    if (!entry) co_return outcome(entry.error());
    text.entry(*entry);
  }
  call.form.elements.clear();
  call.form.summary = Summary::none;
  co_return resource_response(200, text.finish(), call.form, call.definitions());
}

}  // namespace salus::fhir
