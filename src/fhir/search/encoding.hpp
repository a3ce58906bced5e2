// Bytes whose order is the order of what they mean. Each of these ends itself: no encoding is the beginning of another
// of its kind, so that they can be put one after the other and taken apart again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "fhir/path/decimal.hpp"
#include "fhir/path/temporal.hpp"
#include "fhir/search/posting.hpp"

namespace salus::fhir::search {

// Longer texts are kept as their first bytes and a digest of the whole, so that equality stays exact and beginnings up
// to this length can be found.
inline constexpr std::size_t text_bytes_max = 512;

// The text (without NULs, shortened if need be) and a NUL.
void put_text(std::string& out, std::string_view text);
// What put_text() wrote, without its NUL; `rest` moves behind it.
ByteView take_text(ByteView& rest);

// Microseconds since 1970, [start, end). Open ends are `first` and `last`.
struct Interval {
  static constexpr std::int64_t first = INT64_MIN, last = INT64_MAX;
  std::int64_t start = first, end = last;
  bool operator==(const Interval&) const = default;
};
// All that a date, dateTime or instant may mean: a day for 2024-03-01, a second for 2024-03-01T10:00:00Z. A clock
// without a zone is read as UTC. Nothing for what is no date.
std::optional<Interval> interval_of(std::string_view date);
Interval interval_of(Time instant);  // its millisecond

void put_time(std::string& out, std::int64_t microseconds);  // 8 bytes
std::int64_t take_time(ByteView& rest);

// A decimal, exactly: 1.0 and 1 are the same bytes. One to 22 bytes. The two infinities are one byte each.
void put_decimal(std::string& out, const path::Decimal& value);
enum class Infinity : char { negative = 0, positive = 4 };
void put_decimal(std::string& out, Infinity infinity);
// The bytes of the next decimal.
ByteView take_decimal(ByteView& rest);

void put_number(std::string& out, ResourceNumber number);  // 5 bytes
ResourceNumber get_number(ByteView bytes);                 // of the last 5 bytes; none when there are fewer

void put_chunk(std::string& out, std::uint64_t chunk);  // 4 bytes (block.hpp)

void put_u16(std::string& out, std::uint16_t value);

}  // namespace salus::fhir::search
