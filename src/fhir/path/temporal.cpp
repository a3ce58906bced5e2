#include "fhir/path/temporal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace salus::fhir::path {
namespace {

using Precision = Temporal::Precision;
using Kind = Temporal::Kind;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits, between low and high.
  bool number(std::size_t count, std::int32_t low, std::int32_t high, std::int32_t& out) {
    if (rest_.size() < count) return false;
    out = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return out >= low && out <= high;
  }
  std::size_t digits() const {
    const std::size_t end = rest_.find_first_not_of("0123456789");
    return end == std::string_view::npos ? rest_.size() : end;
  }
  std::string_view skip(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

 private:
  std::string_view rest_;
};

int days_in(std::int32_t year, std::int32_t month) {
  const std::chrono::year_month_day_last last{
      std::chrono::year{year}, std::chrono::month_day_last{std::chrono::month{static_cast<unsigned>(month)}}};
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

bool read_date(Scanner& in, Temporal& out) {
  if (!in.number(4, 1, 9999, out.year)) return false;
  out.precision = Precision::year;
  if (!in.take('-')) return true;
  if (!in.number(2, 1, 12, out.month)) return false;
  out.precision = Precision::month;
  if (!in.take('-')) return true;
  out.precision = Precision::day;
  return in.number(2, 1, days_in(out.year, out.month), out.day);
}

bool read_clock(Scanner& in, Temporal& out) {
  if (!in.number(2, 0, 23, out.hour)) return false;
  out.precision = Precision::hour;
  if (!in.take(':')) return true;
  if (!in.number(2, 0, 59, out.minute)) return false;
  out.precision = Precision::minute;
  if (!in.take(':')) return true;
  if (!in.number(2, 0, 60, out.second)) return false;
  out.precision = Precision::second;
  if (!in.take('.')) return true;
  const std::string_view fraction = in.skip(in.digits());
  if (fraction.empty()) return false;
  out.fraction_digits = static_cast<std::int8_t>(std::min<std::size_t>(fraction.size(), 9));
  for (std::size_t i = 0; i < 9; ++i)
    out.nanosecond = out.nanosecond * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return true;
}

bool read_zone(Scanner& in, Temporal& out) {
  if (in.take('Z')) {
    out.offset_minutes = 0;
    return true;
  }
  const bool west = in.take('-');
  if (!west && !in.take('+')) return true;
  std::int32_t hours = 0, minutes = 0;
  if (!in.number(2, 0, 14, hours) || !in.take(':') || !in.number(2, 0, 59, minutes)) return false;
  out.offset_minutes = static_cast<std::int16_t>((west ? -1 : 1) * (hours * 60 + minutes));
  return true;
}

std::chrono::sys_days days_of(const Temporal& t) {
  return std::chrono::year_month_day{std::chrono::year{t.year}, std::chrono::month{static_cast<unsigned>(t.month)},
                                     std::chrono::day{static_cast<unsigned>(t.day)}};
}

bool set_days(Temporal& t, std::chrono::sys_days days) {
  const std::chrono::year_month_day date{days};
  t.year = static_cast<int>(date.year());
  t.month = static_cast<std::int32_t>(static_cast<unsigned>(date.month()));
  t.day = static_cast<std::int32_t>(static_cast<unsigned>(date.day()));
  return t.year >= 1 && t.year <= 9999;
}

constexpr std::int64_t day_ns = 86'400'000'000'000;

std::int64_t clock_ns(const Temporal& t) {
  return ((t.hour * 60LL + t.minute) * 60 + t.second) * 1'000'000'000 + t.nanosecond;
}

void set_clock(Temporal& t, std::int64_t ns) {
  t.nanosecond = static_cast<std::int32_t>(ns % 1'000'000'000);
  const std::int64_t seconds = ns / 1'000'000'000;
  t.second = static_cast<std::int32_t>(seconds % 60);
  t.minute = static_cast<std::int32_t>(seconds / 60 % 60);
  t.hour = static_cast<std::int32_t>(seconds / 3600);
}

bool shift(Temporal& t, std::int64_t ns) {
  std::int64_t at = clock_ns(t) + ns % day_ns;
  std::int64_t days = ns / day_ns;
  if (at < 0) at += day_ns, --days;
  if (at >= day_ns) at -= day_ns, ++days;
  set_clock(t, at);
  return t.kind == Kind::time || set_days(t, days_of(t) + std::chrono::days{days});
}

bool add_months(Temporal& t, std::int64_t months) {
  const std::int64_t all = t.year * 12LL + (t.month - 1) + months;
  if (all < 12 || all >= 10'000 * 12LL) return false;
  t.year = static_cast<std::int32_t>(all / 12);
  t.month = static_cast<std::int32_t>(all % 12) + 1;
  t.day = std::min(t.day, days_in(t.year, t.month));
  return true;
}

}  // namespace

std::optional<Temporal> Temporal::parse_date(std::string_view text) {
  Scanner in{text};
  Temporal out;
  if (!read_date(in, out) || !in.at_end()) return std::nullopt;
  return out;
}

std::optional<Temporal> Temporal::parse_date_time(std::string_view text) {
  Scanner in{text};
  Temporal out;
  out.kind = Kind::date_time;
  if (!read_date(in, out)) return std::nullopt;
  if (in.take('T') && !in.at_end()) {
    if (out.precision != Precision::day || !read_clock(in, out) || !read_zone(in, out)) return std::nullopt;
  }
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::optional<Temporal> Temporal::parse_time(std::string_view text) {
  Scanner in{text};
  in.take('T');
  Temporal out;
  out.kind = Kind::time;
  if (!read_clock(in, out) || !in.at_end()) return std::nullopt;
  return out;
}

Temporal Temporal::from(Time instant) {
  const auto days = std::chrono::floor<std::chrono::days>(instant);
  Temporal out;
  out.kind = Kind::date_time;
  out.precision = Precision::second;
  out.fraction_digits = 3;
  out.offset_minutes = 0;
  set_days(out, days);
  const std::int64_t ns = (instant - days).count();
  set_clock(out, ns - ns % 1'000'000);
  return out;
}

std::string Temporal::text() const {
  std::string out;
  if (kind != Kind::time) {
    out = fmt::format("{:04}", year);
    if (precision >= Precision::month) out += fmt::format("-{:02}", month);
    if (precision >= Precision::day) out += fmt::format("-{:02}", day);
    if (kind == Kind::date_time && precision > Precision::day) out += 'T';
  }
  if (!has_clock()) return out;
  out += fmt::format("{:02}", hour);
  if (precision >= Precision::minute) out += fmt::format(":{:02}", minute);
  if (precision >= Precision::second) out += fmt::format(":{:02}", second);
  if (fraction_digits > 0)
    out += '.' + fmt::format("{:09}", nanosecond).substr(0, static_cast<std::size_t>(fraction_digits));
  if (!offset_minutes) return out;
  if (*offset_minutes == 0) return out + 'Z';
  const int minutes = std::abs(*offset_minutes);
  return out + fmt::format("{}{:02}:{:02}", *offset_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

int Temporal::digits() const {
  constexpr std::array<int, 7> of{0, 4, 6, 8, 10, 12, 14};
  const int date = of[static_cast<std::size_t>(precision)] - (kind == Kind::time ? 8 : 0);
  return date + fraction_digits;
}

Order compare(const Temporal& a, const Temporal& b) {
  Temporal x = a, y = b;
  if (a.has_clock() && b.has_clock() && a.kind != Kind::time) {
    if (a.offset_minutes.has_value() != b.offset_minutes.has_value()) return Order::unknown;
    if (a.offset_minutes) {
      shift(x, -*a.offset_minutes * 60LL * 1'000'000'000);
      shift(y, -*b.offset_minutes * 60LL * 1'000'000'000);
    }
  }
  const std::array<std::pair<Precision, std::pair<std::int64_t, std::int64_t>>, 6> parts{{
      {Precision::year, {x.year, y.year}},
      {Precision::month, {x.month, y.month}},
      {Precision::day, {x.day, y.day}},
      {Precision::hour, {x.hour, y.hour}},
      {Precision::minute, {x.minute, y.minute}},
      {Precision::second, {x.second * 1'000'000'000LL + x.nanosecond, y.second * 1'000'000'000LL + y.nanosecond}},
  }};
  for (const auto& [precision, values] : parts) {
    if (a.kind == Kind::time && precision < Precision::hour) continue;
    const bool first = precision <= a.precision, second = precision <= b.precision;
    if (!first && !second) break;
    if (first != second) return Order::unknown;
    if (values.first != values.second) return values.first < values.second ? Order::less : Order::greater;
  }
  return Order::equal;
}

std::optional<Temporal> plus(const Temporal& value, std::int64_t count, Span span) {
  constexpr std::int64_t count_max = 400'000'000'000'000;  // 10,000 years in milliseconds
  if (count > count_max || count < -count_max) return std::nullopt;
  Temporal out = value;
  if (value.kind == Kind::time && span < Span::hour) return std::nullopt;
  // Parts finer than what is known are brought to it: 24 months are 2 years of a year, 48 hours 2 days of a date.
  constexpr std::array<std::int64_t, 8> ms{0, 0, 604'800'000, 86'400'000, 3'600'000, 60'000, 1'000, 1};
  if (span == Span::year) {
    if (!add_months(out, std::clamp<std::int64_t>(count, -20'000, 20'000) * 12)) return std::nullopt;
    return out;
  }
  if (span == Span::month) {
    if (!add_months(out, value.precision == Precision::year ? count / 12 * 12
                                                            : std::clamp<std::int64_t>(count, -200'000, 200'000)))
      return std::nullopt;
    return out;
  }
  std::int64_t all = 0;
  if (__builtin_mul_overflow(count, ms[static_cast<std::size_t>(span)], &all)) return std::nullopt;
  if (value.precision <= Precision::month && value.kind != Kind::time) {
    const std::int64_t days = all / 86'400'000;
    const std::int64_t months = value.precision == Precision::year ? days / 365 * 12 : days / 30;
    if (months > 200'000 || months < -200'000 || !add_months(out, months)) return std::nullopt;
    return out;
  }
  constexpr std::array<std::int64_t, 7> unit{0, 0, 0, 86'400'000, 3'600'000, 60'000, 1};
  const std::int64_t least = value.precision == Precision::second && value.fraction_digits == 0
                                 ? 1'000
                                 : unit[static_cast<std::size_t>(value.precision)];
  all = all / least * least;
  if (all > 400'000'000'000'000 || all < -400'000'000'000'000) return std::nullopt;
  if (value.kind == Kind::time) all %= 86'400'000;
  const std::int64_t days = all / 86'400'000;
  if (!shift(out, all % 86'400'000 * 1'000'000)) return std::nullopt;
  if (value.kind != Kind::time && days != 0 && !set_days(out, days_of(out) + std::chrono::days{days}))
    return std::nullopt;
  return out;
}

std::optional<Temporal> boundary(const Temporal& value, int digits, bool high) {
  constexpr std::array<std::pair<int, Precision>, 7> steps{{{4, Precision::year},
                                                            {6, Precision::month},
                                                            {8, Precision::day},
                                                            {10, Precision::hour},
                                                            {12, Precision::minute},
                                                            {14, Precision::second},
                                                            {17, Precision::second}}};
  const int full = value.kind == Kind::time ? digits + 8 : digits;
  const auto* step = std::ranges::find(steps, full, &std::pair<int, Precision>::first);
  if (step == steps.end() || (value.kind == Kind::date && full > 8) || (value.kind == Kind::time && full < 10))
    return std::nullopt;
  Temporal out = value;
  if (value.precision < Precision::month) out.month = high ? 12 : 1;
  if (value.precision < Precision::day) out.day = high ? days_in(out.year, out.month) : 1;
  if (value.kind != Kind::time && value.precision < Precision::hour) out.hour = high ? 23 : 0;
  if (value.precision < Precision::minute) out.minute = high ? 59 : 0;
  if (value.precision < Precision::second) out.second = high ? 59 : 0;
  if (value.precision < Precision::second || value.fraction_digits < 3)
    out.nanosecond += high ? (value.fraction_digits == 0   ? 999'000'000
                              : value.fraction_digits == 1 ? 99'000'000
                                                           : 9'000'000)
                           : 0;
  out.precision = step->second;
  out.fraction_digits = full == 17 ? 3 : 0;
  if (full < 17) out.nanosecond = 0;
  // Somewhere on Earth it is as early as UTC+14 and as late as UTC-12.
  if (value.kind == Kind::date_time && out.precision > Precision::day && !value.offset_minutes)
    out.offset_minutes = static_cast<std::int16_t>(high ? -12 * 60 : 14 * 60);
  if (out.precision <= Precision::day) out.offset_minutes.reset();
  return out;
}

}  // namespace salus::fhir::path
