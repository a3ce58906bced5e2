#include "http/message_reader.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>

#include "base/assert.hpp"

namespace salus::http {
namespace {

namespace beast = boost::beast;

constexpr std::size_t kReadBytes = 8192;
// A chunk's header line with its extensions, or all trailers. Generous: nobody sends either.
constexpr std::size_t kChunkOverheadMax = 16384;

// Where the first head in `bytes` ends, or 0; a line feed of its own ends the search at once, because such a head never
// ends as we read it and would keep the connection waiting.
struct HeadEnd {
  std::size_t end = 0;
  bool bare_line_feed = false;
};
HeadEnd find_head_end(std::string_view bytes, std::size_t from) {
  for (std::size_t at = bytes.find('\n', from); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return {0, true};
    if (at >= 3 && bytes.substr(at - 3, 4) == "\r\n\r\n") return {at + 1, false};
  }
  return {};
}

tl::unexpected<Refusal> refuse(int status, std::string detail) {
  return tl::make_unexpected(Refusal{status, std::move(detail)});
}

}  // namespace

struct MessageReader::Parser {
  beast::http::request_parser<beast::http::string_body> beast;
};

MessageReader::MessageReader(std::size_t head_bytes_max) : head_bytes_max_(head_bytes_max) {}
MessageReader::~MessageReader() = default;

std::span<char> MessageReader::prepare() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // Grows to what the traffic needs; gives back what one long head took.
  const std::size_t room = end_ < 1024 && !parser_ ? 2048 : kReadBytes;
  buffer_.resize(end_ + room);
  if (buffer_.capacity() > 4 * (end_ + room)) buffer_.shrink_to_fit();
  return {buffer_.data() + end_, room};
}

void MessageReader::commit(std::size_t count) {
  SALUS_ASSERT(end_ + count <= buffer_.size());
  end_ += count;
}

tl::expected<std::optional<Head>, Refusal> MessageReader::read_head() {
  SALUS_ASSERT(!parser_);
  const std::string_view bytes = unread();
  const HeadEnd found = find_head_end(bytes, scanned_);
  scanned_ = bytes.size();
  if (found.bare_line_feed) return refuse(400, "A line does not end with CR LF.");
  if (found.end > head_bytes_max_ || (found.end == 0 && bytes.size() > head_bytes_max_))
    return refuse(431, fmt::format("The request's head is longer than {} bytes.", head_bytes_max_));
  if (found.end == 0) return std::optional<Head>{};
  tl::expected<Head, Refusal> head = parse_head(bytes.substr(0, found.end));
  if (!head) return tl::make_unexpected(std::move(head.error()));

  parser_ = std::make_unique<Parser>();
  parser_->beast.header_limit(static_cast<std::uint32_t>(head_bytes_max_ + 1));
  parser_->beast.body_limit(boost::none);  // begin_body() sets it, once the route is known
  beast::error_code ec;
  const std::size_t taken = parser_->beast.put(boost::asio::buffer(bytes.data(), found.end), ec);
  const bool agrees = !ec && parser_->beast.is_header_done() && taken == found.end &&
                      parser_->beast.chunked() == (head->framing == Framing::chunked) &&
                      parser_->beast.content_length().value_or(0) == head->content_length;
  if (!agrees) return refuse(400, "The request's head is malformed.");
  begin_ += found.end;
  scanned_ = 0;
  return std::optional<Head>{std::move(*head)};
}

void MessageReader::begin_body(std::size_t bytes_max) {
  SALUS_ASSERT(parser_);
  parser_->beast.body_limit(bytes_max);
  parser_->beast.eager(true);
}

tl::expected<bool, Refusal> MessageReader::read_body() {
  SALUS_ASSERT(parser_);
  while (!parser_->beast.is_done() && has_bytes()) {
    beast::error_code ec;
    const std::size_t taken = parser_->beast.put(boost::asio::buffer(unread().data(), unread().size()), ec);
    begin_ += taken;
    if (ec == beast::http::error::need_more) {
      if (taken > 0) continue;
      // Beast waits for CR LF however many line feeds come alone.
      if (find_head_end(unread(), 0).bare_line_feed) return refuse(400, "A line of a chunk does not end with CR LF.");
      if (unread().size() > kChunkOverheadMax) return refuse(400, "A chunk header or the trailers are too long.");
      break;
    }
    if (ec == beast::http::error::body_limit || ec == beast::http::error::buffer_overflow)
      return refuse(413, "The body is larger than this call accepts.");
    if (ec) return refuse(400, "The chunked body is malformed.");
  }
  return parser_->beast.is_done();
}

std::string MessageReader::take_body() {
  SALUS_ASSERT(parser_ && parser_->beast.is_done());
  std::string body = std::move(parser_->beast.get().body());
  parser_.reset();
  return body;
}

}  // namespace salus::http
