// Up to 128 differences as few bits. Vital signs hardly ever change, and then by one; waves change by a few units more
// each time: no single code fits both, so each block takes the shortest of
//   zeros  every difference is zero: one byte
//   runs   how many zeros, then a difference, and so on: unchanged vitals, 0.1 to 0.3 bits a sample
//   Rice   quotient in unary, rest in k bits, of differences or of their differences: waves, 3.5 to 5 bits a sample
// after dividing by the common factor: whole numbers at scale 1 cost what they would at scale 0.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace salus::series {

inline constexpr std::size_t block_max = 128;

// Arithmetic is modulo 2^64. Requires: at most block_max differences.
void put_differences(std::span<const std::int64_t> differences, std::string& out);

// False when the bytes are not what put_differences() writes; never reads past the reader's end.
bool get_differences(Reader& reader, std::span<std::int64_t> out);

}  // namespace salus::series
