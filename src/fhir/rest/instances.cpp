// One resource: read, vread, create, update, delete.
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/signals.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

using http::Response;

Response unknown(const Call& call, std::string_view id) {
  return outcome(404, "not-found", fmt::format("There is no {}/{}.", call.type_name, id));
}

// If-None-Match and If-Modified-Since: whether the caller has it already.
bool is_known(const Call& call, const Version& version) {
  if (const std::string_view tag = call.request.header("if-none-match"); !tag.empty())
    return version_of_tag(tag) == version.version;
  const auto since = http::parse_http_date(call.request.header("if-modified-since"));
  return since && std::chrono::floor<seconds>(version.updated) <= *since;
}

// The body as a resource of the call's type; a response that says why not.
tl::expected<Document, Response> body_of(const Call& call) {
  auto document = read_body(call.request, call.definitions());
  if (!document) return tl::make_unexpected(outcome(document.error()));
  if (document->type() != call.type)
    return tl::make_unexpected(outcome(400, "invalid",
                                       fmt::format("The body is a {}, and the path says {}.",
                                                   call.definitions().name(document->type()), call.type_name)));
  if (auto refused = refusal_of(call, *document)) return tl::make_unexpected(std::move(*refused));
  return std::move(*document);
}

}  // namespace

Result<std::optional<log::Offset>> wanted_version(const Call& call) {
  const std::string_view tag = call.request.header("if-match");
  if (tag.empty()) return std::optional<log::Offset>{};
  const auto version = version_of_tag(tag);
  if (!version) return fail(ErrorCode::invalid, "If-Match is a version such as W/\"12\".");
  return version;
}

asio::awaitable<Response> write(Call call, Change change, std::string action) {
  std::string target = fmt::format("{}/{}", change.type, change.id);
  ChangeSet set{.by = call.by(), .changes = {}};
  set.changes.push_back(std::move(change));
  const auto written = co_await call.context.store.submit(std::move(set));
  record(call, action, std::move(target), written.has_value());
  if (!written) co_return outcome(written.error());
  const Written& done = written->changes.front();
  if (done.outcome != Outcome::removed && done.outcome != Outcome::absent) co_return written_response(call, done);
  Response response = http::empty_response(204);
  if (done.outcome == Outcome::removed) response.set("ETag", tag_of(done.version));
  co_return response;
}

std::string condition_of(const Call& call) {
  std::string condition;
  for (const auto& [name, value] : call.request.queries)
    if (!is_presentation_parameter(name))
      condition +=
          fmt::format("{}{}={}", condition.empty() ? "" : "&", http::percent_encode(name), http::percent_encode(value));
  return condition;
}

asio::awaitable<Response> read(Call call) {
  const std::string& id = call.request.param("id");
  if (is_signal(call, id)) co_return co_await read_signal(std::move(call));
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const auto version = cut->record.newest(call.type, id);
  if (!version) co_return unknown(call, id);
  if (version->is_removed()) co_return gone_response(call, *version);
  if (is_known(call, *version)) {
    Response response = http::empty_response(304);
    response.set("ETag", tag_of(version->version));
    co_return response;
  }
  call.form.returns.reset();
  co_return version_response(call, 200, *version, false);
}

asio::awaitable<Response> vread(Call call) {
  const std::string& id = call.request.param("id");
  if (is_signal(call, id)) co_return co_await read_signal(std::move(call));
  const auto wanted = version_of_tag(call.request.param("version"));
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const auto version = wanted ? cut->record.version(call.type, id, *wanted) : std::nullopt;
  if (!version)
    co_return outcome(
        404, "not-found",
        fmt::format("There is no version '{}' of {}/{}.", call.request.param("version"), call.type_name, id));
  if (version->is_removed()) co_return gone_response(call, *version);
  call.form.returns.reset();
  co_return version_response(call, 200, *version, false);
}

asio::awaitable<Response> create(Call call) {
  const auto document = body_of(call);
  if (!document) co_return document.error();
  Change change{.operation = Operation::create,
                .type = call.type_name,
                .id = call.context.new_id(),
                .body = make_body(*document, document->root())};
  if (const std::string_view condition = call.request.header("if-none-exist"); !condition.empty())
    change.condition = condition;
  co_return co_await write(std::move(call), std::move(change), "fhir_create");
}

asio::awaitable<Response> update(Call call) {
  const std::string id = call.request.param("id");
  if (is_signal(call, id)) co_return refuse_signal(id);
  const auto document = body_of(call);
  if (!document) co_return document.error();
  if (!is_id(id)) co_return outcome(400, "value", "An id has 1 to 64 of A-Z a-z 0-9 - and '.'.");
  if (document->text_of(document->root(), call.definitions().known().id_name) != id)
    co_return outcome(400, "invalid", "The body's id is not the one in the path; give both alike.");
  const auto version = wanted_version(call);
  if (!version) co_return outcome(version.error());
  Change change{.operation = Operation::update,
                .type = call.type_name,
                .id = id,
                .if_version = *version,
                .if_absent = call.request.header("if-none-match") == "*",
                .body = make_body(*document, document->root())};
  co_return co_await write(std::move(call), std::move(change), "fhir_update");
}

asio::awaitable<Response> update_by_search(Call call) {
  const auto document = body_of(call);
  if (!document) co_return document.error();
  const auto version = wanted_version(call);
  if (!version) co_return outcome(version.error());
  const std::string_view id = document->text_of(document->root(), call.definitions().known().id_name);
  if (!id.empty() && !is_id(id)) co_return outcome(400, "value", "An id has 1 to 64 of A-Z a-z 0-9 - and '.'.");
  Change change{.operation = Operation::update,
                .type = call.type_name,
                .id = id.empty() ? call.context.new_id() : std::string(id),
                .condition = condition_of(call),
                .if_version = *version,
                .is_id_given = !id.empty(),
                .body = make_body(*document, document->root())};
  co_return co_await write(std::move(call), std::move(change), "fhir_update");
}

asio::awaitable<Response> remove(Call call) {
  const std::string id = call.request.param("id");
  if (is_signal(call, id)) co_return refuse_signal(id);
  const auto version = wanted_version(call);
  if (!version) co_return outcome(version.error());
  Change change{.operation = Operation::remove, .type = call.type_name, .id = id, .if_version = *version};
  co_return co_await write(std::move(call), std::move(change), "fhir_delete");
}

asio::awaitable<Response> remove_by_search(Call call) {
  const auto version = wanted_version(call);
  if (!version) co_return outcome(version.error());
  Change change{.operation = Operation::remove,
                .type = call.type_name,
                .id = call.context.new_id(),  // never used: without a match nothing is removed
                .condition = condition_of(call),
                .if_version = *version};
  co_return co_await write(std::move(call), std::move(change), "fhir_delete");
}

}  // namespace salus::fhir
