// Texts are UTF-8; positions and lengths count code points. Patterns are RE2's: linear in time, without look-around.
#include <re2/re2.h>

#include <algorithm>

#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {
namespace {

bool is_lead(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::int64_t code_points(std::string_view text) {
  return std::ranges::count_if(text, is_lead);
}

// Byte at which code point `number` begins; the end when there are fewer.
std::size_t byte_of(std::string_view text, std::int64_t number) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (is_lead(text[at]) && number-- == 0) break;
  return at;
}

std::string cased(std::string_view text, bool up) {
  std::string out{text};
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto& c = out[i];
    if (up && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!up && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    // Latin-1's letters: À to Þ and à to þ, without × and ÷.
    if (i == 0 || out[i - 1] != '\xC3') continue;
    const auto low = static_cast<unsigned char>(c);
    if (up && low >= 0xA0 && low <= 0xBE && low != 0xB7) c = static_cast<char>(low - 0x20);
    if (!up && low >= 0x80 && low <= 0x9E && low != 0x97) c = static_cast<char>(low + 0x20);
  }
  return out;
}

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string encode_base64(std::string_view text, std::string_view alphabet) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < text.size() ? static_cast<std::uint8_t>(text[i + j]) : 0);
    for (std::size_t j = 0; j < 4; ++j) out += i + j > text.size() ? '=' : alphabet[group >> (18 - 6 * j) & 63];
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text, std::string_view alphabet) {
  std::string out;
  while (text.ends_with('=')) text.remove_suffix(1);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held);
  }
  return out;
}

constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64_url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::pair<std::string_view, std::string_view> html[] = {
    {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
constexpr std::pair<std::string_view, std::string_view> json[] = {
    {"\\\\", "\\"}, {"\\\"", "\""}, {"\\n", "\n"}, {"\\r", "\r"}, {"\\t", "\t"}};

template <class Pairs>
std::string escaped(std::string_view text, const Pairs& pairs, bool back) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto* found = std::ranges::find_if(
        pairs, [&](const auto& p) { return text.substr(at).starts_with(back ? p.first : p.second); });
    if (found == std::end(pairs)) {
      out += text[at++];
      continue;
    }
    out += back ? found->second : found->first;
    at += (back ? found->first : found->second).size();
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n\f\v");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n\f\v") - from + 1);
}

}  // namespace

bool Evaluator::codings(Function function, std::string_view text, std::string_view format, Collection& out) {
  const bool back = function == Function::decode;
  if (format == "hex") {
    std::string made;
    if (!back) {
      for (const char c : text) {
        made += hex_digits[static_cast<std::uint8_t>(c) >> 4];
        made += hex_digits[static_cast<std::uint8_t>(c) & 15];
      }
      return put_text(out, std::move(made));
    }
    const std::string digits = cased(text, false);
    if (digits.size() % 2 != 0 || digits.find_first_not_of(hex_digits) != std::string::npos) return true;
    for (std::size_t i = 0; i < digits.size(); i += 2)
      made += static_cast<char>(hex_digits.find(digits[i]) << 4 | hex_digits.find(digits[i + 1]));
    return put_text(out, std::move(made));
  }
  if (format != "base64" && format != "urlbase64") return refuse("Encodings are hex, base64 and urlbase64.");
  const std::string_view alphabet = format == "base64" ? base64 : base64_url;
  if (!back) return put_text(out, encode_base64(text, alphabet));
  auto decoded = decode_base64(text, alphabet);
  return !decoded || put_text(out, std::move(*decoded));
}

bool Evaluator::patterns(Function function, std::string_view text, std::string_view pattern, const Collection* with,
                         Collection& out) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(1 << 20);
  const RE2 compiled{re2::StringPiece{pattern.data(), pattern.size()}, options};
  if (!compiled.ok()) return refuse("The pattern is no regular expression that is known here.");
  if (!step(1 + text.size() / 16)) return false;
  const re2::StringPiece piece{text.data(), text.size()};
  if (function == Function::matches) return put(out, RE2::PartialMatch(piece, compiled));
  if (function == Function::matches_full) return put(out, RE2::FullMatch(piece, compiled));
  if (pattern.empty()) return put_text(out, std::string{text});
  // $1 is RE2's \1.
  std::string replacement;
  const std::string_view given = *string_of(with->front());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const bool group = given[i] == '$' && i + 1 < given.size() && given[i + 1] >= '0' && given[i + 1] <= '9';
    if (given[i] == '\\') replacement += '\\';
    replacement += group ? '\\' : given[i];
  }
  std::string error, made{text};
  if (!compiled.CheckRewriteString(replacement, &error))
    return refuse("The replacement names a group that is not there.");
  RE2::GlobalReplace(&made, compiled, replacement);
  return put_text(out, std::move(made));
}

bool Evaluator::strings(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out) {
  const Function f = expr.function;
  if (f == Function::join) {
    std::string made;
    const Value* separator = nullptr;
    if (!args.empty() && !single(args[0], separator)) return false;
    const auto between = separator == nullptr ? std::optional{std::string_view{}} : string_of(*separator);
    for (std::size_t i = 0; i < input.size(); ++i) {
      const auto part = string_of(input[i]);
      if (!part || !between) return refuse("join() joins Strings.");
      made += i > 0 ? *between : std::string_view{};
      made += *part;
      if (made.size() > environment_.limits.text_max) return refuse("A text is too long.", ErrorCode::too_large);
    }
    return put_text(out, std::move(made));
  }
  const Value* value = nullptr;
  if (!single(input, value)) return false;
  // Empty in, empty out; also for an empty argument.
  std::vector<const Value*> given(args.size());
  bool missing = value == nullptr;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!single(args[i], given[i])) return false;
    missing |= given[i] == nullptr;
  }
  if (missing) return true;
  const auto held = string_of(*value);
  if (!held) return refuse("A String is expected here.");
  const std::string_view text = *held;
  if (!step(1 + text.size() / 64)) return false;
  if (f == Function::substring) {
    const auto start = integer_of(*given[0]),
               length = given.size() > 1 ? integer_of(*given[1]) : std::optional{std::int64_t{INT32_MAX}};
    if (!start || !length) return refuse("A position is an Integer.");
    if (*start < 0 || *start >= code_points(text)) return true;
    const std::string_view rest = text.substr(byte_of(text, *start));
    return put_text(out, std::string{rest.substr(0, byte_of(rest, std::max<std::int64_t>(0, *length)))});
  }
  std::vector<std::string_view> words;
  for (const Value* arg : given) {
    const auto word = string_of(*arg);
    if (!word) return refuse("A String is expected here.");
    words.push_back(*word);
  }
  switch (f) {
    case Function::index_of:
    case Function::last_index_of: {
      const std::size_t at = f == Function::index_of ? text.find(words[0]) : text.rfind(words[0]);
      return put(out, at == std::string_view::npos ? std::int64_t{-1} : code_points(text.substr(0, at)));
    }
    case Function::starts_with:
      return put(out, text.starts_with(words[0]));
    case Function::ends_with:
      return put(out, text.ends_with(words[0]));
    case Function::contains:
      return put(out, text.find(words[0]) != std::string_view::npos);
    case Function::upper:
    case Function::lower:
      return put_text(out, cased(text, f == Function::upper));
    case Function::length:
      return put(out, code_points(text));
    case Function::trim:
      return put_text(out, std::string{trimmed(text)});
    case Function::to_chars:
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = byte_of(text.substr(at), 1);
        if (!put(out, std::string{text.substr(at, size)})) return false;
        at += size;
      }
      return true;
    case Function::split: {
      if (words[0].empty()) return put_text(out, std::string{text});
      std::string_view rest = text;
      for (std::size_t at; (at = rest.find(words[0])) != std::string_view::npos;
           rest.remove_prefix(at + words[0].size()))
        if (!put(out, std::string{rest.substr(0, at)})) return false;
      return put(out, std::string{rest});
    }
    case Function::replace: {
      std::string made;
      for (std::size_t at = 0; at <= text.size();) {
        const bool found = text.substr(at).starts_with(words[0]);
        if (found) made += words[1];
        const std::size_t next = found && !words[0].empty() ? words[0].size() : byte_of(text.substr(at), 1);
        if (!found || words[0].empty()) made += text.substr(at, next);
        if (at == text.size()) break;
        at += next;
        if (made.size() > environment_.limits.text_max) return refuse("A text is too long.", ErrorCode::too_large);
      }
      return put_text(out, std::move(made));
    }
    case Function::matches:
    case Function::matches_full:
    case Function::replace_matches:
      return patterns(f, text, words[0], args.size() > 1 ? &args[1] : nullptr, out);
    case Function::encode:
    case Function::decode:
      return codings(f, text, words[0], out);
    default: {  // escape, unescape
      const bool back = f == Function::unescape;
      if (words[0] == "html") return put_text(out, escaped(text, html, back));
      if (words[0] == "json") return put_text(out, escaped(text, json, back));
      return refuse("Escapes are html and json.");
    }
  }
}

}  // namespace salus::fhir::path
