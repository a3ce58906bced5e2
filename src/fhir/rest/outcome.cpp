#include "fhir/rest/outcome.hpp"

#include "fhir/document/json.hpp"

namespace salus::fhir {
namespace {

std::string_view issue_type(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::unauthenticated:
      return "login";
    case ErrorCode::forbidden:
    case ErrorCode::pin_refused:
      return "forbidden";
    case ErrorCode::not_found:
      return "not-found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::too_large:
      return "too-long";
    case ErrorCode::rate_limited:
      return "throttled";
    case ErrorCode::timed_out:
      return "timeout";
    case ErrorCode::unavailable:
    case ErrorCode::not_durable:
      return "transient";
    case ErrorCode::damaged:
    case ErrorCode::cancelled:
      return "exception";
  }
  return "exception";
}

}  // namespace

std::string outcome_text(std::span<const OutcomeIssue> issues) {
  std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
  for (const OutcomeIssue& issue : issues) {
    if (out.back() != '[') out += ',';
    out += fmt::format(R"({{"severity":"{}","code":"{}","diagnostics":)", issue.severity, issue.code);
    write_json_string(issue.text, out);
    if (!issue.expression.empty()) {
      out += ",\"expression\":[";
      write_json_string(issue.expression, out);
      out += ']';
    }
    out += '}';
  }
  return out + "]}";
}

http::Response outcome(int status, std::span<const OutcomeIssue> issues) {
  return http::text_response(status, json_type, outcome_text(issues));
}

http::Response outcome(int status, std::string_view code, std::string text) {
  const OutcomeIssue issue{.code = code, .text = std::move(text)};
  return outcome(status, {&issue, 1});
}

http::Response outcome(const Error& error) {
  http::Response like = http::problem(error);
  const int status = error.code == ErrorCode::conflict ? 412 : like.status;
  http::Response response = outcome(status, issue_type(error.code), error.message);
  for (const char* header : {"WWW-Authenticate", "Retry-After"})
    if (const std::string_view value = like.header(header); !value.empty()) response.set(header, std::string(value));
  return response;
}

http::Response outcome(int status, std::span<const validation::Finding> findings) {
  std::vector<OutcomeIssue> issues;
  for (const validation::Finding& finding : findings)
    issues.push_back(
        {.severity = validation::name(finding.severity),
         .code = validation::name(finding.kind),
         .text = finding.rule.empty() ? finding.message : fmt::format("{} ({})", finding.message, finding.rule),
         .expression = finding.location});
  return outcome(status, issues);
}

http::Response outcome(const Issue& issue) {
  std::string text = issue.message;
  if (issue.line > 0) text += fmt::format(" (line {}, column {})", issue.line, issue.column);
  const OutcomeIssue one{.code = issue.code == ErrorCode::too_large ? "too-long" : "structure",
                         .text = std::move(text),
                         .expression = issue.location};
  return outcome(issue.code == ErrorCode::too_large ? 413 : 400, {&one, 1});
}

}  // namespace salus::fhir
