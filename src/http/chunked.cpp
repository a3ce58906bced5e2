#include "http/chunked.hpp"

#include <algorithm>
#include <charconv>

namespace salus::http {
namespace {

constexpr std::size_t kLineBytesMax = 512;  // a size with its extensions, or one trailer
constexpr std::size_t kTrailerBytesMax = 8192;

tl::unexpected<Refusal> bad(std::string detail) {
  return tl::make_unexpected(Refusal{400, std::move(detail)});
}

// The first line with its CR LF; empty while it is not all here.
tl::expected<std::string_view, Refusal> line_of(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (std::min(end, bytes.size()) >= kLineBytesMax) return bad("A chunk's line is too long.");
  if (end == std::string_view::npos) return std::string_view{};
  const std::string_view line = bytes.substr(0, end + 1);
  const auto allowed = [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); };
  if (!line.ends_with("\r\n") || !std::ranges::all_of(line.substr(0, line.size() - 2), allowed))
    return bad("A line of the chunked body does not end with CR LF or holds a control character.");
  return line;
}

// RFC 9110, 5.1: a token, then at once its colon. Trailers are dropped, but what is none may be another request.
bool names_a_field(std::string_view line) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  const std::string_view name = line.substr(0, line.find(':'));
  return !name.empty() && name.size() < line.size() &&
         std::ranges::all_of(
             name,
             [&](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      marks.find(c) != std::string_view::npos;
             });
}

}  // namespace

ChunkDecoder::Taken ChunkDecoder::feed(std::string_view bytes, std::string& body) {
  std::size_t total = 0;
  while (!is_done() && total < bytes.size()) {
    const Taken taken = step(bytes.substr(total), body);
    if (!taken) return taken;
    if (*taken == 0) break;
    total += *taken;
  }
  return total;
}

ChunkDecoder::Taken ChunkDecoder::step(std::string_view bytes, std::string& body) {
  switch (state_) {
    case State::size:
      return read_size(bytes, body.size());
    case State::data: {
      const std::size_t count = std::min<std::uint64_t>(left_, bytes.size());
      body.append(bytes.substr(0, count));
      left_ -= count;
      if (left_ == 0) state_ = State::data_end;
      return count;
    }
    case State::data_end: {
      if (!std::string_view("\r\n").starts_with(bytes.substr(0, 2))) return bad("A chunk is longer than it says.");
      if (bytes.size() < 2) return std::size_t{0};
      state_ = State::size;
      return std::size_t{2};
    }
    case State::trailers:
      return read_trailer(bytes);
    case State::done:
      break;
  }
  return std::size_t{0};
}

ChunkDecoder::Taken ChunkDecoder::read_size(std::string_view bytes, std::size_t body_bytes) {
  const auto line = line_of(bytes);
  if (!line) return tl::make_unexpected(line.error());
  if (line->empty()) return std::size_t{0};
  const char* end = line->data() + line->size() - 2;
  const auto [after, error] = std::from_chars(line->data(), end, left_, 16);
  if (error == std::errc::result_out_of_range)
    return tl::make_unexpected(Refusal{413, "A chunk is larger than any body may be."});
  if (error != std::errc{} || (after != end && *after != ';')) return bad("A chunk does not begin with its size.");
  if (left_ > bytes_max_ - body_bytes)
    return tl::make_unexpected(Refusal{413, "The body is larger than this call accepts."});
  state_ = left_ == 0 ? State::trailers : State::data;
  return line->size();
}

ChunkDecoder::Taken ChunkDecoder::read_trailer(std::string_view bytes) {
  const auto line = line_of(bytes);
  if (!line) return tl::make_unexpected(line.error());
  trailer_bytes_ += line->size();
  if (trailer_bytes_ > kTrailerBytesMax) return bad("The trailers are too long.");
  if (*line == "\r\n") {
    state_ = State::done;
  } else if (!line->empty() && !names_a_field(*line)) {
    return bad("A trailer of the chunked body is no header field.");
  }
  return line->size();
}

}  // namespace salus::http
