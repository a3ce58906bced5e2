// What one request becomes before and after its handler, as pure functions: the parts of a connection that need no
// socket. Internal to http.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "http/head.hpp"
#include "http/router.hpp"

namespace salus::http {

// A request whose head has been read, matched and allowed. Exactly one of `route`, `upgrade` and `answer` is set.
struct Exchange {
  Request request;
  const Route* route = nullptr;
  const WebSocketRoute* upgrade = nullptr;
  std::string protocol;            // for the upgrade
  std::optional<Response> answer;  // known without a handler: 401, 404, a file
  std::size_t body_bytes_max = 0;  // 0: the server's
};

// Refusals: 400 for a target that is none, 501 for an unknown method.
tl::expected<Exchange, Refusal> begin_exchange(const Router& router, const Head& head, const asio::ip::address& peer,
                                               bool tls);

// Whether the body's Content-Encoding is one that decode_body() knows.
bool is_decodable(const Request& request);
// Inflates a gzip body in place. Errors: invalid, too_large.
Result<void> decode_body(Request& request, std::size_t bytes_max);

// A browser's page may open a WebSocket to the host that it came from and to no other. Programs send no Origin.
bool is_same_origin(std::string_view origin, std::string_view host, bool tls);

struct Delivery {
  const Request& request;
  bool keep_alive;
  std::string_view policy;  // Content-Security-Policy
};
// Status line and headers, ours added.
std::string response_head(const Response& response, const Delivery& delivery);
// What stands in memory of it; empty for a source.
std::string_view body_of(const Response& response);
// One chunk (RFC 9112 7.1); the last when `piece` is empty.
std::string chunk_of(std::string_view piece);

Response problem_of(const Refusal& refusal);
std::string too_large_text(std::size_t bytes_max);

}  // namespace salus::http
