#include "fhir/path/lexer.hpp"

#include <algorithm>

namespace salus::fhir::path {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

Token Lexer::refuse(std::string message) {
  if (!failed_) {
    issue_ = {.code = ErrorCode::invalid, .message = std::move(message)};
    place(issue_, source_, at_);
  }
  failed_ = true;
  at_ = source_.size();
  return {.at = static_cast<std::uint32_t>(at_)};
}

bool Lexer::skip_space() {
  for (;;) {
    while (at_ < source_.size() &&
           (source_[at_] == ' ' || source_[at_] == '\t' || source_[at_] == '\n' || source_[at_] == '\r'))
      ++at_;
    const std::string_view rest = source_.substr(at_);
    if (rest.starts_with("//")) {
      at_ = std::min(source_.find('\n', at_), source_.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t end = source_.find("*/", at_ + 2);
      if (end == std::string_view::npos) return refuse("A comment has no end"), false;
      at_ = end + 2;
    } else {
      return true;
    }
  }
}

std::size_t Lexer::digits(std::size_t from) const {
  std::size_t at = from;
  while (at < source_.size() && is_digit(source_[at])) ++at;
  return at - from;
}

Token Lexer::next() {
  if (failed_ || !skip_space()) return {};
  const auto start = static_cast<std::uint32_t>(at_);
  if (at_ >= source_.size()) return {.at = start};
  const char c = source_[at_];
  if (is_digit(c)) return number();
  if (is_letter(c)) {
    while (at_ < source_.size() && (is_letter(source_[at_]) || is_digit(source_[at_]))) ++at_;
    return {.kind = Token::Kind::name, .text = std::string{source_.substr(start, at_ - start)}, .at = start};
  }
  if (c == '\'') return delimited(Token::Kind::text);
  if (c == '`') return delimited(Token::Kind::quoted_name);
  if (c == '@') return temporal();
  if (c == '%' || c == '$') {
    ++at_;
    if (c == '%' && at_ < source_.size() && (source_[at_] == '`' || source_[at_] == '\''))
      return delimited(Token::Kind::external);
    const std::size_t from = at_;
    while (at_ < source_.size() && (is_letter(source_[at_]) || is_digit(source_[at_]))) ++at_;
    if (at_ == from) return refuse("A name is missing");
    return {.kind = c == '%' ? Token::Kind::external : Token::Kind::special,
            .text = std::string{source_.substr(from, at_ - from)},
            .at = start};
  }
  for (const std::string_view symbol : {"<=", ">=", "!=", "!~", "<", ">", "=", "~", "+", "-", "*",
                                        "/",  "|",  "&",  ".",  ",", "(", ")", "[", "]", "{", "}"})
    if (source_.substr(at_).starts_with(symbol)) {
      at_ += symbol.size();
      return {.kind = Token::Kind::symbol, .text = std::string{symbol}, .at = start};
    }
  return refuse("This is no word of FHIRPath");
}

Token Lexer::number() {
  const std::size_t start = at_;
  at_ += digits(at_);
  if (at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1])) at_ += 1 + digits(at_ + 1);
  return {.kind = Token::Kind::number,
          .text = std::string{source_.substr(start, at_ - start)},
          .at = static_cast<std::uint32_t>(start)};
}

// @2014-01-05T10:30:00.000+01:00, @T10:30. A dot that no digit follows begins a call.
Token Lexer::temporal() {
  const std::size_t start = at_++;
  const std::size_t from = at_;
  const auto group = [&](char separator, std::size_t count) {
    if (at_ >= source_.size() || source_[at_] != separator || digits(at_ + 1) < count) return false;
    at_ += 1 + count;
    return true;
  };
  const auto clock = [&] {
    if (digits(at_) < 2) return;
    at_ += 2;
    if (group(':', 2) && group(':', 2) && at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1]))
      at_ += 1 + digits(at_ + 1);
  };
  const auto token = [&](Token::Kind kind) {
    return Token{
        .kind = kind, .text = std::string{source_.substr(from, at_ - from)}, .at = static_cast<std::uint32_t>(start)};
  };
  if (at_ < source_.size() && source_[at_] == 'T') {
    ++at_;
    clock();
    if (at_ < source_.size() && (source_[at_] == 'Z' || (source_[at_] == '+' && digits(at_ + 1) == 2)))
      return refuse("A time of day has no time zone");
    return token(Token::Kind::time);
  }
  at_ += std::min<std::size_t>(digits(at_), 4);
  if (group('-', 2)) group('-', 2);
  if (at_ >= source_.size() || source_[at_] != 'T') return token(Token::Kind::date);
  ++at_;
  clock();
  if (at_ < source_.size() && source_[at_] == 'Z') {
    ++at_;
  } else if (at_ + 3 < source_.size() && (source_[at_] == '+' || source_[at_] == '-') && digits(at_ + 1) == 2 &&
             source_[at_ + 3] == ':') {
    at_ += 3;
    group(':', 2);
  }
  return token(Token::Kind::date_time);
}

Token Lexer::delimited(Token::Kind kind) {
  Token token{.kind = kind, .at = static_cast<std::uint32_t>(at_)};
  const char quote = source_[at_++];
  while (at_ < source_.size()) {
    const char c = source_[at_++];
    if (c == quote) return token;
    if (c != '\\') {
      token.text += c;
    } else if (!escape(token.text)) {
      return refuse("There is no such escape");
    }
  }
  return refuse("A text has no end");
}

bool Lexer::escape(std::string& out) {
  if (at_ >= source_.size()) return false;
  const char c = source_[at_++];
  constexpr std::string_view from = "`'\"\\/fnrt", to = "`'\"\\/\f\n\r\t";
  if (const std::size_t known = from.find(c); known != std::string_view::npos) {
    out += to[known];
    return true;
  }
  if (c != 'u' || source_.size() - at_ < 4) return false;
  std::uint32_t point = 0;
  for (int i = 0; i < 4; ++i) {
    const char digit = source_[at_++];
    const std::size_t value = std::string_view{"0123456789abcdef"}.find(
        static_cast<char>(digit >= 'A' && digit <= 'F' ? digit - 'A' + 'a' : digit));
    if (value == std::string_view::npos) return false;
    point = point << 4 | static_cast<std::uint32_t>(value);
  }
  if (point >= 0xD800 && point <= 0xDFFF) return false;
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
  return true;
}

}  // namespace salus::fhir::path
