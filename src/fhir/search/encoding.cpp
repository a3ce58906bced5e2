#include "fhir/search/encoding.hpp"

#include <algorithm>
#include <chrono>

#include "base/digest.hpp"

namespace salus::fhir::search {
namespace {

constexpr std::int64_t second_us = 1'000'000, day_us = 86'400 * second_us;
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

// Not in the middle of a character.
std::size_t cut_of(std::string_view text, std::size_t at) {
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

std::int64_t days_of(int year, int month, int day) {
  const std::chrono::sys_days days =
      std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                  std::chrono::day{static_cast<unsigned>(day)}};
  return days.time_since_epoch().count();
}

std::string digits_of(path::Decimal::Wide value) {
  std::string digits;
  for (; value > 0; value /= 10) digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
  std::ranges::reverse(digits);
  return digits;
}

}  // namespace

void put_text(std::string& out, std::string_view text) {
  const std::size_t size = text.size() <= text_bytes_max ? text.size() : cut_of(text, text_bytes_max);
  for (const char c : text.substr(0, size))
    if (c != '\0') out.push_back(c);
  if (size < text.size()) {
    out.push_back('\x01');
    out += to_hex(view_of(sha256(text)).substr(0, 16));
  }
  out.push_back('\0');
}

ByteView take_text(ByteView& rest) {
  const std::size_t end = std::min(rest.find('\0'), rest.size());
  const ByteView text = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return text;
}

std::optional<Interval> interval_of(std::string_view date) {
  using Precision = path::Temporal::Precision;
  const auto t = path::Temporal::parse_date_time(date);
  if (!t) return std::nullopt;
  Interval out;
  out.start = days_of(t->year, t->month, t->day) * day_us;
  if (t->precision == Precision::year) {
    out.end = days_of(t->year + 1, 1, 1) * day_us;
  } else if (t->precision == Precision::month) {
    out.end = (t->month == 12 ? days_of(t->year + 1, 1, 1) : days_of(t->year, t->month + 1, 1)) * day_us;
  } else if (t->precision == Precision::day) {
    out.end = out.start + day_us;
  } else {
    out.start += ((t->hour * 60LL + t->minute) * 60 + t->second) * second_us + t->nanosecond / 1000;
    out.start -= t->offset_minutes.value_or(0) * 60LL * second_us;
    std::int64_t length = second_us;
    if (t->precision == Precision::hour) length *= 3600;
    if (t->precision == Precision::minute) length *= 60;
    for (int digit = 0; digit < t->fraction_digits && length > 1; ++digit) length /= 10;
    out.end = out.start + length;
  }
  return out;
}

Interval interval_of(Time instant) {
  const std::int64_t ms = std::chrono::floor<std::chrono::milliseconds>(instant.time_since_epoch()).count();
  return {ms * 1000, ms * 1000 + 1000};
}

void put_time(std::string& out, std::int64_t microseconds) {
  put_big_endian(out, static_cast<std::uint64_t>(microseconds) ^ sign_bit);
}

std::int64_t take_time(ByteView& rest) {
  const std::uint64_t bits = get_big_endian(rest.substr(0, 8));
  rest.remove_prefix(std::min<std::size_t>(8, rest.size()));
  return static_cast<std::int64_t>(bits ^ sign_bit);
}

// Sign (1 negative, 2 zero, 3 positive), exponent e + 128 with 0.d1d2… × 10^e, pairs of digits as 1 to 100, then 0. All
// but the sign is complemented for negative numbers.
void put_decimal(std::string& out, const path::Decimal& value) {
  if (value.is_zero()) {
    out.push_back(2);
    return;
  }
  const bool negative = value.is_negative();
  std::string digits = digits_of(value.abs().coefficient());
  const int exponent = static_cast<int>(digits.size()) - value.scale();
  while (digits.back() == '0') digits.pop_back();
  if (digits.size() % 2 != 0) digits.push_back('0');
  out.push_back(negative ? 1 : 3);
  const std::size_t from = out.size();
  out.push_back(static_cast<char>(exponent + 128));
  for (std::size_t i = 0; i < digits.size(); i += 2)
    out.push_back(static_cast<char>((digits[i] - '0') * 10 + (digits[i + 1] - '0') + 1));
  out.push_back('\0');
  if (negative)
    for (std::size_t i = from; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
}

void put_decimal(std::string& out, Infinity infinity) {
  out.push_back(static_cast<char>(infinity));
}

ByteView take_decimal(ByteView& rest) {
  std::size_t end = std::min<std::size_t>(1, rest.size());
  if (!rest.empty() && (rest[0] == 1 || rest[0] == 3)) {
    const char last = rest[0] == 1 ? '\xFF' : '\0';
    end = 2;
    while (end < rest.size() && rest[end] != last) ++end;
    end = std::min(end + 1, rest.size());
  }
  const ByteView taken = rest.substr(0, end);
  rest.remove_prefix(end);
  return taken;
}

void put_number(std::string& out, ResourceNumber number) {
  for (int shift = 32; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift));
}

ResourceNumber get_number(ByteView bytes) {
  if (bytes.size() < number_bytes) return ResourceNumber::none;
  return static_cast<ResourceNumber>(get_big_endian(bytes.substr(bytes.size() - number_bytes)));
}

void put_chunk(std::string& out, std::uint64_t chunk) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(chunk >> shift));
}

void put_u16(std::string& out, std::uint16_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value));
}

}  // namespace salus::fhir::search
