// Requests that this server makes at addresses that others named (a receiver of notifications), and the rules that keep
// such an address from leading inside: http and https alone, no user name, no redirect followed, and connected to
// nothing but the addresses that were checked: public ones, all of those that the name resolves to. An origin that the
// operator allows ("http://10.1.2.3:9000", compared whole) is exempt from that last rule, and nothing else is.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

namespace salus::http {

struct OutsideRules {
  std::vector<std::string> origins;  // allowed wherever they lead; as origin_of() writes them
  std::string ca_file{};             // trusted beside the system's authorities; empty: none
};

struct OutsideUrl {
  bool tls = false;
  std::string host;  // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query, at least "/"
};

// Strict: what two readers could understand differently is refused. Errors: invalid.
Result<OutsideUrl> parse_outside_url(std::string_view text);
// "https://host:443": scheme, host and port, always with the port.
std::string origin_of(const OutsideUrl& url);
// Comma-separated origins of a setting. Errors: invalid.
Result<std::vector<std::string>> parse_origins(std::string_view text);

// Whether an address is one of the public internet: not loopback, private, link-local (where clouds keep their
// metadata), shared, unique-local, multicast, documentation, or an IPv4 address in an IPv6 one.
bool is_public(const asio::ip::address& address);

// What can be told without asking anybody: whether a request would be refused by its URL alone. Errors: invalid,
// forbidden.
Result<OutsideUrl> check_outside_url(std::string_view url, const OutsideRules& rules);

struct OutsideRequest {
  Method method = Method::post;
  std::string url;
  Fields headers;  // for this origin alone, as no redirect is followed
  std::string body;
  milliseconds timeout{10'000};
};

// The status of the answer, whose body is not read. Errors: invalid, forbidden (the rules; nothing was connected),
// unavailable (no such name, no connection, no valid certificate, no answer), timed_out.
asio::awaitable<Result<int>> send_outside(OutsideRequest request, const OutsideRules& rules);

}  // namespace salus::http
