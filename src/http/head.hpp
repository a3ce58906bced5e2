// The head of a request, read strictly (RFC 9112). Two parsers that disagree about where a request ends let one smuggle
// a second past the other, so whatever could be read in two ways is refused: bare CR or LF, folded lines, white space
// before a colon, two lengths, a length beside a transfer coding, any coding but `chunked`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "http/message.hpp"

namespace salus::http {

// Why a connection's bytes are not a request that we answer. After it the connection ends: where the next request would
// begin is no longer certain.
struct Refusal {
  int status = 400;
  std::string detail;
};

enum class Framing : std::uint8_t { none, length, chunked };

struct Head {
  std::string method;
  std::string target;
  int minor_version = 1;  // HTTP/1.0 or 1.1
  Fields headers;         // names in lower case
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
  bool upgrades_to_websocket = false;

  std::string_view header(std::string_view name) const;
};

inline constexpr std::size_t kHeadFieldsMax = 100;

// `bytes` ends with the empty line. Refusals: 400, 417 (another expectation), 501 (transfer coding), 505 (version).
tl::expected<Head, Refusal> parse_head(std::string_view bytes);

}  // namespace salus::http
