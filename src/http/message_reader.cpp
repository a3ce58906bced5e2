#include "http/message_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace salus::http {
namespace {

constexpr std::size_t kReadBytes = 8192;
constexpr std::size_t kFirstReadBytes = 2048;  // most heads are shorter, and thousands of connections wait for one

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

std::span<char> MessageReader::prepare() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // Grows to what the traffic needs; gives back what one long head took.
  const std::size_t room = end_ == 0 && body_left_ == 0 && !chunks_ ? kFirstReadBytes : kReadBytes;
  buffer_.resize(end_ + room);
  if (buffer_.capacity() > 4 * (end_ + room)) buffer_.shrink_to_fit();
  return {buffer_.data() + end_, room};
}

void MessageReader::commit(std::size_t count) {
  SALUS_ASSERT(end_ + count <= buffer_.size());
  end_ += count;
}

tl::expected<std::optional<Head>, Refusal> MessageReader::read_head() {
  const std::string_view bytes = unread();
  const HeadEnd found = find_head_end(bytes, scanned_);
  scanned_ = bytes.size();
  if (found.bare_line_feed) return refuse(400, "A line does not end with CR LF.");
  if (found.end > head_bytes_max_ || (found.end == 0 && bytes.size() > head_bytes_max_))
    return refuse(431, fmt::format("The request's head is longer than {} bytes.", head_bytes_max_));
  if (found.end == 0) return std::optional<Head>{};
  tl::expected<Head, Refusal> head = parse_head(bytes.substr(0, found.end));
  if (!head) return tl::make_unexpected(std::move(head.error()));
  begin_ += found.end;
  scanned_ = 0;
  return std::optional<Head>{std::move(*head)};
}

void MessageReader::begin_body(const Head& head, std::size_t bytes_max) {
  SALUS_ASSERT(head.content_length <= bytes_max);
  body_left_ = head.content_length;
  if (head.framing == Framing::chunked) chunks_.emplace(bytes_max);
}

tl::expected<bool, Refusal> MessageReader::read_body() {
  if (chunks_) {
    const tl::expected<std::size_t, Refusal> taken = chunks_->feed(unread(), body_);
    if (!taken) return tl::make_unexpected(taken.error());
    begin_ += *taken;
    return chunks_->is_done();
  }
  const std::size_t count = std::min<std::uint64_t>(body_left_, unread().size());
  body_.append(unread().substr(0, count));
  begin_ += count;
  body_left_ -= count;
  return body_left_ == 0;
}

std::string MessageReader::take_body() {
  SALUS_ASSERT(body_left_ == 0 && (!chunks_ || chunks_->is_done()));
  chunks_.reset();
  return std::exchange(body_, {});
}

}  // namespace salus::http
