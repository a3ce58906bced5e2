// zstd with a dictionary of FHIR's own texts, which ships with the program and was never trained on patients.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus::fhir {

// Appends to `out`. Threads: any; each has a context of its own.
void compress(ByteView plain, std::string& out);
// `size` is that of the plain text. Errors: damaged.
Result<std::string> decompress(ByteView packed, std::size_t size);

}  // namespace salus::fhir
