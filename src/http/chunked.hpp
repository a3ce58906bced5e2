// The chunked transfer coding (RFC 9112 7.1), decoded strictly: every line ends with CR LF, sizes are hexadecimal and
// bounded, extensions and trailers are checked for their form and ignored, so that nothing can be said after the head
// that was not allowed in it.
//
// Our own, because Boost 1.81's parser asserts when the last chunk arrives in pieces, and counts no extension's length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "http/head.hpp"

namespace salus::http {

class ChunkDecoder {
 public:
  explicit ChunkDecoder(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Takes what it can from the front of `bytes`, says how much, and appends the body's part to `body`; the rest is
  // given again with more behind it. Refusals: 413 over bytes_max, 400 for another form.
  tl::expected<std::size_t, Refusal> feed(std::string_view bytes, std::string& body);
  bool is_done() const { return state_ == State::done; }

 private:
  enum class State : std::uint8_t { size, data, data_end, trailers, done };
  using Taken = tl::expected<std::size_t, Refusal>;
  Taken step(std::string_view bytes, std::string& body);
  Taken read_size(std::string_view bytes, std::size_t body_bytes);
  Taken read_trailer(std::string_view bytes);

  std::size_t bytes_max_;
  State state_ = State::size;
  std::uint64_t left_ = 0;  // of the chunk
  std::size_t trailer_bytes_ = 0;
};

}  // namespace salus::http
