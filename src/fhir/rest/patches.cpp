// PATCH: JSON, merge, XML and FHIRPath. The patch is applied here, to the version that is read, and written only if
// that is still the newest: so nothing that others wrote meanwhile is lost, and apply needs to know no patch.
#include "fhir/patch/patch.hpp"
#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
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
                           .body = pack(make_body(*after, after->root()))});
    const auto written = co_await call.context.store.submit(std::move(set));
    const bool is_overtaken = !written && written.error().code == ErrorCode::conflict;
    if (is_overtaken && !*wanted && attempt < kAttempts) continue;
    record(call, "fhir_patch", fmt::format("{}/{}", call.type_name, found->id), written.has_value());
    if (!written) co_return outcome(written.error());
    co_return written_response(call, written->changes.front());
  }
}

}  // namespace

asio::awaitable<Response> patch_one(Call call) {
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
    const auto fields = http::parse_form(condition_of(c));
    if (!fields) return tl::make_unexpected(outcome(fields.error()));
    const auto query = search::parse_query(c.type, *fields, {.now = c.context.clock.now()});
    if (!query) return tl::make_unexpected(outcome(query.error()));
    const SearchableCut searchable{record, true};
    const auto matches = search::match_up_to(*query, searchable.source(), 2);
    if (!matches) return tl::make_unexpected(outcome(matches.error()));
    if (matches->empty())
      return tl::make_unexpected(outcome(404, "not-found", fmt::format("The search finds no {}.", c.type_name)));
    if (matches->size() > 1)
      return tl::make_unexpected(outcome(412, "multiple-matches",
                                         fmt::format("The search finds several {}; a patch needs one.", c.type_name)));
    return *record.newest(matches->front().number);
  });
}

}  // namespace salus::fhir
