// Dates, date-times and times of day as far as they are known: 2014, 2014-01, 2014-01-05T10:30+02:00, T10:30.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace salus::fhir::path {

struct Temporal {
  enum class Kind : std::uint8_t { date, date_time, time };
  // The finest part that is known. A fraction of a second is as fine as the second: 10:30:00 equals 10:30:00.0.
  enum class Precision : std::uint8_t { year = 1, month, day, hour, minute, second };

  Kind kind = Kind::date;
  Precision precision = Precision::year;
  std::int32_t year = 0, month = 1, day = 1;  // year 1 to 9999
  std::int32_t hour = 0, minute = 0, second = 0, nanosecond = 0;
  std::int8_t fraction_digits = 0;             // as written, at most 9
  std::optional<std::int16_t> offset_minutes;  // east of UTC; date-times alone

  // As FHIR and FHIRPath write them, without '@'. A time may begin with 'T'.
  static std::optional<Temporal> parse_date(std::string_view text);
  static std::optional<Temporal> parse_date_time(std::string_view text);
  static std::optional<Temporal> parse_time(std::string_view text);
  static Temporal from(Time instant);  // UTC, milliseconds

  // Without '@' and 'T': what toString() gives.
  std::string text() const;
  // Digits of the finest part: 4 for 2014, 17 for a date-time with milliseconds, 9 for such a time.
  int digits() const;
  bool has_clock() const { return kind == Kind::time || precision > Precision::day; }
};

enum class Order : std::uint8_t { less, equal, greater, unknown };
// unknown where the parts that both know are equal and one knows more, or where one of two clocks has no time zone.
// Requires: not a time and a date.
Order compare(const Temporal& a, const Temporal& b);

enum class Span : std::uint8_t { year, month, week, day, hour, minute, second, millisecond };
// Whole spans later (or earlier); the day is the last of the month where the month is shorter. Nothing beyond year 1 to
// 9999, and nothing for a time of day with a span of a day or more.
std::optional<Temporal> plus(const Temporal& value, std::int64_t count, Span span);

// The least (or greatest) instant that `value` may be, with `digits` digits (see Temporal::digits). Nothing when the
// kind has no such precision.
std::optional<Temporal> boundary(const Temporal& value, int digits, bool high);

}  // namespace salus::fhir::path
