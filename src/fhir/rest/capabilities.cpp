// GET /fhir/metadata: made from the interactions and the definitions, so that it can say nothing that is not so.
#include <map>
#include <tuple>

#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/search/parameters.hpp"

namespace salus::fhir {
namespace {

void add_interaction(std::string& out, std::string_view code) {
  if (!out.empty()) out += ',';
  out += fmt::format(R"({{"code":"{}"}})", code);
}

// What the table has for {type}, in the words of the value set type-restful-interaction.
std::string interactions_of_types() {
  std::string out;
  for (const Interaction& interaction : interactions())
    for (const auto& [handler, code] : {std::pair<CallHandler, std::string_view>{read, "read"},
                                        {vread, "vread"},
                                        {create, "create"},
                                        {update, "update"},
                                        {patch_one, "patch"},
                                        {remove, "delete"},
                                        {search_by_get, "search-type"},
                                        {instance_history, "history-instance"},
                                        {type_history, "history-type"}})
      if (interaction.handler == handler) add_interaction(out, code);
  return out;
}

// "search-type"
std::string_view name_of(SearchType type) {
  constexpr std::string_view names[] = {"",          "number",    "date",     "string", "token",
                                        "reference", "composite", "quantity", "uri",    "special"};
  return names[static_cast<std::size_t>(type)];
}

// Those that search knows: _query names a query, of which there is none here.
bool is_searchable(const search::Parameter& parameter) {
  return !parameter.expression.empty() || parameter.code == "_text" || parameter.code == "_content";
}

std::string operations_of(const Definitions& definitions, TypeId type) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view definition) {
    out += fmt::format(R"({}{{"name":"{}","definition":"http://hl7.org/fhir/{}"}})", out.empty() ? "" : ",", name,
                       definition);
  };
  for (const std::string_view name : {"validate", "meta", "meta-add", "meta-delete", "graphql"})
    add(name, fmt::format("OperationDefinition/Resource-{}", name));
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"Patient", "everything"},       {"Observation", "lastn"},      {"Observation", "stats"},
      {"ValueSet", "expand"},          {"ValueSet", "validate-code"}, {"CodeSystem", "lookup"},
      {"CodeSystem", "validate-code"}, {"CodeSystem", "subsumes"},    {"ConceptMap", "translate"},
      {"Composition", "document"},
  };
  for (const auto& [of, name] : known)
    if (definitions.name(type) == of) add(name, fmt::format("OperationDefinition/{}-{}", of, name));
  if (definitions.name(type) == "Subscription")
    for (const std::string_view name : {"get-ws-binding-token", "status", "events"})
      add(name, fmt::format("uv/subscriptions-backport/OperationDefinition/backport-subscription-{}", name));
  return out;
}

// What is searched, included and done of each type, in JSON; the same at every call.
std::string resources_of_r4() {
  const search::Parameters& parameters = search::Parameters::r4();
  const Definitions& definitions = parameters.definitions();
  const std::string of_types = interactions_of_types();
  std::map<TypeId, std::string> referring;  // for searchRevInclude
  for (const TypeId type : parameters.types())
    for (const search::Parameter* parameter : parameters.of(type))
      for (const TypeId target : parameter->targets)
        referring[target] +=
            fmt::format(R"({}"{}:{}")", referring[target].empty() ? "" : ",", definitions.name(type), parameter->code);
  std::string text;
  const auto types_of_r4 = definitions.value_set("http://hl7.org/fhir/ValueSet/resource-types");
  for (const TypeId type : parameters.types()) {
    if (types_of_r4 && !definitions.has_code(*types_of_r4, definitions.name(type))) continue;  // of a later release
    std::string searched, included;
    for (const search::Parameter* parameter : parameters.of(type)) {
      if (!is_searchable(*parameter)) continue;
      searched += fmt::format(R"({}{{"name":"{}","definition":"{}","type":"{}"}})", searched.empty() ? "" : ",",
                              parameter->code, parameter->url, name_of(parameter->type));
      if (parameter->type == SearchType::reference)
        included += fmt::format(R"({}"{}:{}")", included.empty() ? "" : ",", definitions.name(type), parameter->code);
    }
    text += fmt::format(
        R"({}{{"type":"{}","profile":"{}","interaction":[{}],"versioning":"versioned-update","readHistory":true,)"
        R"("updateCreate":true,"conditionalCreate":true,"conditionalRead":"full-support","conditionalUpdate":true,)"
        R"("conditionalDelete":"single","searchInclude":["*"{}{}],)",
        text.empty() ? "" : ",", definitions.name(type), definitions.url(type), of_types, included.empty() ? "" : ",",
        included);
    if (!referring[type].empty()) text += fmt::format(R"("searchRevInclude":[{}],)", referring[type]);
    text += fmt::format(R"("searchParam":[{}],"operation":[{}]}})", searched, operations_of(definitions, type));
  }
  return text;
}

}  // namespace

asio::awaitable<http::Response> capabilities(Call call) {
  static const std::string resources = resources_of_r4();
  std::string text = fmt::format(
      R"({{"resourceType":"CapabilityStatement","name":"Salus","status":"active","date":"{}","kind":"instance",)"
      R"("software":{{"name":"Salus","version":"{}"}},"implementation":{{"description":"Salus",{}}},)"
      R"("fhirVersion":"4.0.1","format":["application/fhir+json","application/fhir+xml"],)"
      R"("rest":[{{"extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket",{}}}],)"
      R"("mode":"server","security":{{"cors":false,"description":"Bearer tokens; see the server's documentation"}},)"
      R"("resource":[)",
      instant_of(call.context.clock.now()), call.context.software_version, member("url", call.base),
      member("valueUri",
             fmt::format("{}://{}/ws/subscriptions-r4", call.request.tls ? "wss" : "ws", call.request.header("host"))));
  text += resources;
  text += R"(],"interaction":[{"code":"transaction"},{"code":"batch"},{"code":"history-system"}],"operation":[)"
          R"({"name":"meta","definition":"http://hl7.org/fhir/OperationDefinition/Resource-meta"},)"
          R"({"name":"graphql","definition":"http://hl7.org/fhir/OperationDefinition/Resource-graphql"},)"
          R"({"name":"export","definition":"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"},)"
          R"({"name":"import","definition":"urn:salus:operation:import"}]}]})";
  call.form.returns.reset();
  co_return resource_response(200, std::move(text), call.form, call.definitions());
}

}  // namespace salus::fhir
