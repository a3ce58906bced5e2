#include "device/message.hpp"

#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "base/time.hpp"

namespace salus::device {
namespace {

// value × 10^exponent as a whole number, digits below one dropped; false outside of 63 bits.
bool to_integer(const Decimal& value, int shift, std::int64_t& out) {
  if (value.exponent == 0 && shift == 6 && !__builtin_mul_overflow(value.mantissa, 1'000'000, &out)) return true;
  __int128 whole = value.mantissa;
  int exponent = value.exponent + shift;
  for (; exponent < 0 && whole != 0; ++exponent) whole /= 10;
  for (; exponent > 0 && whole != 0; --exponent) {
    whole *= 10;
    if (whole > std::numeric_limits<std::int64_t>::max() || whole < std::numeric_limits<std::int64_t>::min())
      return false;
  }
  out = static_cast<std::int64_t>(whole);
  return true;
}

}  // namespace

const char* MessageBuilder::begin() {
  if (message_.readings_.size() >= MessageLimits::readings_max) return "has more than 1,000 readings";
  Reading reading;
  reading.first_item = static_cast<std::uint32_t>(message_.items_.size());
  reading.first_unknown = static_cast<std::uint32_t>(message_.unknown_.size());
  message_.readings_.push_back(reading);
  seen_.reset();
  seen_patient_ = false;
  return nullptr;
}

const char* MessageBuilder::key(std::string_view name, Meaning& meaning) {
  Reading& reading = message_.readings_.back();
  const Code code = find_code(name);
  if (code != no_code) {
    if (seen_.test(index(code))) return "gives one code twice";
    seen_.set(index(code));
    message_.items_.push_back({.code = code});
    ++reading.item_count;
    meaning = Meaning::code;
  } else if (name == "t") {
    if (reading.has_time) return "repeats the key t";
    meaning = Meaning::time;
  } else if (name == "seq") {
    if (reading.has_sequence) return "repeats the key seq";
    meaning = Meaning::sequence;
  } else if (name == "patient") {
    if (std::exchange(seen_patient_, true)) return "repeats the key patient";
    meaning = Meaning::patient;
  } else {
    for (std::uint32_t i = 0; i < reading.unknown_count; ++i)
      if (message_.unknown_[reading.first_unknown + i] == name) return "repeats a key";
    message_.unknown_.push_back(name);
    ++reading.unknown_count;
    meaning = Meaning::unknown;
  }
  return reading.item_count + reading.unknown_count > MessageLimits::keys_max ? "has more than 128 keys" : nullptr;
}

const char* MessageBuilder::set_time(const Decimal& value, int exponent_to_ns) {
  Reading& reading = message_.readings_.back();
  if (!to_integer(value, exponent_to_ns, reading.time_ns)) return "has a time outside of 1678 to 2262";
  reading.has_time = true;
  return nullptr;
}

const char* MessageBuilder::time_milliseconds(const Decimal& since_1970) {
  return set_time(since_1970, 6);
}
const char* MessageBuilder::time_seconds(const Decimal& since_1970) {
  return set_time(since_1970, 9);
}

const char* MessageBuilder::time_text(std::string_view rfc3339) {
  const Result<Time> time = parse_iso(rfc3339);
  if (!time) return "has a t that is no RFC 3339 instant with Z or an offset";
  message_.readings_.back().time_ns = ns_of(*time);
  message_.readings_.back().has_time = true;
  return nullptr;
}

const char* MessageBuilder::sequence(const Decimal& number) {
  std::int64_t value = 0;
  if (number.mantissa < 0 || number.exponent < 0 || !to_integer(number, 0, value))
    return "has a seq that is no whole number from 0 to 2^63-1";
  message_.readings_.back().sequence = static_cast<std::uint64_t>(value);
  message_.readings_.back().has_sequence = true;
  return nullptr;
}

void MessageBuilder::patient(std::string_view id) {
  if (id.empty() || id.size() > MessageLimits::patient_bytes_max) return patient_unreadable();
  message_.readings_.back().patient = id;
}

void MessageBuilder::patient_unreadable() {
  message_.unknown_.push_back("patient");
  ++message_.readings_.back().unknown_count;
}

void MessageBuilder::quantity(const Quantity& said) {
  if (said.wrong_unit) return reject(Reject::unknown_unit);
  if (said.has_value) return number(said.value, said.unit);
  if (said.is_null) return absent();
  reject(Reject::not_a_number);
}

void MessageBuilder::number(const Decimal& value, std::string_view unit) {
  Item& target = item();
  const CodeInfo& code = info(target.code);
  target.reject = code.kind == CodeKind::wave || code.kind == CodeKind::derived
                      ? Reject::wrong_kind
                      : to_stored(value, unit, code, target.value);
}

void MessageBuilder::text(std::string_view value) {
  const int level = info(item().code).kind == CodeKind::ordinal ? avpu_level(value) : -1;
  if (level < 0) return reject(Reject::not_a_number);
  item().value = level;
}

void MessageBuilder::boolean(bool value) {
  if (info(item().code).kind != CodeKind::flag) return reject(Reject::not_a_number);
  item().value = value ? 1 : 0;
}

std::string_view MessageBuilder::keep(std::string_view text, std::size_t total_max) {
  std::string& scratch = message_.scratch_;
  if (scratch.capacity() < total_max) {
    SALUS_ASSERT(scratch.empty());  // views into it exist from the first keep() on
    scratch.reserve(total_max);
  }
  const std::size_t start = scratch.size();
  scratch.append(text);
  return std::string_view(scratch).substr(start);
}

}  // namespace salus::device
