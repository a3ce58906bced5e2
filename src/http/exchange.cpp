#include "http/exchange.hpp"

#include <algorithm>

#include "http/gzip.hpp"
#include "http/target.hpp"

namespace salus::http {
namespace {

Request request_of(const Head& head, Target target, const asio::ip::address& peer, bool tls) {
  return Request{.method = *method_from(head.method),
                 .target = head.target,
                 .segments = std::move(target.segments),
                 .trailing_slash = target.trailing_slash,
                 .params = {},
                 .queries = std::move(target.queries),
                 .headers = head.headers,
                 .body = {},
                 .peer = peer.to_string(),
                 .loopback = peer.is_loopback(),
                 .tls = tls,
                 .caller = {}};
}

// The first protocol of the client's list that the route speaks.
std::optional<std::string> agreed_protocol(const WebSocketRoute& route, std::string_view offered) {
  if (route.protocols.empty()) return std::string{};
  while (!offered.empty()) {
    std::string_view item = offered.substr(0, offered.find(','));
    offered.remove_prefix(std::min(item.size() + 1, offered.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (std::ranges::find(route.protocols, item) != route.protocols.end()) return std::string(item);
  }
  return std::nullopt;
}

Response upgrade_required() {
  Response response = problem(426, "upgrade_required", "This path speaks WebSocket (RFC 6455).");
  response.set("Upgrade", "websocket");
  return response;
}

void begin_upgrade(const Head& head, const WebSocketRoute& route, Exchange& exchange) {
  const Request& request = exchange.request;
  if (!head.upgrades_to_websocket) {
    exchange.answer = upgrade_required();
    return;
  }
  const bool has_origin = std::ranges::any_of(head.headers, [](const auto& field) { return field.first == "origin"; });
  if (has_origin && !is_same_origin(request.header("origin"), request.header("host"), request.tls)) {
    exchange.answer = problem({ErrorCode::forbidden, "Pages of another origin may not open this WebSocket."});
    return;
  }
  if (head.framing != Framing::none || head.minor_version == 0 || request.header("sec-websocket-key").empty() ||
      request.header("sec-websocket-version") != "13") {
    exchange.answer = problem({ErrorCode::invalid, "The WebSocket upgrade is malformed; version 13 is spoken here."});
    return;
  }
  const std::optional<std::string> protocol = agreed_protocol(route, request.header("sec-websocket-protocol"));
  if (!protocol) {
    exchange.answer = problem({ErrorCode::invalid, "None of the offered WebSocket protocols is spoken here."});
    return;
  }
  exchange.protocol = *protocol;
  exchange.upgrade = &route;
}

std::string_view coding_of(const Request& request) {
  const std::string_view coding = request.header("content-encoding");
  return coding == "identity" ? std::string_view{} : coding;
}

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

tl::expected<Exchange, Refusal> begin_exchange(const Router& router, const Head& head, const asio::ip::address& peer,
                                               bool tls) {
  if (!method_from(head.method)) return tl::make_unexpected(Refusal{501, "The method is not known here."});
  Result<Target> target = parse_target(head.target);
  if (!target) return tl::make_unexpected(Refusal{400, std::move(target.error().message)});
  Exchange exchange{.request = request_of(head, std::move(*target), peer, tls), .protocol = {}, .answer = {}};
  Router::Match match = router.match(exchange.request);
  if (match.answer) {
    exchange.answer = std::move(match.answer);
    return exchange;
  }
  const Access& access = match.route != nullptr ? match.route->access : match.socket->access;
  if (Result<void> allowed = router.check(access, exchange.request); !allowed) {
    exchange.answer = Router::refusal(match.route, allowed.error());
    return exchange;
  }
  if (match.socket != nullptr) {
    begin_upgrade(head, *match.socket, exchange);
    return exchange;
  }
  exchange.route = match.route;
  exchange.body_bytes_max = match.route->body_bytes_max;
  return exchange;
}

bool is_decodable(const Request& request) {
  const std::string_view coding = coding_of(request);
  return coding.empty() || coding == "gzip";
}

Result<void> decode_body(Request& request, std::size_t bytes_max) {
  if (!is_decodable(request)) return fail(ErrorCode::invalid, "The body's Content-Encoding must be gzip or absent.");
  if (coding_of(request).empty()) return {};
  Result<std::string> plain = gunzip(request.body, {.bytes_max = bytes_max});
  if (!plain) return fail(std::move(plain.error()));
  request.body = std::move(*plain);
  return {};
}

bool is_same_origin(std::string_view origin, std::string_view host, bool tls) {
  const std::string_view scheme = tls ? "https://" : "http://";
  return origin.starts_with(scheme) && origin.substr(scheme.size()) == host && !host.empty();
}

std::string response_head(const Response& response, const Delivery& delivery) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
  add(head, "Date", http_date(std::chrono::system_clock::now()));
  for (const auto& [name, value] : response.headers) add(head, name, value);
  if (std::holds_alternative<BodySource>(response.body)) {
    add(head, "Transfer-Encoding", "chunked");
  } else if (!has_no_body(response.status)) {
    add(head, "Content-Length", std::to_string(body_of(response).size()));
  }
  // Answers hold patients' data: nothing between us and the screen may keep them, unless the handler says otherwise.
  if (response.header("Cache-Control").empty()) add(head, "Cache-Control", "no-store");
  add(head, "Content-Security-Policy", delivery.policy);
  add(head, "X-Content-Type-Options", "nosniff");
  add(head, "X-Frame-Options", "DENY");
  add(head, "Referrer-Policy", "no-referrer");
  add(head, "Cross-Origin-Opener-Policy", "same-origin");
  add(head, "Cross-Origin-Resource-Policy", "same-origin");
  if (delivery.request.tls) add(head, "Strict-Transport-Security", "max-age=31536000");
  if (response.status == 426) {
    add(head, "Connection", delivery.keep_alive ? "upgrade" : "close, upgrade");
  } else {
    add(head, "Connection", delivery.keep_alive ? "keep-alive" : "close");
  }
  head += "\r\n";
  return head;
}

std::string_view body_of(const Response& response) {
  if (has_no_body(response.status)) return {};
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response.body))
    return *shared ? **shared : std::string_view{};
  return {};
}

std::string chunk_of(std::string_view piece) {
  return piece.empty() ? std::string("0\r\n\r\n") : fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

Response problem_of(const Refusal& refusal) {
  if (refusal.status == 413) return problem({ErrorCode::too_large, refusal.detail});
  if (refusal.status == 400) return problem({ErrorCode::invalid, refusal.detail});
  return problem(refusal.status, "refused", refusal.detail);
}

std::string too_large_text(std::size_t bytes_max) {
  return fmt::format("The body is larger than the {} bytes that this call accepts.", bytes_max);
}

}  // namespace salus::http
