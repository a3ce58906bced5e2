// PATCH: JSON, merge, XML and FHIRPath. The patch is applied here, to the version that is read, and written only if
// that is still the newest: so nothing that others wrote meanwhile is lost, and apply needs to know no patch.
#include "base/digest.hpp"
#include "fhir/document/json.hpp"
#include "fhir/patch/patch.hpp"
#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/bundle_plan.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/signals.hpp"
#include "fhir/search/run.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr int kAttempts = 8;  // others may write as fast as we do

// What find() gives: a version to patch, or why there is none.
using Found = tl::expected<Version, Response>;

Response unpatched(const Issue& issue) {
  Response response = outcome(issue);
  // The patch is right and the resource is not as it asks.
  if (issue.code == ErrorCode::conflict) response.status = 422;
  return response;
}

asio::awaitable<Response> patch_found(Call call, Found (*find)(const Call&, const RecordCut&)) {
  const auto format = patch::format_of(call.request.header("content-type"));
  if (!format)
    co_return outcome(415, "not-supported",
                      "A patch comes as application/json-patch+json, application/merge-patch+json, "
                      "application/xml-patch+xml, or a Parameters resource as application/fhir+json or fhir+xml.");
  const auto wanted = wanted_version(call);
  if (!wanted) co_return outcome(wanted.error());
  for (int attempt = 1;; ++attempt) {
    const StoreCut cut = call.context.store.cut();
    const Found found = find(call, cut.record);
    if (!found) co_return found.error();
    if (*wanted && **wanted != found->version)
      co_return outcome(412, "conflict",
                        fmt::format("{}/{} is at version {}.", call.type_name, found->id, log::number(found->version)));
    const auto before = call.context.store.document(*found);
    if (!before) co_return outcome(before.error());
    const auto after = patch::apply(*before, *format, call.request.body, {.now = call.context.clock.now()});
    if (!after) co_return unpatched(after.error());
    if (after->text_of(after->root(), call.definitions().known().id_name) != found->id)
      co_return outcome(422, "business-rule", "A patch changes no id.");
    if (auto refused = refusal_of(call, *after)) co_return std::move(*refused);
    ChangeSet set{.by = call.by(), .changes = {}};
    set.changes.push_back({.operation = Operation::update,
                           .type = call.type_name,
                           .id = found->id,
                           .if_version = found->version,
                           .body = make_body(*after, after->root())});
    const auto written = co_await call.context.store.submit(std::move(set));
    const bool is_overtaken = !written && written.error().code == ErrorCode::conflict;
    if (is_overtaken && !*wanted && attempt < kAttempts) continue;
    record(call, "fhir_patch", fmt::format("{}/{}", call.type_name, found->id), written.has_value());
    if (!written) co_return outcome(written.error());
    co_return written_response(call, written->changes.front());
  }
}

// The one that a condition finds. Errors: not_found, conflict (several), those of searches.
Result<Version> find_one(const Call& call, TypeId type, std::string_view condition, const RecordCut& record) {
  const std::string_view name = call.definitions().name(type);
  const auto fields = http::parse_form(condition);
  if (!fields) return fail(fields.error());
  const auto query = search::parse_query(type, *fields, {.now = call.context.clock.now()});
  if (!query) return fail(query.error());
  const SearchableCut searchable{record, true};
  const auto matches = search::match_up_to(*query, searchable.source(), 2);
  if (!matches) return fail(matches.error());
  if (matches->empty()) return fail(ErrorCode::not_found, "The search finds no {}.", name);
  if (matches->size() > 1) return fail(ErrorCode::conflict, "The search finds several {}; a patch needs one.", name);
  return *record.newest(matches->front().number);
}

// By an entry's Parameters, or by its Binary with the patch's bytes.
Result<Document> patched_by(const Document& before, const Document& bundle, const Node* patch, Time now) {
  const patch::Options options{.now = now};
  const std::string_view kind = patch == nullptr ? std::string_view{} : bundle.definitions().name(patch->type);
  const auto text_of = [&](std::string_view name) {
    const Node* child = bundle.child(*patch, name);
    return child == nullptr ? std::string_view{} : bundle.text(*child);
  };
  Reading<Document> after = tl::make_unexpected(Issue{});
  if (kind == "Parameters") {
    std::string text;
    write_json(bundle, *patch, {}, text);
    after = patch::apply(before, patch::Format::fhirpath, text, options);
  } else if (kind == "Binary") {
    const auto format = patch::format_of(text_of("contentType"));
    if (!format) return fail(ErrorCode::invalid, "The Binary's contentType is that of no patch.");
    const auto bytes = from_base64(text_of("data"));
    if (!bytes) return fail(ErrorCode::invalid, "The Binary's data is no base64.");
    after = patch::apply(before, *format, *bytes, options);
  } else {
    return fail(ErrorCode::invalid, "The resource of a PATCH is a Binary with the patch, or Parameters.");
  }
  if (!after) return fail(after.error().error());
  return std::move(*after);
}

}  // namespace

asio::awaitable<Response> patch_one(Call call) {
  if (const std::string& id = call.request.param("id"); is_signal(call, id)) co_return refuse_signal(id);
  co_return co_await patch_found(std::move(call), [](const Call& c, const RecordCut& record) -> Found {
    const std::string& id = c.request.param("id");
    auto version = record.newest(c.type, id);
    if (!version)
      return tl::make_unexpected(outcome(404, "not-found", fmt::format("There is no {}/{}.", c.type_name, id)));
    if (version->is_removed()) return tl::make_unexpected(gone_response(c, *version));
    return std::move(*version);
  });
}

asio::awaitable<Response> patch_by_search(Call call) {
  co_return co_await patch_found(std::move(call), [](const Call& c, const RecordCut& record) -> Found {
    auto found = find_one(c, c.type, condition_of(c), record);
    if (found) return std::move(*found);
    return tl::make_unexpected(found.error().code == ErrorCode::conflict
                                   ? outcome(412, "multiple-matches", found.error().message)
                                   : outcome(found.error()));
  });
}

Result<PatchedResource> patch_entry(const Call& call, const Document& bundle, const PatchAsked& asked) {
  const Definitions& definitions = call.definitions();
  const StoreCut cut = call.context.store.cut();
  const std::string_view type = definitions.name(asked.type);
  Result<Version> found;
  if (!asked.id.empty()) {
    auto version = cut.record.newest(asked.type, asked.id);
    if (!version || version->is_removed()) return fail(ErrorCode::not_found, "There is no {}/{}.", type, asked.id);
    found = std::move(*version);
  } else {
    found = find_one(call, asked.type, asked.query, cut.record);
  }
  if (!found) return fail(found.error());
  const auto before = call.context.store.document(*found);
  if (!before) return fail(before.error());
  const auto after = patched_by(*before, bundle, asked.patch, call.context.clock.now());
  if (!after) return fail(after.error());
  if (after->text_of(after->root(), definitions.known().id_name) != found->id)
    return fail(ErrorCode::invalid, "A patch changes no id.");
  validation::Options options = call.context.write_checks;
  options.now = call.context.clock.now();
  for (const validation::Finding& finding : validation::validate(*after, options))
    if (finding.severity == validation::Severity::error)
      return fail(ErrorCode::invalid, "What the patch makes is refused: {}: {}", finding.location, finding.message);
  return PatchedResource{.id = found->id, .version = found->version, .document = std::move(*after)};
}

}  // namespace salus::fhir
