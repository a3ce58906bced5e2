#include "http/router.hpp"

namespace salus::http {
namespace {

std::string lower_name(Method method) {
  std::string text{name(method)};
  for (char& c : text) c = static_cast<char>(c | 0x20);
  return text;
}

json::object content_of(const json::value& schema) {
  if (schema.is_string()) return {{"application/json", {{"schema", {{"description", schema.as_string()}}}}}};
  return {{"application/json", {{"schema", schema}}}};
}

json::array parameters_of(const std::vector<std::string>& segments, const std::vector<QueryParameter>& queries) {
  json::array parameters;
  for (const std::string& segment : segments)
    if (segment.starts_with('{'))
      parameters.push_back({{"name", segment.substr(1, segment.size() - 2)},
                            {"in", "path"},
                            {"required", true},
                            {"schema", {{"type", "string"}}}});
  for (const QueryParameter& query : queries)
    parameters.push_back({{"name", query.name},
                          {"in", "query"},
                          {"required", query.required},
                          {"description", query.description},
                          {"schema", {{"type", query.type}}}});
  return parameters;
}

json::object responses_of(const Route& route) {
  json::object success{{"description", reason(route.success)}};
  if (!route.response.is_null()) success["content"] = content_of(route.response);
  json::object responses;
  responses[std::to_string(route.success)] = std::move(success);
  responses["default"] = {{"$ref", "#/components/responses/Problem"}};
  return responses;
}

json::object operation_of(const Route& route, const std::vector<std::string>& segments) {
  json::object operation{{"summary", route.summary}, {"description", "For " + route.access.description() + "."}};
  json::array parameters = parameters_of(segments, route.queries);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.request.is_null()) operation["requestBody"] = {{"required", true}, {"content", content_of(route.request)}};
  operation["responses"] = responses_of(route);
  operation["security"] =
      route.access.needs_sign_in() ? json::array{json::object{{"bearer", json::array{}}}} : json::array{};
  return operation;
}

json::object operation_of(const WebSocketRoute& route, const std::vector<std::string>& segments) {
  json::object operation{{"summary", route.summary},
                         {"description", "A WebSocket (RFC 6455), for " + route.access.description() + "."},
                         {"responses", {{"101", {{"description", reason(101)}}}}}};
  json::array parameters = parameters_of(segments, {});
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  return operation;
}

json::object components() {
  const json::object problem_schema{{"type", "object"},
                                    {"required", {"type", "title", "status", "code", "detail"}},
                                    {"properties",
                                     {{"type", {{"type", "string"}}},
                                      {"title", {{"type", "string"}}},
                                      {"status", {{"type", "integer"}}},
                                      {"code", {{"type", "string"}}},
                                      {"detail", {{"type", "string"}}}}}};
  return {{"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}},
          {"responses",
           {{"Problem",
             {{"description", "What went wrong (RFC 9457)"},
              {"content", {{"application/problem+json", {{"schema", problem_schema}}}}}}}}}};
}

}  // namespace

json::object Router::openapi(std::string_view version) const {
  json::object paths;
  for (const Entry& entry : entries_) {
    const std::string& pattern = entry.route ? entry.route->pattern : entry.socket->pattern;
    if (!paths.contains(pattern)) paths[pattern] = json::object{};
    json::object& path = paths[pattern].as_object();
    if (entry.route)
      path[lower_name(entry.route->method)] = operation_of(*entry.route, entry.segments);
    else
      path["get"] = operation_of(*entry.socket, entry.segments);
  }
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "Salus"}, {"version", version}}},
          {"paths", std::move(paths)},
          {"components", components()}};
}

namespace {

asio::awaitable<Result<Response>> get_openapi(const Router& router, const std::string& version) {
  co_return json_response(200, router.openapi(version));
}

}  // namespace

void add_openapi(Router& router, std::string version) {
  router.add(
      Route{.method = Method::get,
            .pattern = "/api/openapi.json",
            .access = Access::anyone(),
            .summary = "This description",
            // The router outlives its handlers; they hold the version.
            .handler = [&router, version = std::move(version)](const Request&) { return get_openapi(router, version); },
            .queries = {},
            .request = nullptr,
            .response = "An OpenAPI 3.1 document"});
}

}  // namespace salus::http
