// Answers in bytes, for programs that draw: a third of JSON's size or less, read without a parser. Byte by byte in
// docs/formats/samples.md.
#pragma once

#include <string>
#include <string_view>

#include "series/query.hpp"

namespace salus::series {

inline constexpr std::string_view samples_media_type = "application/vnd.salus.samples+binary";

// `scale`: physical value = value / 10^scale, in `unit`.
std::string samples_binary(const Page& page, unsigned scale, std::string_view unit);
// The other way, for clients. Errors: invalid (also where times do not ascend).
struct SamplesRead {
  unsigned scale = 0;
  std::string unit;
  Page page;
};
Result<SamplesRead> read_samples_binary(ByteView bytes);
std::string picture_binary(const Picture& picture, unsigned scale, std::string_view unit);

}  // namespace salus::series
