#include "fhir/rest/interactions.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "fhir/rest/outcome.hpp"

namespace salus::fhir {
namespace {

using http::Method;
using http::Response;

constexpr std::size_t kBundleBytesMax = 64 << 20;

constexpr Interaction kInteractions[] = {
    {Method::get, "/metadata", false, capabilities, "What this server can do: its CapabilityStatement"},
    {Method::post, "", true, bundle, "A batch or a transaction"},
    {Method::post, "/", true, bundle, "The same: some clients end the base with a slash"},
    {Method::post, "/$import", true, import_lines, "Takes NDJSON: each line a resource, put under its id"},
    {Method::get, "/$export", false, begin_export, "Begins a bulk export of the whole record"},
    {Method::get, "/Patient/$export", false, begin_export, "The same of what is in the compartments of patients"},
    {Method::get, "/Group/{id}/$export", false, begin_export, "The same of a group's patients"},
    {Method::get, "/$export-status", false, export_status, "An export's manifest: its files"},
    {Method::del, "/$export-status", false, end_export, "Ends an export"},
    {Method::get, "/$export-file", false, export_file, "What is exported of a type, as NDJSON"},
    {Method::post, "/$fhirpath", false, evaluate_path, "Evaluates a FHIRPath expression"},
    {Method::get, "/$graphql", false, graphql_of_all, "Answers a GraphQL query from the whole record"},
    {Method::post, "/$graphql", false, graphql_of_all, "The same, with the query as the body"},
    {Method::get, "/{type}/{id}/$graphql", false, graphql_of_one, "Answers a GraphQL query from a resource"},
    {Method::post, "/{type}/{id}/$graphql", false, graphql_of_one, "The same, with the query as the body"},
    {Method::post, "/{type}/$validate", false, validate_resource, "Whether a resource is as R4 says"},
    {Method::post, "/{type}/{id}/$validate", false, validate_resource,
     "The same of a resource that is stored, or of one to replace it"},
    {Method::get, "/$meta", false, meta_of_many, "Profiles, tags and security labels of all that there is"},
    {Method::post, "/$meta", false, meta_of_many, "The same"},
    {Method::get, "/{type}/$meta", false, meta_of_many, "Profiles, tags and security labels of a type's resources"},
    {Method::post, "/{type}/$meta", false, meta_of_many, "The same"},
    {Method::get, "/{type}/{id}/$meta", false, meta_of_one, "Profiles, tags and security labels of a resource"},
    {Method::post, "/{type}/{id}/$meta", false, meta_of_one, "The same"},
    {Method::get, "/{type}/{id}/_history/{version}/$meta", false, meta_of_one, "Those of a version"},
    {Method::post, "/{type}/{id}/_history/{version}/$meta", false, meta_of_one, "The same"},
    {Method::post, "/{type}/{id}/$meta-add", true, add_meta, "Adds profiles, tags and security labels"},
    {Method::post, "/{type}/{id}/_history/{version}/$meta-add", true, add_meta,
     "The same, if it is the newest version"},
    {Method::post, "/{type}/{id}/$meta-delete", true, delete_meta, "Takes profiles, tags and security labels away"},
    {Method::post, "/{type}/{id}/_history/{version}/$meta-delete", true, delete_meta,
     "The same, if it is the newest version"},
    {Method::get, "/Observation/$lastn", false, last_observations, "The newest Observations of each code"},
    {Method::get, "/Observation/$stats", false, observation_statistics, "Statistics of what was measured"},
    {Method::post, "/Observation/$stats", false, observation_statistics, "The same, by Parameters"},
    {Method::get, "/Observation/$signal", false, signal_window,
     "A wave or series as SampledData, of any interval and rate"},
    {Method::get, "/Composition/$document", false, composition_document,
     "A Composition and all that it refers to, as one Bundle"},
    {Method::post, "/Composition/$document", true, composition_document, "The same, stored where `persist` says so"},
    {Method::get, "/Composition/{id}/$document", false, composition_document,
     "The same of the Composition in the path"},
    {Method::post, "/Composition/{id}/$document", true, composition_document,
     "The same, stored where `persist` says so"},
    {Method::get, "/ValueSet/$expand", false, expand_value_set, "The codes of a value set"},
    {Method::post, "/ValueSet/$expand", false, expand_value_set, "The codes of a value set"},
    {Method::get, "/ValueSet/{id}/$expand", false, expand_value_set, "The codes of a value set that is stored"},
    {Method::post, "/ValueSet/{id}/$expand", false, expand_value_set, "The codes of a value set that is stored"},
    {Method::get, "/ValueSet/$validate-code", false, validate_in_value_set, "Whether a code is in a value set"},
    {Method::post, "/ValueSet/$validate-code", false, validate_in_value_set, "Whether a code is in a value set"},
    {Method::get, "/ValueSet/{id}/$validate-code", false, validate_in_value_set,
     "Whether a code is in a value set that is stored"},
    {Method::post, "/ValueSet/{id}/$validate-code", false, validate_in_value_set,
     "Whether a code is in a value set that is stored"},
    {Method::get, "/CodeSystem/$validate-code", false, validate_in_code_system, "Whether a code is in a code system"},
    {Method::post, "/CodeSystem/$validate-code", false, validate_in_code_system, "Whether a code is in a code system"},
    {Method::get, "/CodeSystem/{id}/$validate-code", false, validate_in_code_system,
     "Whether a code is in a code system that is stored"},
    {Method::post, "/CodeSystem/{id}/$validate-code", false, validate_in_code_system,
     "Whether a code is in a code system that is stored"},
    {Method::get, "/CodeSystem/$lookup", false, look_up, "What a code means"},
    {Method::post, "/CodeSystem/$lookup", false, look_up, "What a code means"},
    {Method::get, "/CodeSystem/$subsumes", false, subsumes, "Which of two codes is above the other"},
    {Method::post, "/CodeSystem/$subsumes", false, subsumes, "Which of two codes is above the other"},
    {Method::get, "/CodeSystem/{id}/$subsumes", false, subsumes, "The same in a code system that is stored"},
    {Method::post, "/CodeSystem/{id}/$subsumes", false, subsumes, "The same in a code system that is stored"},
    {Method::get, "/ConceptMap/$translate", false, translate_code, "What concept maps make of a code"},
    {Method::post, "/ConceptMap/$translate", false, translate_code, "What concept maps make of a code"},
    {Method::get, "/ConceptMap/{id}/$translate", false, translate_code, "What a stored concept map makes of a code"},
    {Method::post, "/ConceptMap/{id}/$translate", false, translate_code, "What a stored concept map makes of a code"},
    {Method::get, "", false, search_by_get, "Search in the whole record, or in the types that _type names"},
    {Method::get, "/", false, search_by_get, "The same"},
    {Method::post, "/_search", false, search_by_post, "The same, by a form"},
    {Method::get, "/_history", false, system_history, "History of everything"},
    {Method::get, "/{type}", false, search_by_get, "Search"},
    {Method::post, "/{type}/_search", false, search_by_post, "The same, by a form"},
    {Method::post, "/{type}", true, create, "Creates a resource; with If-None-Exist only if a search finds none"},
    {Method::put, "/{type}", true, update_by_search, "Updates the one that a search finds, or creates it"},
    {Method::patch, "/{type}", true, patch_by_search, "Patches the one that a search finds"},
    {Method::del, "/{type}", true, remove_by_search, "Deletes the one that a search finds"},
    {Method::get, "/{type}/_history", false, type_history, "History of a type"},
    {Method::get, "/{type}/{id}", false, read, "The resource as it is now"},
    {Method::put, "/{type}/{id}", true, update, "Creates or replaces; with If-Match only that version"},
    {Method::patch, "/{type}/{id}", true, patch_one, "Patches: JSON Patch, merge patch, XML Patch, FHIRPath Patch"},
    {Method::del, "/{type}/{id}", true, remove, "Deletes; its history stays"},
    {Method::get, "/{owner}/{id}/{type}", false, search_by_get, "Search within a compartment, such as a patient's"},
    {Method::post, "/{owner}/{id}/{type}/_search", false, search_by_post, "The same, by a form"},
    {Method::get, "/{owner}/{id}/$everything", false, everything, "A patient and all that is in their compartment"},
    {Method::get, "/{type}/{id}/$proof", false, prove_version, "What links the newest version to the log's head"},
    {Method::get, "/{type}/{id}/_history/{version}/$proof", false, prove_version, "The same of an earlier version"},
    {Method::get, "/Subscription/{id}/$get-ws-binding-token", false, subscription_token,
     "A token that binds a socket to a subscription"},
    {Method::get, "/Subscription/{id}/$signing-secret", true, subscription_secret,
     "What signs the events that its receiver gets"},
    {Method::get, "/Subscription/$status", false, subscription_statuses, "How several subscriptions stand, or all"},
    {Method::post, "/Subscription/$status", false, subscription_statuses, "The same"},
    {Method::post, "/Subscription/{id}/$status", false, subscription_status, "How a subscription stands"},
    {Method::get, "/Subscription/{id}/$status", false, subscription_status, "How a subscription stands"},
    {Method::get, "/Subscription/{id}/$events", false, subscription_events, "Its events again, by their numbers"},
    {Method::get, "/{type}/{id}/_history", false, instance_history, "History of a resource"},
    {Method::get, "/{type}/{id}/_history/{version}", false, vread, "A version of a resource"},
};

// Whether `segments` (behind /fhir) are of the pattern's shape; fills `params`.
bool fits(std::string_view pattern, std::span<const std::string> segments, http::Fields& params) {
  params.clear();
  for (const std::string& segment : segments) {
    if (!pattern.starts_with('/')) return false;
    pattern.remove_prefix(1);
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(part.size());
    if (part.starts_with('{'))
      params.emplace_back(part.substr(1, part.size() - 2), segment);
    else if (part != segment)
      return false;
  }
  return pattern.empty();
}

}  // namespace

std::span<const Interaction> interactions() {
  return kInteractions;
}

asio::awaitable<Response> dispatch(RestContext& context, http::Request& request) {
  const std::span<const std::string> behind = std::span{request.segments}.subspan(1);
  const Interaction* found = nullptr;
  http::Fields params;
  for (const Interaction& interaction : kInteractions) {
    if (interaction.method != request.method || interaction.changes || !fits(interaction.pattern, behind, params))
      continue;
    if (found == nullptr || params.size() < request.params.size()) {  // the more literal one
      found = &interaction;
      request.params = params;
    }
  }
  if (found == nullptr) co_return outcome(404, "not-supported", "There is no such interaction.");
  auto response = co_await handled(context, found->handler)(request);
  co_return response ? std::move(*response) : outcome(response.error());
}

void add_fhir(http::Router& router, RestContext& context) {
  for (const std::string_view base : {"/fhir", "/fhir/R4"})
    for (const Interaction& interaction : kInteractions) {
      const bool is_open = interaction.handler == capabilities;
      router.add({.method = interaction.method,
                  .pattern = std::string(base) + std::string(interaction.pattern),
                  .access = is_open ? http::Access::anyone()
                                    : http::Access::may(interaction.changes ? guard::Action::change_record
                                                                            : guard::Action::see_record),
                  .summary = std::string(interaction.summary),
                  .handler = handled(context, interaction.handler),
                  .queries = {},
                  .request = interaction.changes ? json::value("FHIR R4, JSON or XML") : json::value(nullptr),
                  .response = "FHIR R4, JSON or XML",
                  .body_bytes_max = kBundleBytesMax,
                  .repeats_queries = true,
                  .refuse = [](const Error& error) { return outcome(error); }});
    }
}

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, "-");
  return text;
}

}  // namespace salus::fhir
