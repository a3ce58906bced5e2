// Checksums and digests. SHA-256 and HMAC come from OpenSSL; CRC32C uses the processor's instruction where it has one.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(ByteView bytes);
Sha256 hmac_sha256(ByteView key, ByteView bytes);

// Running digest; finish() once. Threads: one at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void update(ByteView bytes);
  Sha256 finish();

 private:
  void* context_;
};

// CRC-32C (Castagnoli, RFC 3720 B.4), continued from `seed`, which is an earlier result or 0.
std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0);

std::string to_hex(ByteView bytes);
Result<std::string> from_hex(std::string_view text);
inline ByteView view_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// RFC 4648, padded. Decoding refuses anything but the alphabet and right padding.
std::string to_base64(ByteView bytes);
Result<std::string> from_base64(std::string_view text);
std::string to_base64url(ByteView bytes);  // without padding

// Takes the same time wherever the first difference is.
bool equal_in_constant_time(ByteView a, ByteView b);

// Unpredictable bytes from the operating system, for keys, tokens and salts.
std::string random_bytes(std::size_t count);

}  // namespace salus
