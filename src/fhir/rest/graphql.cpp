// $graphql: GraphQL queries over the record or a resource (https://hl7.org/fhir/R4/graphql.html), by GET and by POST.
#include "base/text.hpp"
#include "fhir/document/json.hpp"
#include "fhir/graphql/check.hpp"
#include "fhir/graphql/execute.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/graphql_source.hpp"
#include "fhir/rest/outcome.hpp"

namespace salus::fhir {
namespace {

using graphql::Problem;
using http::Response;

constexpr std::size_t kBodyBytesMax = 1 << 20;  // query and variables

struct GraphqlRequest {
  std::string query, operation;
  json::object variables;
};

Result<json::object> variables_in(std::string_view text) {
  if (text.empty()) return json::object{};
  auto value = parse_json(text, {.bytes_max = kBodyBytesMax});
  if (!value) return within("variables", value.error());
  if (value->is_null()) return json::object{};
  return as_object(*value, "variables");
}

// Of the URL. Errors: invalid.
Result<GraphqlRequest> request_in_url(const Call& call) {
  GraphqlRequest out;
  for (const auto& [name, value] : call.request.queries) {
    if (name == "query") {
      out.query = value;
    } else if (name == "operationName") {
      out.operation = value;
    } else if (name == "variables") {
      auto variables = variables_in(value);
      if (!variables) return fail(variables.error());
      out.variables = std::move(*variables);
    } else if (!is_presentation_parameter(name)) {
      return fail(ErrorCode::invalid, "$graphql takes query, operationName and variables, not '{}'.", name);
    }
  }
  return out;
}

// Errors: invalid, too_large.
Result<GraphqlRequest> request_in_json(std::string_view body) {
  const auto value = parse_json(body, {.bytes_max = kBodyBytesMax});
  if (!value) return fail(value.error());
  auto object = as_object(*value, "The body");
  if (!object) return fail(object.error());
  GraphqlRequest out;
  for (const auto& [name, said] : *object) {
    if (name == "query" && said.is_string()) {
      out.query = said.get_string();
    } else if (name == "operationName" && (said.is_string() || said.is_null())) {
      if (said.is_string()) out.operation = said.get_string();
    } else if (name == "variables" && (said.is_object() || said.is_null())) {
      if (said.is_object()) out.variables = said.get_object();
    } else if (name == "query" || name == "operationName" || name == "variables") {
      return fail(ErrorCode::invalid, "'{}' is of the wrong type.", std::string_view{name});
    } else if (name != "extensions") {
      return fail(ErrorCode::invalid, "The body has query, operationName and variables, and nothing else.");
    }
  }
  return out;
}

void write_problem(const Problem& problem, std::string& out) {
  out += R"({"message":)";
  write_json_string(problem.message, out);
  if (problem.at.line != 0)
    out += fmt::format(R"(,"locations":[{{"line":{},"column":{}}}])", problem.at.line, problem.at.column);
  if (!problem.path.empty()) {
    out += R"(,"path":[)";
    for (std::size_t i = 0; i < problem.path.size(); ++i) {
      if (i > 0) out += ',';
      if (const auto* key = std::get_if<std::string>(&problem.path[i]))
        write_json_string(*key, out);
      else
        out += std::to_string(std::get<std::size_t>(problem.path[i]));
    }
    out += ']';
  }
  const Response said = outcome(Error{problem.code, problem.message});
  out += fmt::format(R"(,"extensions":{{"resource":{}}}}})", std::get<std::string>(said.body));
}

Response graphql_response(int status, std::string text) {
  return http::text_response(status, "application/json; charset=utf-8", std::move(text));
}

// Nothing is answered.
Response refused(const Problem& problem, int status = 0) {
  std::string out = R"({"errors":[)";
  write_problem(problem, out);
  return graphql_response(status != 0 ? status : outcome(Error{problem.code, {}}).status, out + "]}");
}
Response refused(const Error& error) {
  return refused(Problem{.message = error.message, .code = error.code});
}

Response answered(const graphql::Answer& answer) {
  std::string out = R"({"data":)";
  answer.data.write(out);
  if (!answer.problems.empty()) {
    out += R"(,"errors":[)";
    for (std::size_t i = 0; i < answer.problems.size(); ++i) {
      if (i > 0) out += ',';
      write_problem(answer.problems[i], out);
    }
    out += ']';
  }
  return graphql_response(200, out + '}');
}

// `query` in the URL, or the body as application/json or application/graphql.
tl::expected<GraphqlRequest, Response> request_of(const Call& call) {
  auto in_url = request_in_url(call);
  if (!in_url) return tl::make_unexpected(refused(in_url.error()));
  const http::Request& request = call.request;
  if (request.body.size() > kBodyBytesMax)
    return tl::make_unexpected(refused(Problem{
        .message = fmt::format("The body has at most {} KiB.", kBodyBytesMax >> 10), .code = ErrorCode::too_large}));
  if (request.method == http::Method::post && !request.body.empty()) {
    const std::string_view header = request.header("content-type"), type = header.substr(0, header.find(';'));
    if (type == "application/graphql") {
      in_url->query = request.body;
    } else if (type == "application/json") {
      auto in_body = request_in_json(request.body);
      if (!in_body) return tl::make_unexpected(refused(in_body.error()));
      in_url = std::move(in_body);
    } else {
      return tl::make_unexpected(
          refused(Problem{.message = "A query is posted as application/json or application/graphql."}, 415));
    }
  }
  if (in_url->query.empty()) return tl::make_unexpected(refused(Problem{.message = "There is no `query`."}));
  if (!is_utf8(in_url->query)) return tl::make_unexpected(refused(Problem{.message = "The query is no UTF-8."}));
  return std::move(*in_url);
}

Response answer(const Call& call, const std::string* id) {
  const auto request = request_of(call);
  if (!request) return request.error();
  auto cut = cut_of(call);
  if (!cut) return refused(cut.error());
  const auto query = graphql::parse(request->query);
  if (!query) return refused(query.error());
  const auto operation = graphql::operation_of(*query, request->operation);
  if (!operation) return refused(operation.error());
  const graphql::Scope root =
      id == nullptr ? graphql::Scope{} : graphql::Scope{graphql::Scope::Kind::object, call.type};
  if (const auto checked = graphql::check(*query, **operation, root, call.definitions()); !checked)
    return refused(checked.error());
  const auto variables = graphql::variables_of(**operation, request->variables);
  if (!variables) return refused(variables.error());

  GraphqlSource source{call, std::move(*cut)};
  graphql::Resource focus;
  if (id != nullptr) {
    auto read = source.read(call.type, *id);
    if (!read) return refused(read.error());
    if (*read == nullptr)
      return refused(
          Problem{.message = fmt::format("There is no {}/{}.", call.type_name, *id), .code = ErrorCode::not_found});
    focus = std::move(*read);
  }
  const auto answer = graphql::execute({.query = *query,
                                        .operation = **operation,
                                        .variables = *variables,
                                        .focus = focus,
                                        .now = call.context.clock.now()},
                                       source, call.definitions());
  return answer ? answered(*answer) : refused(answer.error());
}

}  // namespace

asio::awaitable<Response> graphql_of_all(Call call) {
  co_return answer(call, nullptr);
}

asio::awaitable<Response> graphql_of_one(Call call) {
  co_return answer(call, &call.request.param("id"));
}

}  // namespace salus::fhir
