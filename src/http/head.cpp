#include "http/head.hpp"

#include <algorithm>
#include <charconv>

namespace salus::http {
namespace {

using Checked = std::optional<Refusal>;

Refusal bad(std::string detail) {
  return {400, std::move(detail)};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string lowered(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

// RFC 9110 5.6.2
bool is_token_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || others.find(c) != std::string_view::npos;
}
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_value_char(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t";
  const std::size_t first = text.find_first_not_of(white);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(white) - first + 1);
}

// "a, b" holds "b", in any case.
bool list_holds(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    if (lowered(trimmed(item)) == wanted) return true;
  }
  return false;
}

Checked parse_request_line(std::string_view line, Head& head) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || line.find(' ', second + 1) != std::string_view::npos)
    return bad("The request line must be: method, space, target, space, version.");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (!is_token(head.method) || head.method.size() > 16) return bad("The method is not a token.");
  const auto graphic = [](char c) { return c > 0x20 && c < 0x7F; };
  if (head.target.empty() || !std::ranges::all_of(head.target, graphic))
    return bad("The request target holds bytes that must be percent-encoded.");
  if (!version.starts_with("HTTP/")) return bad("The request line does not end with a version of HTTP.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return Refusal{505, "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
  head.minor_version = version.back() - '0';
  return {};
}

Checked parse_field(std::string_view line, Head& head) {
  if (line.front() == ' ' || line.front() == '\t') return bad("A folded header line is not accepted.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return bad("A header line is not: name, colon, value.");
  const std::string_view value = line.substr(colon + 1);
  if (!std::ranges::all_of(value, is_value_char)) return bad("A header value holds a control character.");
  if (head.headers.size() == kHeadFieldsMax) return Refusal{431, "The request has too many header lines."};
  head.headers.emplace_back(lowered(line.substr(0, colon)), trimmed(value));
  return {};
}

std::size_t count_of(const Head& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count(head.headers, name, [](const auto& field) -> std::string_view { return field.first; }));
}

Checked check_host(const Head& head) {
  const std::size_t hosts = count_of(head, "host");
  if (hosts > 1 || (hosts == 0 && head.minor_version == 1)) return bad("The request must name its Host exactly once.");
  const auto allowed = [](char c) { return is_token_char(c) || c == ':' || c == '[' || c == ']'; };
  if (!std::ranges::all_of(head.header("host"), allowed)) return bad("The Host header is malformed.");
  return {};
}

Checked read_content_length(Head& head) {
  const std::string_view text = head.header("content-length");
  const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || text.size() > 18) return bad("Content-Length must be one decimal number.");
  std::from_chars(text.data(), text.data() + text.size(), head.content_length);
  head.framing = Framing::length;
  return {};
}

Checked read_framing(Head& head) {
  const std::size_t lengths = count_of(head, "content-length");
  const std::size_t codings = count_of(head, "transfer-encoding");
  if (lengths + codings > 1) return bad("The request states its length more than once.");
  if (lengths == 1) return read_content_length(head);
  if (codings == 0) return {};
  if (head.minor_version == 0) return bad("HTTP/1.0 has no Transfer-Encoding.");
  if (lowered(head.header("transfer-encoding")) != "chunked")
    return Refusal{501, "The only transfer coding is chunked."};
  head.framing = Framing::chunked;
  return {};
}

Checked read_connection(Head& head) {
  const std::string_view options = head.header("connection");
  head.keep_alive = head.minor_version == 1 ? !list_holds(options, "close") : list_holds(options, "keep-alive");
  head.upgrades_to_websocket = list_holds(options, "upgrade") && list_holds(head.header("upgrade"), "websocket");
  const std::string expectation = lowered(head.header("expect"));
  if (!expectation.empty() && expectation != "100-continue")
    return Refusal{417, "The only expectation met is 100-continue."};
  head.expects_continue = !expectation.empty() && head.minor_version == 1;
  return {};
}

}  // namespace

std::string_view Head::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

tl::expected<Head, Refusal> parse_head(std::string_view bytes) {
  Head head;
  bool first = true;
  for (std::size_t from = 0; from < bytes.size();) {
    const std::size_t end = bytes.find_first_of(std::string_view{"\r\n\0", 3}, from);
    if (end == std::string_view::npos || bytes.substr(end, 2) != "\r\n")
      return tl::make_unexpected(bad("A line does not end with CR LF."));
    const std::string_view line = bytes.substr(from, end - from);
    from = end + 2;
    if (line.empty() && !first) {
      if (from != bytes.size()) return tl::make_unexpected(bad("An empty line stands within the head."));
      break;
    }
    if (auto refusal = first ? parse_request_line(line, head) : parse_field(line, head))
      return tl::make_unexpected(std::move(*refusal));
    first = false;
  }
  for (const auto check : {+[](Head& h) { return check_host(h); }, +[](Head& h) { return read_framing(h); },
                           +[](Head& h) { return read_connection(h); }})
    if (auto refusal = check(head)) return tl::make_unexpected(std::move(*refusal));
  return head;
}

}  // namespace salus::http
