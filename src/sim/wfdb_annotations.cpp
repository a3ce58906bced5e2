#include "sim/wfdb_annotations.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace salus::sim {
namespace {

// The upper six bits of a word that are no annotation of their own.
enum Special : unsigned { skip = 59, number = 60, subtype = 61, channel = 62, text = 63 };
constexpr unsigned type_max = 49;

}  // namespace

bool is_beat(const WfdbAnnotation& annotation) {
  constexpr std::uint8_t later[] = {25, 30, 34, 35, 38, 41};  // B ? e n f r; 1 to 13 are N L R a V F J A S E j / Q
  return (annotation.type >= 1 && annotation.type <= 13) ||
         std::ranges::find(later, annotation.type) != std::end(later);
}

Result<std::vector<WfdbAnnotation>> parse_wfdb_annotations(std::string_view bytes) {
  if (bytes.size() > WfdbAnnotationLimits::bytes_max)
    return fail(ErrorCode::too_large, "The annotation file is longer than {} bytes.", WfdbAnnotationLimits::bytes_max);
  const auto word_at = [&](std::size_t at) {
    return static_cast<unsigned>(static_cast<std::uint8_t>(bytes[at])) |
           static_cast<unsigned>(static_cast<std::uint8_t>(bytes[at + 1])) << 8;
  };
  const auto refuse = [](std::size_t at, std::string_view what) {
    return fail(ErrorCode::invalid, "The annotation at byte {} {}.", at, what);
  };
  std::vector<WfdbAnnotation> annotations;
  std::int64_t sample = 0;
  for (std::size_t at = 0; at + 2 <= bytes.size();) {
    const unsigned word = word_at(at), type = word >> 10, value = word & 0x3FF;
    const std::size_t begin = at;
    at += 2;
    if (word == 0) return annotations;  // the end that the format writes
    if (type == skip) {
      if (bytes.size() - at < 4) return refuse(begin, "announces an interval that is not there");
      // As a PDP-11 keeps a long: the upper half first.
      sample += static_cast<std::int32_t>(word_at(at) << 16 | word_at(at + 2));
      at += 4;
    } else if (type == text) {
      const std::size_t padded = value + value % 2;
      if (bytes.size() - at < padded) return refuse(begin, "announces a text that is not there");
      at += padded;
    } else if (type != number && type != subtype && type != channel) {
      if (type > type_max) return refuse(begin, "is of a type that does not exist");
      sample += value;
      // Type 0 with an interval only moves the time.
      if (type != 0) annotations.push_back({sample, static_cast<std::uint8_t>(type)});
    }
    if (sample < 0 || sample > WfdbAnnotationLimits::sample_max)
      return refuse(begin, "lies before the beginning, or beyond 2^40 samples");
    if (annotations.size() > 1 && annotations[annotations.size() - 2].sample > annotations.back().sample)
      return refuse(begin, "lies before the one that precedes it");
  }
  return fail(ErrorCode::invalid, "The annotation file ends without its end mark.");
}

Result<std::vector<WfdbAnnotation>> read_wfdb_annotations(const std::filesystem::path& record) {
  const std::filesystem::path path = std::filesystem::path(record) += ".atr";
  std::ifstream in{path, std::ios::binary};
  if (!in) return fail(ErrorCode::not_found, "There is no file '{}'.", path.string());
  std::error_code ec;
  if (const auto size = std::filesystem::file_size(path, ec); !ec && size > WfdbAnnotationLimits::bytes_max)
    return fail(ErrorCode::too_large, "'{}' has {} bytes; at most {} are read.", path.string(), size,
                WfdbAnnotationLimits::bytes_max);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return fail(ErrorCode::unavailable, "Cannot read '{}'.", path.string());
  auto annotations = parse_wfdb_annotations(bytes);
  if (!annotations) return within(path.string(), annotations.error());
  return annotations;
}

}  // namespace salus::sim
