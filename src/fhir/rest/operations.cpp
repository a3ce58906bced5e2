// Operations: $validate and $fhirpath.
#include "fhir/document/json.hpp"
#include "fhir/path/expression.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/record_terms.hpp"
#include "fhir/validation/operation.hpp"

namespace salus::fhir {
namespace {

using http::Response;

struct PathRequest {
  std::string expression, context;
  const Node* resource = nullptr;
  std::map<std::string, path::Collection, std::less<>> variables;
};

// A parameter's value[x], or its resource; null when it has neither.
const Node* value_of(const Document& parameters, const Node& parameter) {
  const Definitions& definitions = parameters.definitions();
  if (const Node* value = parameters.child(parameter, definitions.known().value)) return value;
  return parameters.child(parameter, definitions.known().resource_name);
}

Result<PathRequest> path_request_of(const Document& parameters) {
  PathRequest request;
  for (const Node& parameter : parameters.children(parameters.root())) {
    if (parameters.name(parameter) != "parameter") continue;
    const Node* name = parameters.child(parameter, "name");
    const std::string_view said = name == nullptr ? std::string_view{} : parameters.text(*name);
    const Node* value = value_of(parameters, parameter);
    if (said == "expression" && value != nullptr) {
      request.expression = parameters.text(*value);
    } else if (said == "context" && value != nullptr) {
      request.context = parameters.text(*value);
    } else if (said == "resource") {
      request.resource = value;
    } else if (said == "variables") {
      for (const Node& part : parameters.children(parameter)) {
        const Node* part_name = parameters.child(part, "name");
        const Node* part_value = value_of(parameters, part);
        if (parameters.name(part) != "part" || part_name == nullptr || part_value == nullptr) continue;
        request.variables[std::string(parameters.text(*part_name))].emplace_back(
            path::NodeRef{&parameters, part_value});
      }
    } else {
      return fail(ErrorCode::invalid,
                  "$fhirpath takes the parameters expression, resource, context and variables, not '{}'.", said);
    }
  }
  if (request.expression.empty()) return fail(ErrorCode::invalid, "$fhirpath needs the parameter 'expression'.");
  return request;
}

// "valueCode" of a code; nothing where a Parameters cannot hold the type as a value.
std::optional<std::string> value_name(const Definitions& definitions, std::string_view type) {
  std::string name = "value" + std::string(type);
  name[5] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[5])));
  const TypeId parameter = definitions.type("Parameters.parameter");
  const NameId id = definitions.name(name);
  if (id == NameId::none || definitions.member(parameter, id).element == ElementId::none) return std::nullopt;
  return name;
}

// {"name":"string","valueString":"x"}: the part of one result.
std::string part_of(const path::Value& value, const Definitions& definitions) {
  const path::TypeInfo type = path::type_of(value);
  std::string out = "{\"name\":";
  write_json_string(type.name, out);
  if (const path::NodeRef* node = value.node()) {
    std::string json;
    write_json(*node->document, *node->node, {}, json);
    if (node->document->is_resource(*node->node)) return out + ",\"resource\":" + json + "}";
    if (const auto name = value_name(definitions, definitions.name(node->type()));
        name && node->node->shape != Shape::absent)
      return out + fmt::format(",\"{}\":{}}}", *name, json);
  } else if (value.as<bool>() != nullptr) {
    return out + ",\"valueBoolean\":" + path::text_of(value) + "}";
  } else if (value.as<std::int64_t>() != nullptr) {
    return out + ",\"valueInteger\":" + path::text_of(value) + "}";
  } else if (value.as<path::Decimal>() != nullptr) {
    return out + ",\"valueDecimal\":" + path::text_of(value) + "}";
  }
  out += ",\"valueString\":";
  write_json_string(path::text_of(value), out);
  return out + '}';
}

}  // namespace

asio::awaitable<Response> validate_resource(Call call) {
  const auto body = read_body(call.request, call.definitions());
  if (!body) co_return outcome(body.error());
  auto asked = validation::read_request(*body);
  if (!asked) co_return outcome(asked.error());
  for (const auto& [name, value] : call.request.queries) {
    if (name == "profile") {
      asked->profiles.push_back(value);
    } else if (name == "mode") {
      const auto mode = validation::mode_of(value);
      if (!mode) co_return outcome(400, "value", "`mode` is one of create, update, delete, profile.");
      asked->mode = *mode;
    } else if (!is_presentation_parameter(name)) {
      co_return outcome(400, "not-supported", fmt::format("$validate takes `profile` and `mode`, not `{}`.", name));
    }
  }
  std::optional<Document> stored;
  const Document* resource = asked->resource ? &*asked->resource : nullptr;
  if (const std::string* id = call.find_param("id"); resource == nullptr && id != nullptr) {
    const auto version = call.context.store.cut().record.newest(call.type, *id);
    if (!version || version->is_removed())
      co_return outcome(404, "not-found", fmt::format("There is no {}/{}.", call.type_name, *id));
    auto document = call.context.store.document(*version);
    if (!document) co_return outcome(document.error());
    stored = std::move(*document);
    resource = &*stored;
  }
  if (resource == nullptr)
    co_return outcome(400, "required", "$validate needs a resource, as the body or as the parameter `resource`.");
  if (resource->type() != call.type)
    co_return outcome(400, "invalid", fmt::format("The resource is no {}.", call.type_name));
  TermsAt at{call.context, call.context.store.cut()};
  validation::Options options;
  options.now = call.context.clock.now();
  options.terminology = &at.terms;
  options.profiles_asked = asked->profiles;
  std::string said = validation::outcome_json(validation::validate(*resource, options));
  call.form.summary = Summary::none;
  co_return resource_response(200, std::move(said), call.form, call.definitions());
}

asio::awaitable<Response> evaluate_path(Call call) {
  const auto body = read_body(call.request, call.definitions());
  if (!body) co_return outcome(body.error());
  if (body->type() != call.definitions().known().parameters)
    co_return outcome(400, "invalid", "$fhirpath takes a Parameters resource.");
  auto asked = path_request_of(*body);
  if (!asked) co_return outcome(asked.error());
  path::Environment environment{.now = call.context.clock.now()};
  environment.limits.steps_max = 1'000'000;
  TermsAt at{call.context, call.context.store.cut()};
  environment.terminology = &at.terms;
  environment.variables = std::move(asked->variables);
  const auto compiled = path::Expression::compile(asked->expression, call.definitions());
  if (!compiled) co_return outcome(compiled.error());
  const Node& root = asked->resource != nullptr ? *asked->resource : body->root();
  std::string parts;
  const auto add = [&](const Node& context) -> Result<void> {
    const auto found = compiled->evaluate(*body, context, environment);
    if (!found) return fail(found.error());
    for (const path::Value& value : *found) parts += (parts.empty() ? "" : ",") + part_of(value, call.definitions());
    return {};
  };
  Result<void> done;
  if (asked->context.empty()) {
    done = add(root);
  } else {
    const auto contexts = path::Expression::compile(asked->context, call.definitions());
    if (!contexts) co_return outcome(contexts.error());
    const auto items = contexts->evaluate(*body, root, environment);
    if (!items) co_return outcome(items.error());
    for (const path::Value& item : *items)
      if (const path::NodeRef* node = item.node(); node != nullptr && done) done = add(*node->node);
  }
  if (!done) co_return outcome(done.error());
  std::string text = R"({"resourceType":"Parameters","parameter":[{"name":"result")";
  if (!parts.empty()) text += ",\"part\":[" + parts + "]";
  co_return resource_response(200, text + "}]}", call.form, call.definitions());
}

}  // namespace salus::fhir
