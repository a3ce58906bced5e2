#include "base/time.hpp"

#include <fmt/format.h>

namespace salus {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

// Reads exactly `digits` decimal digits from the front of `text`; -1 if they are not there.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// ".25" gives 250,000,000; no point gives 0; -1 when malformed.
std::int64_t take_fraction_ns(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (++digits > 9) return -1;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return -1;
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

// Minutes east of UTC, or nothing when malformed.
std::optional<int> take_offset_minutes(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const int hours = take_number(text, 2);
  if (hours < 0 || hours > 23 || !take(text, ':')) return std::nullopt;
  const int minutes = take_number(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

}  // namespace

std::string to_iso(Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const year_month_day date{days};
  const std::chrono::hh_mm_ss clock{time - days};
  const std::int64_t ns = clock.subseconds().count();
  const std::string head =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (ns % 1'000'000 == 0) return fmt::format("{}.{:03}Z", head, ns / 1'000'000);
  return fmt::format("{}.{:09}Z", head, ns);
}

Result<Time> parse_iso(std::string_view text) {
  const std::string_view whole = text.substr(0, 40);
  const auto refuse = [&] {
    return fail(ErrorCode::invalid, "'{}' is not an instant; write it as 2026-03-01T08:00:00.250Z or with +08:00.",
                whole);
  };
  const int y = take_number(text, 4);
  if (y < 1700 || y > 2200 || !take(text, '-')) return refuse();
  const int m = take_number(text, 2);
  if (m < 1 || !take(text, '-')) return refuse();
  const int d = take_number(text, 2);
  const year_month_day date{year{y}, month{unsigned(m)}, day{unsigned(d < 0 ? 0 : d)}};
  if (!date.ok() || (!take(text, 'T') && !take(text, 't'))) return refuse();
  const int hh = take_number(text, 2);
  if (hh < 0 || hh > 23 || !take(text, ':')) return refuse();
  const int mm = take_number(text, 2);
  if (mm < 0 || mm > 59 || !take(text, ':')) return refuse();
  const int ss = take_number(text, 2);
  if (ss < 0 || ss > 59) return refuse();
  const std::int64_t fraction = take_fraction_ns(text);
  if (fraction < 0) return refuse();
  const std::optional<int> offset = take_offset_minutes(text);
  if (!offset || !text.empty()) return refuse();
  return Time{sys_days{date}} + std::chrono::hours{hh} + std::chrono::minutes{mm - *offset} + seconds{ss} +
         nanoseconds{fraction};
}

SystemClock::SystemClock()
    : wall_start_(std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now())),
      steady_start_(std::chrono::steady_clock::now()) {}

Time SystemClock::now() const {
  return wall_start_ + (std::chrono::steady_clock::now() - steady_start_);
}

nanoseconds SystemClock::wall_offset() const {
  return std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now()) - now();
}

}  // namespace salus
