#include "fhir/graphql/lexer.hpp"

#include <algorithm>
#include <optional>

namespace salus::fhir::graphql {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void put_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

// Bytes of the character at the beginning of `text`; 0 where it is no UTF-8.
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) || (first == 0xF0 && byte(1) < 0x90) ||
      (first == 0xF4 && byte(1) > 0x8F))
    return 0;
  return size;
}

// The lines of a block string without what all but the first are indented by, and without blank ones at both ends
// (2.9.4, BlockStringValue).
std::string block_value(std::string_view raw) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0;;) {
    const std::size_t end = raw.find_first_of("\r\n", from);
    lines.push_back(raw.substr(from, end == std::string_view::npos ? end : end - from));
    if (end == std::string_view::npos) break;
    from = end + (raw.substr(end).starts_with("\r\n") ? 2 : 1);
  }
  const auto indent_of = [](std::string_view line) { return line.find_first_not_of(" \t"); };
  std::size_t common = std::string_view::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) common = std::min(common, indent_of(lines[i]));
  for (std::size_t i = 1; i < lines.size() && common != std::string_view::npos; ++i)
    lines[i].remove_prefix(std::min(common, lines[i].size()));
  const auto is_blank = [&](std::string_view line) { return indent_of(line) == std::string_view::npos; };
  const auto begin = std::ranges::find_if_not(lines, is_blank);
  auto end = lines.end();
  while (end != begin && is_blank(*(end - 1))) --end;
  std::string out;
  for (auto line = begin; line != end; ++line) {
    if (line != begin) out += '\n';
    out += *line;
  }
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Parsed<std::vector<Token>> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_at_ = 3;
    for (;;) {
      skip();
      Token token{.at = here()};
      const std::size_t from = at_;
      if (at_ == text_.size()) {
        tokens_.push_back(std::move(token));
        return std::move(tokens_);
      }
      const char c = text_[at_];
      std::optional<Problem> wrong;
      if (is_letter(c)) {
        token.kind = Token::Kind::name;
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
        token.text = text_.substr(from, at_ - from);
      } else if (is_digit(c) || c == '-') {
        wrong = number(token);
      } else if (c == '"') {
        wrong = text_.substr(at_).starts_with("\"\"\"") ? block(token) : string(token);
      } else if (text_.substr(at_).starts_with("...")) {
        token.kind = Token::Kind::punctuator;
        token.text = "...";
        at_ += 3;
      } else if (std::string_view{"!$&():=@[]{|}"}.find(c) != std::string_view::npos) {
        token.kind = Token::Kind::punctuator;
        token.text = c;
        ++at_;
      } else {
        wrong = problem("This character does not belong to GraphQL here.");
      }
      if (wrong) return tl::make_unexpected(std::move(*wrong));
      tokens_.push_back(std::move(token));
    }
  }

 private:
  Location here() const { return {line_, static_cast<std::uint32_t>(at_ - line_at_ + 1)}; }
  Problem problem(std::string message) const { return {.message = std::move(message), .at = here()}; }

  void new_line() {
    at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
    ++line_;
    line_at_ = at_;
  }
  bool at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  void skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (at_line_end()) {
        new_line();
      } else if (c == ' ' || c == '\t' || c == ',') {
        ++at_;
      } else if (c == '#') {
        while (at_ < text_.size() && !at_line_end()) ++at_;
      } else {
        return;
      }
    }
  }

  std::optional<Problem> number(Token& token) {
    const std::size_t from = at_;
    const auto digits = [&] {
      const std::size_t begun = at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
      return at_ > begun;
    };
    const auto is_at = [&](std::string_view any) { return at_ < text_.size() && any.find(text_[at_]) != any.npos; };
    token.kind = Token::Kind::integer;
    if (is_at("-")) ++at_;
    const bool is_zero = is_at("0");
    const std::size_t whole = at_;
    if (!digits() || (is_zero && at_ - whole > 1)) return problem("This is no number.");
    if (is_at(".")) {
      token.kind = Token::Kind::real;
      ++at_;
      if (!digits()) return problem("Digits come behind a number's point.");
    }
    if (is_at("eE")) {
      token.kind = Token::Kind::real;
      ++at_;
      if (is_at("+-")) ++at_;
      if (!digits()) return problem("Digits come in a number's exponent.");
    }
    if (is_at(".") || (at_ < text_.size() && is_letter(text_[at_]))) return problem("A number ends here.");
    token.text = text_.substr(from, at_ - from);
    return std::nullopt;
  }

  // A character of a string, as it stands. Tabs are text; other controls are not (2.1.1).
  std::optional<Problem> character(std::string& out) {
    const std::size_t size = utf8_size(text_.substr(at_));
    if (size == 0) return problem("A string is UTF-8.");
    if (static_cast<unsigned char>(text_[at_]) < 0x20 && text_[at_] != '\t')
      return problem("Control characters in a string are escaped.");
    out += text_.substr(at_, size);
    at_ += size;
    return std::nullopt;
  }

  std::optional<Problem> block(Token& token) {
    token.kind = Token::Kind::string;
    at_ += 3;
    std::string raw;
    for (;;) {
      if (at_ == text_.size()) return problem("A block string does not end.");
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("\"\"\"")) break;
      if (rest.starts_with("\\\"\"\"")) {
        raw += "\"\"\"";
        at_ += 4;
      } else if (at_line_end()) {
        raw += '\n';
        new_line();
      } else if (auto wrong = character(raw)) {
        return wrong;
      }
    }
    at_ += 3;
    token.text = block_value(raw);
    return std::nullopt;
  }

  std::optional<Problem> string(Token& token) {
    token.kind = Token::Kind::string;
    ++at_;
    for (;;) {
      if (at_ == text_.size() || at_line_end()) return problem("A string does not end.");
      if (text_[at_] == '"') break;
      auto wrong = text_[at_] == '\\' ? escape(token.text) : character(token.text);
      if (wrong) return wrong;
    }
    ++at_;
    return std::nullopt;
  }

  std::optional<std::uint32_t> unit() {  // \uXXXX
    if (text_.size() - at_ < 6 || text_[at_] != '\\' || text_[at_ + 1] != 'u') return std::nullopt;
    std::uint32_t code = 0;
    for (std::size_t i = at_ + 2; i < at_ + 6; ++i) {
      const char c = text_[i];
      if (is_digit(c))
        code = code * 16 + static_cast<std::uint32_t>(c - '0');
      else if (c >= 'a' && c <= 'f')
        code = code * 16 + static_cast<std::uint32_t>(c - 'a' + 10);
      else if (c >= 'A' && c <= 'F')
        code = code * 16 + static_cast<std::uint32_t>(c - 'A' + 10);
      else
        return std::nullopt;
    }
    at_ += 6;
    return code;
  }

  std::optional<Problem> escape(std::string& out) {
    if (text_.size() - at_ < 2) return problem("A string does not end.");
    constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    if (const std::size_t which = from.find(text_[at_ + 1]); which != std::string_view::npos) {
      out += to[which];
      at_ += 2;
      return std::nullopt;
    }
    auto code = unit();
    if (!code) return problem("There is no such escape in a string.");
    if (*code >= 0xD800 && *code < 0xDC00) {
      const auto low = unit();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return problem("Half of a surrogate pair is no character.");
      *code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    } else if (*code >= 0xDC00 && *code <= 0xDFFF) {
      return problem("Half of a surrogate pair is no character.");
    }
    put_utf8(*code, out);
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0, line_at_ = 0;
  std::uint32_t line_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

Parsed<std::vector<Token>> tokens_of(std::string_view text) {
  return Lexer{text}.run();
}

}  // namespace salus::fhir::graphql
