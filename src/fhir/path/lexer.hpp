// Words of FHIRPath.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fhir/document/issue.hpp"

namespace salus::fhir::path {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    name,
    quoted_name,
    text,
    number,
    date,
    date_time,
    time,
    symbol,
    external,
    special
  };
  Kind kind = Kind::end;
  std::string text = {};  // without quotes, backticks, '@', '%' and '$'; escapes read
  std::uint32_t at = 0;

  bool is(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
  bool is_word(std::string_view word) const { return kind == Kind::name && text == word; }
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}
  // The next word; `end` at the end, and where something is wrong (then `failed()`).
  Token next();
  bool failed() const { return failed_; }
  const Issue& issue() const { return issue_; }

 private:
  bool skip_space();
  Token refuse(std::string message);
  Token number();
  Token temporal();
  Token delimited(Token::Kind kind);
  bool escape(std::string& out);
  std::size_t digits(std::size_t from) const;

  std::string_view source_;
  std::size_t at_ = 0;
  bool failed_ = false;
  Issue issue_;
};

}  // namespace salus::fhir::path
