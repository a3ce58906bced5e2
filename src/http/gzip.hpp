// gzip (RFC 1952) with a bound on what comes out: a kilobyte on the wire must not become a gigabyte in memory.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus::http {

struct InflateLimits {
  std::size_t bytes_max = 8 << 20;
  // Text seldom shrinks below a twentieth; what claims more than a hundredfold is made to hurt. Applies above
  // `free_bytes`.
  std::size_t ratio_max = 100;
  std::size_t free_bytes = 64 << 10;
};

// One whole gzip member. Memory: the result, at most `bytes_max`, plus 64 KiB.
// Errors: too_large, over a limit; invalid, when damaged, cut short or followed by anything.
Result<std::string> gunzip(ByteView packed, InflateLimits limits = {});

std::string gzip(ByteView plain, int level = 9);

}  // namespace salus::http
