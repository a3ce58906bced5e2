// Calls a server's API from a command-line tool: one request, one connection, blocking.
#pragma once

#include <string>

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

}  // namespace salus::app
