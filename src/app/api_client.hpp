// Calls a server's API from a command-line tool: one request, one connection, blocking.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"

namespace salus::app {

struct ApiServer {
  std::string url;  // "http://127.0.0.1:8080" or "https://…"
  std::string token;
  std::string ca_file;  // for https; empty: the system's
};

// Errors: unavailable (no connection), and what the server's problem+json says.
Result<json::value> call_api(const ApiServer& server, const std::string& method, const std::string& path,
                             const json::value& body);

struct ApiAnswer {
  int status = 0;
  std::string body;
};
// POST of a FHIR document, with as little of an answer as the server gives. Any status is an answer. Waits up to ten
// minutes. Errors: unavailable.
Result<ApiAnswer> post_fhir(const ApiServer& server, const std::string& path, std::string document,
                            std::string_view media_type = "application/fhir+json");

// GET for another form than JSON. Errors: the same.
Result<std::string> get_bytes(const ApiServer& server, const std::string& path, std::string_view media_type);

}  // namespace salus::app
