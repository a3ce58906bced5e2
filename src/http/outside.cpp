#include "http/outside.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>

namespace salus::http {
namespace {

namespace beast = boost::beast;
using asio::ip::address;
using asio::ip::address_v4;
using asio::ip::address_v6;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kHeadBytesMax = 16 << 10;
constexpr std::size_t kAddressesMax = 32;

struct Net {
  std::uint32_t first;
  int bits;
};
// RFC 6890 and its successors: what is not reachable from everywhere.
constexpr Net kClosed[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
    {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
    {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 4},  {0xF0000000, 4},
};

bool is_public_v4(address_v4 at) {
  const std::uint32_t number = at.to_uint();
  return std::ranges::none_of(kClosed, [&](const Net& net) { return (number ^ net.first) >> (32 - net.bits) == 0; });
}

bool is_public_v6(const address_v6& at) {
  const auto b = at.to_bytes();
  if ((b[0] & 0xE0) != 0x20) return false;                                         // 2000::/3 alone is public
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) return false;  // documentation
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) return false;  // 2001::/23: Teredo and other protocols
  if (b[0] == 0x20 && b[1] == 0x02) return false;                 // 6to4: an IPv4 address within
  return !(b[0] == 0x3F && b[1] == 0xFF && b[2] < 0x10);          // 3fff::/20: documentation
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         host.find("..") == std::string_view::npos && std::ranges::all_of(host, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

// Names that lead inside whatever they resolve to.
bool is_inner_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  for (const std::string_view name : {"localhost", "local", "internal", "intranet", "lan", "home", "corp"})
    if (host == name ||
        (host.ends_with(name) && host.size() > name.size() && host[host.size() - name.size() - 1] == '.'))
      return true;
  return false;
}

tl::unexpected<Error> inside(const OutsideUrl& url) {
  return fail(ErrorCode::forbidden,
              "'{}' leads to an address that is not public; the setting fhir.receivers can allow it.", origin_of(url));
}

std::optional<address> literal_of(const std::string& host) {
  error_code ec;
  const address at = asio::ip::make_address(host, ec);
  return ec ? std::nullopt : std::optional{at};
}

// Where to connect: checked addresses, and nothing is resolved again afterwards.
asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(const OutsideUrl& url, const OutsideRules& rules) {
  std::vector<tcp::endpoint> found;
  if (const auto literal = literal_of(url.host)) {  // check_outside_url() has seen it
    found.emplace_back(*literal, url.port);
    co_return found;
  }
  tcp::resolver resolver{co_await asio::this_coro::executor};
  error_code ec;
  const auto results = co_await resolver.async_resolve(url.host, std::to_string(url.port),
                                                       asio::redirect_error(asio::use_awaitable, ec));
  if (ec) co_return fail(ErrorCode::unavailable, "'{}' cannot be resolved.", url.host);
  const bool allowed = std::ranges::find(rules.origins, origin_of(url)) != rules.origins.end();
  for (const auto& result : results) {
    if (!allowed && !is_public(result.endpoint().address())) co_return inside(url);
    if (found.size() < kAddressesMax) found.push_back(result.endpoint());
  }
  co_return found;
}

using Head = beast::http::request<beast::http::string_body>;

Head head_of(OutsideRequest& request, const OutsideUrl& url) {
  Head head{request.method == Method::put ? beast::http::verb::put : beast::http::verb::post, url.target, 11};
  const std::string host = url.host.find(':') == std::string::npos ? url.host : '[' + url.host + ']';
  const bool usual = url.port == (url.tls ? 443 : 80);
  head.set(beast::http::field::host, usual ? host : fmt::format("{}:{}", host, url.port));
  head.set(beast::http::field::user_agent, "Salus");
  head.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : request.headers) head.set(name, value);
  head.body() = std::move(request.body);
  head.prepare_payload();
  return head;
}

template <class Stream>
asio::awaitable<Result<int>> exchange(Stream& stream, const Head& head) {
  error_code ec;
  co_await beast::http::async_write(stream, head, asio::redirect_error(asio::use_awaitable, ec));
  if (ec) co_return fail(ErrorCode::unavailable, "The request could not be sent: {}.", ec.message());
  beast::flat_buffer buffer{kHeadBytesMax};
  beast::http::response_parser<beast::http::empty_body> parser;
  parser.header_limit(kHeadBytesMax);
  co_await beast::http::async_read_header(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
  if (ec)
    co_return fail(ec == beast::error::timeout ? ErrorCode::timed_out : ErrorCode::unavailable,
                   "There was no answer: {}.", ec.message());
  co_return parser.get().result_int();
}

asio::awaitable<Result<int>> over_tls(beast::tcp_stream plain, const OutsideUrl& url, const OutsideRules& rules,
                                      const Head& head) {
  asio::ssl::context context{asio::ssl::context::tls_client};
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  error_code ec;
  context.set_default_verify_paths(ec);
  if (!rules.ca_file.empty()) context.load_verify_file(rules.ca_file, ec);
  context.set_verify_mode(asio::ssl::verify_peer);
  context.set_verify_callback(asio::ssl::host_name_verification(url.host));
  asio::ssl::stream<beast::tcp_stream> stream{std::move(plain), context};
  if (!literal_of(url.host)) SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, ec));
  if (ec) co_return fail(ErrorCode::unavailable, "TLS with '{}' failed: {}.", url.host, ec.message());
  co_return co_await exchange(stream, head);
}

asio::awaitable<Result<int>> send(OutsideRequest request, OutsideUrl url, const OutsideRules& rules) {
  const auto endpoints = co_await resolve(url, rules);
  if (!endpoints) co_return fail(endpoints.error());
  beast::tcp_stream stream{co_await asio::this_coro::executor};
  stream.expires_after(request.timeout);
  error_code ec = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : *endpoints) {
    co_await stream.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) break;
  }
  if (ec) co_return fail(ErrorCode::unavailable, "'{}' takes no connection: {}.", origin_of(url), ec.message());
  const Head head = head_of(request, url);
  if (url.tls) co_return co_await over_tls(std::move(stream), url, rules, head);
  co_return co_await exchange(stream, head);
}

}  // namespace

bool is_public(const address& at) {
  return at.is_v4() ? is_public_v4(at.to_v4()) : is_public_v6(at.to_v6());
}

Result<OutsideUrl> parse_outside_url(std::string_view text) {
  const auto wrong = [] {
    return fail(
        ErrorCode::invalid,
        "An address to send to is http:// or https://, a host, perhaps a port, and a path; without user names.");
  };
  OutsideUrl url;
  url.tls = text.starts_with("https://");
  if ((!url.tls && !text.starts_with("http://")) || text.size() > kUrlBytesMax) return wrong();
  const bool visible = std::ranges::all_of(
      text, [](char c) { return c > ' ' && c < '\x7F' && c != '\\' && c != '"' && c != '<' && c != '>' && c != '#'; });
  if (!visible) return wrong();
  std::string_view rest = text.substr(url.tls ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  url.target = rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
  std::string_view host = authority, port;
  const bool bracketed = authority.starts_with('[');
  const std::size_t colon = bracketed ? authority.find("]:") : authority.find(':');
  if (colon != std::string_view::npos) {
    host = authority.substr(0, colon + (bracketed ? 1 : 0));
    port = authority.substr(host.size() + 1);
    if (port.empty()) return wrong();
  }
  for (const char c : host) url.host.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
  if (bracketed) {
    if (!url.host.ends_with(']')) return wrong();
    url.host = url.host.substr(1, url.host.size() - 2);
    const auto literal = literal_of(url.host);
    if (!literal || !literal->is_v6() || url.host.find('%') != std::string::npos) return wrong();
  } else if (!is_host(url.host)) {
    return wrong();
  }
  url.port = url.tls ? 443 : 80;
  if (!port.empty()) {
    const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (ec != std::errc{} || end != port.data() + port.size() || url.port == 0) return wrong();
  }
  return url;
}

std::string origin_of(const OutsideUrl& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", url.tls ? "https" : "http", v6 ? "[" : "", url.host, v6 ? "]" : "", url.port);
}

Result<std::vector<std::string>> parse_origins(std::string_view text) {
  std::vector<std::string> origins;
  while (!text.empty()) {
    std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    const auto url = parse_outside_url(one);
    if (!url || url->target != "/")
      return fail(ErrorCode::invalid, "'{}' is no origin such as https://host:8443.", one);
    origins.push_back(origin_of(*url));
  }
  return origins;
}

Result<OutsideUrl> check_outside_url(std::string_view text, const OutsideRules& rules) {
  auto url = parse_outside_url(text);
  if (!url || std::ranges::find(rules.origins, origin_of(*url)) != rules.origins.end()) return url;
  if (const auto literal = literal_of(url->host); literal ? !is_public(*literal) : is_inner_name(url->host))
    return inside(*url);
  return url;
}

asio::awaitable<Result<int>> send_outside(OutsideRequest request, const OutsideRules& rules) {
  auto url = check_outside_url(request.url, rules);
  if (!url) co_return fail(url.error());
  try {
    co_return co_await send(std::move(request), std::move(*url), rules);
  } catch (const boost::system::system_error& error) {
    co_return fail(ErrorCode::unavailable, "It could not be sent: {}.", error.code().message());
  }
}

}  // namespace salus::http
