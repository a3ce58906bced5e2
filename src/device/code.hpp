// What can be measured: one row per vital sign, with the names that messages may call it by, how it is stored, and what
// a sensor can physically report. A new vital is a new row in code.cpp and nothing else.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "series/sample.hpp"

namespace salus::device {

using series::Value;

// Index of a row in this build's table. Never stored: what is stored is the row's MDC number.
enum class Code : std::uint8_t {};
inline constexpr Code no_code{0xFF};
inline constexpr std::size_t code_count_max = 64;
constexpr std::size_t index(Code code) {
  return static_cast<std::size_t>(code);
}

enum class CodeKind : std::uint8_t {
  numeric,  // a number with a unit
  ordinal,  // one of a few named levels (AVPU)
  flag,     // yes or no
  wave,     // sampled many times a second, sent as waveform frames only
  derived,  // computed by Salus, never accepted from a device
};

struct CodeInfo {
  std::string_view names;  // separated by spaces; the first is the alias; LOINC and MDC numbers included
  CodeKind kind{};
  std::uint32_t mdc = 0;   // partition × 65536 + term; without a standard term, a number of private partition 1024
  std::string_view refid;  // empty without a standard term
  std::string_view loinc;  // empty when there is none
  std::string_view unit;   // UCUM, of the stored value
  std::uint8_t scale = 0;  // stored integer = value × 10^scale
  std::int32_t low = 0;    // whole units; below is not physically plausible
  std::int32_t high = 0;
  std::string_view english;  // for people
  std::string_view chinese;

  std::string_view alias() const { return names.substr(0, names.find(' ')); }
  Value low_stored() const;
  Value high_stored() const;
};

std::span<const CodeInfo> codes();
const CodeInfo& info(Code code);  // requires: code < codes().size()

// "hr", "8867-4", "loinc:8867-4", "147842", "mdc:147842"; no_code when nothing is called so. O(1), no allocation.
Code find_code(std::string_view key);
Code code_of_mdc(std::uint32_t mdc);
// For rows that the program itself speaks of. Requires: the alias is in the table.
Code code_named(std::string_view alias);

inline constexpr std::uint32_t private_mdc(std::uint32_t number) {
  return 1024U * 65536U + number;
}

// Consciousness by its letter (Alert, new Confusion, Voice, Pain, Unresponsive); -1 when it is none.
int avpu_level(std::string_view letter);

// "97.5" for 975 at scale 1: for people and JSON. Exact.
std::string decimal_text(Value stored, unsigned scale);

}  // namespace salus::device
