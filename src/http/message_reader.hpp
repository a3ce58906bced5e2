// Turns the bytes of one connection into requests, one after the other, without knowing where the bytes come from.
//
//   prepare/commit bytes -> read_head() until it has one -> begin_body() -> read_body() until it is whole -> again
//
// The strict head reader decides what a request is; Beast's parser sees the same bytes, decodes the body and must
// agree.
//
// Memory: at most head_bytes_max plus one read of input, and the body up to its limit. Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "http/head.hpp"

namespace salus::http {

class MessageReader {
 public:
  explicit MessageReader(std::size_t head_bytes_max);
  ~MessageReader();
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  // Room for the next bytes; then says how many came.
  std::span<char> prepare();
  void commit(std::size_t count);
  // Whether anything of a request is here already.
  bool has_bytes() const { return begin_ < end_; }

  // The next head, once all of it is here. Refusals: as parse_head, and 431 over head_bytes_max.
  tl::expected<std::optional<Head>, Refusal> read_head();

  // After a head: its body may have `bytes_max`.
  void begin_body(std::size_t bytes_max);
  // Whether the body is whole now. Refusals: 413 over the limit, 400 for a chunk that is none.
  tl::expected<bool, Refusal> read_body();
  // Requires: read_body() said so. The next request may begin.
  std::string take_body();

 private:
  struct Parser;
  std::string_view unread() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

  const std::size_t head_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;  // bytes of unread() in which no head ends
  std::unique_ptr<Parser> parser_;
};

}  // namespace salus::http
