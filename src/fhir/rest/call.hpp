// A request to the FHIR gate, with what every handler wants to know of it.
#pragma once

#include <optional>
#include <string>

#include "fhir/rest/context.hpp"
#include "fhir/rest/presentation.hpp"

namespace salus::fhir {

struct Call {
  RestContext& context;
  const http::Request& request;
  Presentation form;
  TypeId type = TypeId::none;  // of {type}; none where the route has none
  std::string type_name = {};
  std::string base;  // "https://host/fhir"

  const Definitions& definitions() const { return context.definitions(); }
  const std::string& by() const { return request.caller->id; }
  // The type whose compartment is searched; null where none is.
  const std::string* compartment_owner() const { return find_param("owner"); }
  const std::string* find_param(std::string_view name) const;
};

using CallHandler = asio::awaitable<http::Response> (*)(Call call);

// Reads what is common and answers what is wrong with it: 404 for a type that is none, 400 and 406.
http::Handler handled(RestContext& context, CallHandler handler);

// The record now, or as it stood at `_asOf`: an instant, or the number of a version. Errors: invalid.
Result<StoreCut> cut_of(const Call& call);

// Whether resources of the type are kept here: all of R4's. SubscriptionStatus is of R4B, and is only told.
bool is_kept(const Definitions& definitions, TypeId type);
// A FHIR id: 1 to 64 of A-Z a-z 0-9 - .
bool is_id(std::string_view text);
// W/"12" and "12". Nothing for what is no version of ours.
std::optional<log::Offset> version_of_tag(std::string_view tag);
std::string tag_of(log::Offset version);

// `status` with Location, ETag and Last-Modified of a version, and as much of a body as the caller wants.
http::Response version_response(const Call& call, int status, const Version& version, bool with_location);
// 410 with the version that says so.
http::Response gone_response(const Call& call, const Version& version);
// What a write answers with.
http::Response written_response(const Call& call, const Written& written);

// Interactions (https://hl7.org/fhir/R4/http.html).
asio::awaitable<http::Response> read(Call call);
asio::awaitable<http::Response> vread(Call call);
asio::awaitable<http::Response> create(Call call);
asio::awaitable<http::Response> update(Call call);
asio::awaitable<http::Response> update_by_search(Call call);
asio::awaitable<http::Response> patch_one(Call call);
asio::awaitable<http::Response> patch_by_search(Call call);
asio::awaitable<http::Response> remove(Call call);
asio::awaitable<http::Response> remove_by_search(Call call);
asio::awaitable<http::Response> search_by_get(Call call);
asio::awaitable<http::Response> search_by_post(Call call);
asio::awaitable<http::Response> everything(Call call);
asio::awaitable<http::Response> instance_history(Call call);
asio::awaitable<http::Response> type_history(Call call);
asio::awaitable<http::Response> system_history(Call call);
asio::awaitable<http::Response> bundle(Call call);
asio::awaitable<http::Response> import_lines(Call call);
asio::awaitable<http::Response> begin_export(Call call);
asio::awaitable<http::Response> export_status(Call call);
asio::awaitable<http::Response> end_export(Call call);
asio::awaitable<http::Response> export_file(Call call);
asio::awaitable<http::Response> capabilities(Call call);
asio::awaitable<http::Response> validate_resource(Call call);
asio::awaitable<http::Response> evaluate_path(Call call);
asio::awaitable<http::Response> graphql_of_all(Call call);
asio::awaitable<http::Response> graphql_of_one(Call call);
asio::awaitable<http::Response> meta_of_one(Call call);
asio::awaitable<http::Response> meta_of_many(Call call);
asio::awaitable<http::Response> add_meta(Call call);
asio::awaitable<http::Response> delete_meta(Call call);
asio::awaitable<http::Response> composition_document(Call call);
asio::awaitable<http::Response> subscription_token(Call call);
asio::awaitable<http::Response> subscription_secret(Call call);
asio::awaitable<http::Response> subscription_status(Call call);
asio::awaitable<http::Response> subscription_statuses(Call call);
asio::awaitable<http::Response> subscription_events(Call call);
asio::awaitable<http::Response> last_observations(Call call);
asio::awaitable<http::Response> observation_statistics(Call call);
asio::awaitable<http::Response> signal_window(Call call);
asio::awaitable<http::Response> prove_version(Call call);
// Terminology.
asio::awaitable<http::Response> expand_value_set(Call call);
asio::awaitable<http::Response> validate_in_value_set(Call call);
asio::awaitable<http::Response> validate_in_code_system(Call call);
asio::awaitable<http::Response> look_up(Call call);
asio::awaitable<http::Response> subsumes(Call call);
asio::awaitable<http::Response> translate_code(Call call);

// Whether a document may be written: nothing, or 422 with what is wrong with it.
std::optional<http::Response> refusal_of(const Call& call, const Document& document);

// Submits one change and answers with what became of it. `action` is for the audit.
asio::awaitable<http::Response> write(Call call, Change change, std::string action);
// A PATCH entry of `bundle`, applied to what is there now. Errors: not_found, invalid, conflict (the search finds
// several, or the resource is not as the patch asks), those of searches.
struct PatchAsked;
struct PatchedResource;
Result<PatchedResource> patch_entry(const Call& call, const Document& bundle, const PatchAsked& asked);
// If-Match. Errors: invalid.
Result<std::optional<log::Offset>> wanted_version(const Call& call);
// The condition of a conditional update, patch or delete: the query without what asks for a form.
std::string condition_of(const Call& call);

// Who asked for what, and whether it was done.
void record(const Call& call, std::string_view action, std::string target, bool done);

}  // namespace salus::fhir
