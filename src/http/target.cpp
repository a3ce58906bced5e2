#include "http/target.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace salus::http {
namespace {

constexpr std::size_t kTargetBytesMax = 8192;
constexpr std::size_t kPartsMax = 64;

Result<std::string> decode_text(std::string_view text) {
  Result<std::string> decoded = percent_decode(text);
  if (decoded && (decoded->find('\0') != std::string::npos || !is_utf8(*decoded)))
    return fail(ErrorCode::invalid, "The request target holds NUL or bytes that are not UTF-8.");
  return decoded;
}

// One segment. An encoded slash would mean something else to whoever decodes later, so nobody gets one.
Result<std::string> decode_segment(std::string_view text) {
  Result<std::string> decoded = decode_text(text);
  if (!decoded) return decoded;
  if (decoded->empty() || *decoded == "." || *decoded == ".." || decoded->find_first_of("/\\") != std::string::npos)
    return fail(ErrorCode::invalid, "The path has an empty, '.' or '..' segment, or an encoded slash.");
  return decoded;
}

Result<void> parse_path(std::string_view path, Target& target) {
  path.remove_prefix(1);
  target.trailing_slash = path.empty() || path.ends_with('/');
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return {};
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    Result<std::string> segment = decode_segment(path.substr(from, end - from));
    if (!segment) return fail(std::move(segment.error()));
    if (target.segments.size() == kPartsMax)
      return fail(ErrorCode::invalid, "The path has more than {} segments.", kPartsMax);
    target.segments.push_back(std::move(*segment));
    from = end + 1;
  }
  return {};
}

// application/x-www-form-urlencoded, where '+' is a space.
Result<std::string> decode_query_part(std::string_view text) {
  std::string plain{text};
  std::ranges::replace(plain, '+', ' ');
  return decode_text(plain);
}

Result<void> parse_query(std::string_view query, Fields& fields) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    Result<std::string> name = decode_query_part(pair.substr(0, equals));
    Result<std::string> value = decode_query_part(pair.substr(std::min(equals + 1, pair.size())));
    if (!name) return fail(std::move(name.error()));
    if (!value) return fail(std::move(value.error()));
    if (fields.size() == kPartsMax)
      return fail(ErrorCode::invalid, "The query has more than {} parameters.", kPartsMax);
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

}  // namespace

Result<Fields> parse_form(std::string_view text) {
  Fields fields;
  if (Result<void> parsed = parse_query(text, fields); !parsed) return fail(std::move(parsed.error()));
  return fields;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (unreserved.find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const Result<std::string> byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->empty()) return fail(ErrorCode::invalid, "A '%' is not followed by two hexadecimal digits.");
    decoded += *byte;
    i += 2;
  }
  return decoded;
}

Result<Target> parse_target(std::string_view text) {
  if (text.size() > kTargetBytesMax)
    return fail(ErrorCode::invalid, "The request target is longer than {} bytes.", kTargetBytesMax);
  if (text.empty() || text.front() != '/' || text.find('#') != std::string_view::npos)
    return fail(ErrorCode::invalid, "The request target must be a path that begins with '/'.");
  Target target;
  const std::size_t question = std::min(text.find('?'), text.size());
  if (auto path = parse_path(text.substr(0, question), target); !path) return fail(std::move(path.error()));
  if (auto query = parse_query(text.substr(std::min(question + 1, text.size())), target.queries); !query)
    return fail(std::move(query.error()));
  return target;
}

}  // namespace salus::http
