// Cuts a byte stream into packets, and the buffer that such a stream is read into.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "mqtt/packet.hpp"

namespace salus::mqtt {

struct FrameLimits {
  std::size_t packet_bytes_max = 256 * 1024;  // fixed header included
};

// The first whole packet of `bytes` with its size in `bytes_used`; nothing when more bytes are needed. What can be
// refused from the first bytes is refused then: nobody waits for 256 MB in order to say no.
// Refusals: malformed         type 0, a length of more than four bytes (2.1.4).
//           packet_too_large  over the limit.
Decoded<std::optional<Frame>> next_frame(ByteView bytes, const FrameLimits& limits, std::size_t& bytes_used);

// Bytes that arrived and are not used up yet. Grows by doubling as bytes arrive, never on what a length claims, up to
// `bytes_max`; goes back to `bytes_start` when it stays nearly empty, so that ten thousand idle devices cost little.
//
// Views into it are good until the next room() or filled(). Threads: one at a time.
class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t bytes_start);

  // Raises the bound to which room() may grow.
  void allow(std::size_t bytes_max) { bytes_max_ = bytes_max; }

  // Where the next read goes. Never empty as long as unread() is below the bound.
  std::span<char> room();
  void filled(std::size_t count);

  ByteView unread() const { return {data_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count);
  std::size_t capacity() const { return capacity_; }

 private:
  void resize(std::size_t capacity);

  std::size_t bytes_start_;
  std::size_t bytes_max_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t small_reads_ = 0;  // in a row
  std::unique_ptr<char[]> data_;
};

}  // namespace salus::mqtt
