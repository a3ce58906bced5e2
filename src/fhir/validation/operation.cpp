#include "fhir/validation/operation.hpp"

#include <algorithm>

#include "fhir/document/json.hpp"

namespace salus::fhir::validation {
namespace {

tl::unexpected<Issue> refuse(const Document& body, const Node& at, std::string message) {
  return tl::make_unexpected(
      Issue{.code = ErrorCode::invalid, .message = std::move(message), .location = body.location(at)});
}

// A resource within another as a document of its own, so that locations begin at it.
Reading<Document> alone(const Document& body, const Node& resource) {
  std::string json;
  write_json(body, resource, {}, json);
  return read_json(json, body.definitions());
}

}  // namespace

std::optional<Mode> mode_of(std::string_view code) {
  constexpr std::pair<std::string_view, Mode> modes[] = {
      {"create", Mode::create}, {"update", Mode::update}, {"delete", Mode::remove}, {"profile", Mode::profile}};
  for (const auto& [name, mode] : modes)
    if (name == code) return mode;
  return std::nullopt;
}

Reading<Request> read_request(const Document& body) {
  Request request;
  const Definitions& d = body.definitions();
  const auto& known = d.known();
  bool named = false;
  if (body.type() == known.parameters) {
    for (const Node& parameter : body.children(body.root())) {
      if (body.name(parameter) != "parameter") continue;
      const Node* called = body.child(parameter, "name");
      const std::string_view name = called == nullptr ? std::string_view{} : body.text(*called);
      const Node* value = body.child(parameter, known.value);
      const Node* resource = body.child(parameter, known.resource_name);
      if (name == "resource") {
        if (resource == nullptr || request.resource) return refuse(body, parameter, "'resource' holds one resource");
        auto read = alone(body, *resource);
        if (!read) return tl::make_unexpected(std::move(read.error()));
        request.resource = std::move(*read);
      } else if (name == "mode") {
        const auto mode = value == nullptr ? std::nullopt : mode_of(body.text(*value));
        if (!mode || request.mode != Mode::none)
          return refuse(body, parameter, "'mode' is one of create, update, delete, profile");
        request.mode = *mode;
      } else if (name == "profile") {
        if (value == nullptr || !value->has_value()) return refuse(body, parameter, "'profile' is a canonical");
        request.profiles.emplace_back(body.text(*value));
        if (request.profiles.size() > 20) return refuse(body, parameter, "There are too many profiles");
      } else {
        continue;
      }
      named = true;
    }
  }
  if (!named) request.resource = body;
  return request;
}

std::string outcome_json(const std::vector<Finding>& findings) {
  std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
  const auto issue = [&](std::string_view severity, std::string_view code, const Finding& finding) {
    if (out.back() != '[') out += ',';
    out += R"({"severity":")";
    out += severity;
    out += R"(","code":")";
    out += code;
    out += R"(","details":{"text":)";
    write_json_string(finding.message, out);
    out += '}';
    if (!finding.rule.empty()) {
      out += R"(,"diagnostics":)";
      write_json_string(finding.rule, out);
    }
    if (!finding.location.empty()) {
      out += R"(,"expression":[)";
      write_json_string(finding.location, out);
      out += ']';
    }
    out += '}';
  };
  for (const Finding& finding : findings) issue(name(finding.severity), name(finding.kind), finding);
  if (findings.empty())
    issue("information", "informational", {.location = {}, .message = "There are no findings", .rule = {}});
  return out + "]}";
}

}  // namespace salus::fhir::validation
