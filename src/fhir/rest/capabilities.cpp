// GET /fhir/metadata: made from the interactions and the definitions, so that it can say nothing that is not so.
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

// The value set search-param-type.
constexpr std::string_view kSearchTypes[] = {"",          "number",    "date",     "string", "token",
                                             "reference", "composite", "quantity", "uri",    "special"};

// What resources of a type can be searched by: clients choose by it how they ask for what is a patient's.
std::string search_parameters(TypeId type) {
  std::string out;
  for (const search::Parameter* parameter : search::Parameters::r4().of(type)) {
    if (parameter->expression.empty() || parameter->type == SearchType::special) continue;
    out += fmt::format(R"({}{{"name":"{}","type":"{}"}})", out.empty() ? "" : ",", parameter->code,
                       kSearchTypes[static_cast<std::size_t>(parameter->type)]);
  }
  return out;
}

}  // namespace

asio::awaitable<http::Response> capabilities(Call call) {
  const Definitions& definitions = call.definitions();
  const std::string of_types = interactions_of_types();
  std::string text = fmt::format(
      R"({{"resourceType":"CapabilityStatement","status":"active","date":"{}","kind":"instance",)"
      R"("software":{{"name":"Salus","version":"{}"}},"implementation":{{"description":"Salus",{}}},)"
      R"("fhirVersion":"4.0.1","format":["application/fhir+json","application/fhir+xml"],)"
      R"("rest":[{{"mode":"server","security":{{"cors":false,"description":"Bearer tokens; see the server's documentation"}},)"
      R"("resource":[)",
      instant_of(call.context.clock.now()), call.context.software_version, member("url", call.base));
  bool first = true;
  for (std::uint32_t i = 1; i < definitions.type_count(); ++i) {
    const TypeId type{i};
    if (!is_kept(definitions, type)) continue;
    text +=
        fmt::format(R"({}{{"type":"{}","profile":"{}","interaction":[{}],"versioning":"versioned-update",)"
                    R"("readHistory":true,"updateCreate":true,"conditionalCreate":true,)"
                    R"("conditionalRead":"full-support","conditionalUpdate":true,"conditionalDelete":"single",)"
                    R"("searchParam":[{}]}})",
                    first ? "" : ",", definitions.name(type), definitions.url(type), of_types, search_parameters(type));
    first = false;
  }
  text += R"(],"interaction":[{"code":"transaction"},{"code":"batch"},{"code":"history-system"}]}]})";
  call.form.returns.reset();
  co_return resource_response(200, std::move(text), call.form, definitions);
}

}  // namespace salus::fhir
