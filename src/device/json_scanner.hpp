// Strict JSON (RFC 8259) token by token, as telemetry needs it: numbers stay decimals, strings look into the payload,
// and nothing is built that the caller does not ask for. Grammar only; what a message means is the parser's.
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "device/message.hpp"

namespace salus::device {

// Every function that returns bool gives false once `wrong_` is set. Depth is bounded by MessageLimits::depth_max.
// Lifetime: the payload and the builder's message outlive it.
class JsonScanner {
 protected:
  JsonScanner(std::string_view payload, Message& message)
      : begin_(payload.data()), at_(begin_), end_(begin_ + payload.size()), builder_(message) {}

  bool refuse(const char* what) {
    if (wrong_ == nullptr) wrong_ = what;
    return false;
  }
  // Right JSON, but not a message: told apart because a JSON library would take it.
  bool mean(const char* what) {
    if (what == nullptr) return true;
    meaning_ = wrong_ == nullptr || meaning_;
    return refuse(what);
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  // At '{', one level deeper already: calls `member(key)` behind each colon, which reads the value, and steps out.
  template <class Member>
  bool members(Member member) {
    ++at_;
    skip_space();
    if (!take('}')) {
      do {
        std::string_view key;
        skip_space();
        if (!string(key)) return false;
        skip_space();
        if (!take(':')) return refuse("expected :");
        if (!member(key)) return false;
        skip_space();
      } while (take(','));
      if (!take('}')) return refuse("expected , or }");
    }
    --depth_;
    return true;
  }

  // Any value that we don't look at, still held to the grammar.
  bool skip_value() {
    std::string_view text;
    Decimal value;
    switch (peek()) {
      case '{':
        return skip_object();
      case '[':
        return skip_array();
      case '"':
        return string(text);
      case 'n':
        return word("null");
      case 't':
        return word("true");
      case 'f':
        return word("false");
      default:
        return number(value);
    }
  }

  bool skip_object() {
    Keys keys;
    return deeper() && members([&](std::string_view key) {
             if (!unique(keys, key)) return false;
             skip_space();
             return skip_value();
           });
  }

  bool skip_array() {
    if (!deeper()) return false;
    ++at_;
    skip_space();
    if (!take(']')) {
      do {
        skip_space();
        if (!skip_value()) return false;
        skip_space();
      } while (take(','));
      if (!take(']')) return refuse("expected , or ]");
    }
    --depth_;
    return true;
  }

  bool deeper() { return ++depth_ <= MessageLimits::depth_max || mean("nested deeper than 4"); }

  struct Keys {
    std::array<std::string_view, MessageLimits::keys_max> names;
    std::size_t count = 0;
  };
  bool unique(Keys& keys, std::string_view key) {
    for (std::size_t i = 0; i < keys.count; ++i)
      if (keys.names[i] == key) return mean("an object repeats a key");
    if (keys.count == keys.names.size()) return mean("an object has more than 128 keys");
    keys.names[keys.count++] = key;
    return true;
  }

  bool word(std::string_view expected) {
    if (static_cast<std::size_t>(end_ - at_) < expected.size() ||
        std::memcmp(at_, expected.data(), expected.size()) != 0)
      return refuse("expected a value");
    at_ += expected.size();
    return true;
  }

  bool string(std::string_view& out) {
    if (!take('"')) return refuse("expected a string");
    const char* const start = at_;
    bool high = false;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') {
      if (static_cast<unsigned char>(*at_) < 0x20) return refuse("a control character in a string");
      high |= static_cast<signed char>(*at_) < 0;
      ++at_;
    }
    if (at_ == end_) return refuse("a string without end");
    out = {start, static_cast<std::size_t>(at_ - start)};
    if (high && !is_utf8(out)) return refuse("a string is not UTF-8");
    if (*at_ == '\\') return escaped_string(out);
    ++at_;
    return true;
  }

  // The rest of a string from its first backslash on. `plain` is what came before.
  bool escaped_string(std::string_view& plain) {
    std::string text{plain};
    while (at_ != end_ && *at_ != '"') {
      if (static_cast<unsigned char>(*at_) < 0x20) return refuse("a control character in a string");
      if (*at_ == '\\') {
        if (!escape(text)) return false;
      } else {
        text.push_back(*at_++);
      }
    }
    if (!take('"')) return refuse("a string without end");
    if (!is_utf8(text)) return refuse("a string is not UTF-8");
    plain = builder_.keep(text, static_cast<std::size_t>(end_ - begin_));
    return true;
  }

  bool escape(std::string& text) {
    ++at_;
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (take('u')) return unicode_escape(text);
    const std::size_t which = at_ == end_ ? std::string_view::npos : letters.find(*at_);
    if (which == std::string_view::npos) return refuse("an unknown escape in a string");
    text.push_back(meanings[which]);
    ++at_;
    return true;
  }

  bool hex4(std::uint32_t& out) {
    if (end_ - at_ < 4) return refuse("expected four hexadecimal digits");
    out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = *at_;
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return refuse("expected four hexadecimal digits");
      out = out << 4 | static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  bool unicode_escape(std::string& text) {
    std::uint32_t point = 0, low = 0;
    if (!hex4(point)) return false;
    if (point >= 0xDC00 && point <= 0xDFFF) return refuse("half a surrogate pair");
    if (point >= 0xD800 && point <= 0xDBFF) {
      if (!take('\\') || !take('u') || !hex4(low) || low < 0xDC00 || low > 0xDFFF)
        return refuse("half a surrogate pair");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto push = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (point < 0x80) {
      push(point);
    } else if (point < 0x800) {
      push(0xC0 | point >> 6);
      push(0x80 | (point & 63));
    } else if (point < 0x10000) {
      push(0xE0 | point >> 12);
      push(0x80 | (point >> 6 & 63));
      push(0x80 | (point & 63));
    } else {
      push(0xF0 | point >> 18);
      push(0x80 | (point >> 12 & 63));
      push(0x80 | (point >> 6 & 63));
      push(0x80 | (point & 63));
    }
    return true;
  }

  static bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

  // Digits into the mantissa, 18 significant at most; the others count as zeros.
  void digits(Decimal& out, bool fraction) {
    for (; at_ != end_ && is_digit(*at_); ++at_) {
      if (out.mantissa < 100'000'000'000'000'000) {
        out.mantissa = out.mantissa * 10 + (*at_ - '0');
        out.exponent -= fraction ? 1 : 0;
      } else {
        out.exponent += fraction ? 0 : 1;
      }
    }
  }

  bool number(Decimal& out) {
    const bool negative = take('-');
    if (at_ == end_ || !is_digit(*at_)) return refuse("expected a value");
    if (*at_ == '0') {
      ++at_;
      if (at_ != end_ && is_digit(*at_)) return refuse("a number begins with 0");
    } else {
      digits(out, false);
    }
    if (take('.')) {
      if (at_ == end_ || !is_digit(*at_)) return refuse("expected a digit");
      digits(out, true);
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E') && !exponent(out)) return false;
    if (negative) out.mantissa = -out.mantissa;
    return true;
  }

  bool exponent(Decimal& out) {
    ++at_;
    const bool negative = take('-');
    if (!negative) take('+');
    if (at_ == end_ || !is_digit(*at_)) return refuse("expected a digit");
    std::int32_t value = 0;
    // Beyond any plausible value the exact exponent no longer matters.
    for (; at_ != end_ && is_digit(*at_); ++at_) value = value < 100'000 ? value * 10 + (*at_ - '0') : value;
    out.exponent += negative ? -value : value;
    return true;
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  MessageBuilder builder_;
  std::size_t depth_ = 0;
  const char* wrong_ = nullptr;
  bool meaning_ = false;
};

}  // namespace salus::device
