// Bodies of one entry, compressed together: neighbours in a transaction are alike, so that a resource takes less than
// half of what it would alone. A frame is closed at 48 KiB of text, which unpacks in 30 µs.
// Layout: docs/formats/entries.md, `record_changed`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fhir/records/body.hpp"

namespace salus::fhir {

inline constexpr std::size_t frame_text_bytes = 48 << 10;

// Gathers bodies into frames.
class FrameWriter {
 public:
  void add(const Body& body);
  // Closes the last frame. `out` gets the frames, each behind the number of its bodies.
  void finish(std::string& out);

 private:
  void close();

  std::string plain_, frames_;
  std::uint32_t bodies_ = 0;
  std::uint64_t closed_ = 0;
};

// What a frame holds, unpacked. Errors: damaged.
Result<std::string> unpack_frame(ByteView frame);
// `index`: which body, from 1; 0 in what holds a single body without its length, as `resources_changed` has it.
// Errors: damaged.
Result<Body> body_in(ByteView unpacked, std::uint32_t index);

// Reads bodies whose neighbours are read too: keeps the last frame unpacked. Threads: one.
class FrameReader {
 public:
  // `at`: the frame's place, which tells it from others of the same entry.
  Result<Body> read(ByteView frame, std::uint64_t at, std::uint32_t index);

 private:
  std::optional<std::string> unpacked_;
  std::uint64_t at_ = 0;
};

}  // namespace salus::fhir
