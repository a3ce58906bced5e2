#include "fhir/records/compression.hpp"

#include <zstd.h>

#include <memory>

#include "base/assert.hpp"
#include "fhir/dictionaries.hpp"

namespace salus::fhir {
namespace {

constexpr int kLevel = 3;

// The one that is written with; each has a number for ever.
constexpr std::string_view dictionary() {
  static_assert(dictionaries[0].first == "1");
  return dictionaries[0].second;
}

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

}  // namespace

void compress(ByteView plain, std::string& out) {
  static const std::unique_ptr<ZSTD_CDict, FreeWith<ZSTD_freeCDict>> prepared{
      ZSTD_createCDict(dictionary().data(), dictionary().size(), kLevel)};
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeWith<ZSTD_freeCCtx>> context{ZSTD_createCCtx()};
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compress_usingCDict(context.get(), out.data() + before, out.size() - before,
                                                    plain.data(), plain.size(), prepared.get());
  SALUS_ASSERT(!ZSTD_isError(size));  // the bound is enough
  out.resize(before + size);
}

Result<std::string> decompress(ByteView packed, std::size_t size) {
  static const std::unique_ptr<ZSTD_DDict, FreeWith<ZSTD_freeDDict>> prepared{
      ZSTD_createDDict(dictionary().data(), dictionary().size())};
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeWith<ZSTD_freeDCtx>> context{ZSTD_createDCtx()};
  std::string plain(size, '\0');
  const std::size_t got = ZSTD_decompress_usingDDict(context.get(), plain.data(), plain.size(), packed.data(),
                                                     packed.size(), prepared.get());
  if (ZSTD_isError(got) || got != size) return fail(ErrorCode::damaged, "a stored resource cannot be decompressed");
  return plain;
}

}  // namespace salus::fhir
