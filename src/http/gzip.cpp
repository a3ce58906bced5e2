#include "http/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/assert.hpp"

namespace salus::http {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way of saying: 32 KiB window, gzip wrapper

Bytef* bytes_of(ByteView view) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(view.data()));
}

std::size_t allowance(std::size_t packed_bytes, const InflateLimits& limits) {
  return std::min(limits.bytes_max, std::max(limits.free_bytes, packed_bytes * limits.ratio_max));
}

}  // namespace

Result<std::string> gunzip(ByteView packed, InflateLimits limits) {
  z_stream stream{};
  SALUS_ASSERT(inflateInit2(&stream, kGzipWindow) == Z_OK);
  const std::unique_ptr<z_stream, int (*)(z_stream*)> release{&stream, &inflateEnd};
  stream.next_in = bytes_of(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  const std::size_t bytes_max = allowance(packed.size(), limits);
  std::string plain;
  std::array<char, 16384> piece;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = piece.size() - stream.avail_out;
    if (status != Z_STREAM_END && (status != Z_OK || (made == 0 && stream.avail_in == 0)))
      return fail(ErrorCode::invalid, "The gzip body is damaged or cut short at byte {}.",
                  packed.size() - stream.avail_in);
    if (plain.size() + made > bytes_max)
      return fail(ErrorCode::too_large, "The gzip body inflates to more than {} bytes.", bytes_max);
    plain.append(piece.data(), made);
  }
  if (stream.avail_in != 0) return fail(ErrorCode::invalid, "Something follows the end of the gzip body.");
  return plain;
}

std::string gzip(ByteView plain, int level) {
  z_stream stream{};
  SALUS_ASSERT(deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = bytes_of(plain);
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  SALUS_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace salus::http
