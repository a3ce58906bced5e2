// Turns the bytes of one connection into requests, one after the other, without knowing where the bytes come from.
//
//   prepare/commit bytes -> read_head() until it has one -> begin_body() -> read_body() until it is whole -> again
//
// Memory: at most head_bytes_max plus one read of input, and the body as far as it has come. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "http/chunked.hpp"
#include "http/head.hpp"

namespace salus::http {

class MessageReader {
 public:
  explicit MessageReader(std::size_t head_bytes_max) : head_bytes_max_(head_bytes_max) {}

  // Room for the next bytes; then says how many came.
  std::span<char> prepare();
  void commit(std::size_t count);
  // Whether anything of a request is here already.
  bool has_bytes() const { return begin_ < end_; }

  // The next head, once all of it is here. Refusals: as parse_head, and 431 over head_bytes_max.
  tl::expected<std::optional<Head>, Refusal> read_head();

  // After a head: its body may have `bytes_max`. Requires: a stated length is within it.
  void begin_body(const Head& head, std::size_t bytes_max);
  // Whether the body is whole now. Refusals: as ChunkDecoder.
  tl::expected<bool, Refusal> read_body();
  // Requires: read_body() said so. The next request may begin.
  std::string take_body();

 private:
  std::string_view unread() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

  const std::size_t head_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;  // bytes of unread() in which no head ends

  std::string body_;
  std::uint64_t body_left_ = 0;         // when its length was stated
  std::optional<ChunkDecoder> chunks_;  // when not
};

}  // namespace salus::http
