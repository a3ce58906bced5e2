#include "fhir/validation/primitive.hpp"

#include <re2/re2.h>

#include <charconv>
#include <string>

#include "base/assert.hpp"
#include "fhir/document/xml.hpp"

namespace salus::fhir::validation {
namespace {

constexpr std::size_t string_bytes_max = 1 << 20;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Patterns of the definitions, compiled once.
class Patterns {
 public:
  static const Patterns& r4() {
    static const Patterns patterns;
    return patterns;
  }
  RE2 date, date_time, instant, time, oid, uuid;

 private:
  Patterns()
      : date(of("date")),
        date_time(of("dateTime")),
        instant(of("instant")),
        time(of("time")),
        oid(of("oid")),
        uuid(of("uuid")) {
    for (const RE2* pattern : {&date, &date_time, &instant, &time, &oid, &uuid}) SALUS_ASSERT(pattern->ok());
  }
  static std::string of(std::string_view type) {
    const Definitions& d = Definitions::r4();
    return std::string{d.regex(d.type(type))};
  }
};

bool matches(const RE2& pattern, std::string_view text) {
  return RE2::FullMatch({text.data(), text.size()}, pattern);
}

// The day exists in its month. Requires: the text matches the pattern of a date, dateTime or instant.
bool is_real_day(std::string_view text) {
  if (text.size() < 10) return true;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (std::size_t i = at; i < at + size; ++i) value = 10 * value + (text[i] - '0');
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool is_whole(std::string_view text, std::int64_t least) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (least >= 0 && text.starts_with('-')) return false;
  return error == std::errc{} && end == text.data() + text.size() && (digits.size() == 1 || digits[0] != '0') &&
         value >= least && value <= 2'147'483'647;
}

bool is_code(std::string_view text) {
  bool space = true;
  for (const char c : text) {
    if (is_space(c) && space) return false;
    space = is_space(c);
  }
  return !space;
}

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text)
    if (!is_letter(c) && !is_digit(c) && c != '-' && c != '.') return false;
  return true;
}

bool is_uri(std::string_view text) {
  for (const char c : text)
    if (is_space(c)) return false;
  return true;
}

// Whole groups of four characters, '=' only at the end; spaces may stand between groups.
bool is_base64(std::string_view text) {
  std::size_t count = 0, padding = 0;
  for (const char c : text) {
    if (is_space(c)) {
      if (count % 4 != 0) return false;
      continue;
    }
    if (c == '=') {
      ++padding;
    } else if (padding > 0 || (!is_letter(c) && !is_digit(c) && c != '+' && c != '/')) {
      return false;
    }
    ++count;
  }
  return count > 0 && count % 4 == 0 && padding <= 2;
}

const char* check_moment(const RE2& pattern, std::string_view text, const char* wrong) {
  if (!matches(pattern, text)) return wrong;
  return is_real_day(text) ? nullptr : "There is no such day";
}

}  // namespace

Primitive primitive_of(std::string_view type) {
  constexpr std::pair<std::string_view, Primitive> names[] = {
      {"boolean", Primitive::boolean},
      {"integer", Primitive::integer},
      {"unsignedInt", Primitive::unsigned_int},
      {"positiveInt", Primitive::positive_int},
      {"decimal", Primitive::decimal},
      {"string", Primitive::string},
      {"markdown", Primitive::string},
      {"code", Primitive::code},
      {"id", Primitive::id},
      {"uri", Primitive::uri},
      {"url", Primitive::uri},
      {"canonical", Primitive::uri},
      {"oid", Primitive::oid},
      {"uuid", Primitive::uuid},
      {"base64Binary", Primitive::base64},
      {"date", Primitive::date},
      {"dateTime", Primitive::date_time},
      {"instant", Primitive::instant},
      {"time", Primitive::time},
      {"xhtml", Primitive::xhtml},
  };
  for (const auto& [name, primitive] : names)
    if (name == type) return primitive;
  return Primitive::none;
}

const char* check_primitive(Primitive primitive, Shape shape, std::string_view text) {
  const Shape wanted = primitive == Primitive::boolean                                      ? Shape::boolean
                       : primitive >= Primitive::integer && primitive <= Primitive::decimal ? Shape::number
                                                                                            : Shape::string;
  if (shape != wanted)
    return wanted == Shape::boolean  ? "A boolean stands here, true or false without quotes"
           : wanted == Shape::number ? "A number stands here, without quotes"
                                     : "A text in quotes stands here";
  if (text.empty()) return "A value is not empty";
  switch (primitive) {
    case Primitive::none:
    case Primitive::boolean:
    case Primitive::decimal:  // as the readers take numbers
      return nullptr;
    case Primitive::integer:
      return is_whole(text, -2'147'483'648LL) ? nullptr : "This is no whole number of 32 bits";
    case Primitive::unsigned_int:
      return is_whole(text, 0) ? nullptr : "This is no whole number from 0 to 2147483647";
    case Primitive::positive_int:
      return is_whole(text, 1) ? nullptr : "This is no whole number from 1 to 2147483647";
    case Primitive::string:
      return text.size() <= string_bytes_max ? nullptr : "A string has at most 1 MB";
    case Primitive::code:
      return is_code(text) ? nullptr : "A code neither begins nor ends with a space, and has single ones within";
    case Primitive::id:
      return is_id(text) ? nullptr : "An id has 1 to 64 letters, digits, '-' and '.'";
    case Primitive::uri:
      return is_uri(text) ? nullptr : "A URI has no spaces";
    case Primitive::oid:
      return matches(Patterns::r4().oid, text) ? nullptr : "This is no OID (urn:oid:1.2.3)";
    case Primitive::uuid:
      return matches(Patterns::r4().uuid, text) ? nullptr : "This is no UUID (urn:uuid: and lower case)";
    case Primitive::base64:
      return is_base64(text) ? nullptr : "This is no base64";
    case Primitive::date:
      return check_moment(Patterns::r4().date, text, "This is no date (YYYY, YYYY-MM or YYYY-MM-DD)");
    case Primitive::date_time:
      return check_moment(Patterns::r4().date_time, text,
                          "This is no dateTime (a date, or YYYY-MM-DDThh:mm:ss with a time zone)");
    case Primitive::instant:
      return check_moment(Patterns::r4().instant, text, "This is no instant (YYYY-MM-DDThh:mm:ss with a time zone)");
    case Primitive::time:
      return matches(Patterns::r4().time, text) ? nullptr : "This is no time (hh:mm:ss)";
    case Primitive::xhtml:
      return check_narrative(text) ? nullptr
                                   : "The narrative is one <div xmlns=\"http://www.w3.org/1999/xhtml\"> of XHTML";
  }
  return nullptr;
}

bool is_mime_type(std::string_view text) {
  if (text == "xml" || text == "json" || text == "ttl") return true;
  const std::string_view type = text.substr(0, text.find(';'));
  std::size_t slashes = 0;
  for (const char c : type) {
    slashes += c == '/' ? 1 : 0;
    if (!is_letter(c) && !is_digit(c) && std::string_view{"/!#$&-^_.+ "}.find(c) == std::string_view::npos)
      return false;
  }
  return slashes == 1 && !type.starts_with('/') && !type.ends_with('/');
}

}  // namespace salus::fhir::validation
