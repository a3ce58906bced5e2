// Files that only the server's own user may read: keys, the first password.
#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus::guard {

// Replaces `path` whole and durably, with mode 0600 from its first byte. Errors: unavailable.
Result<void> write_private_file(const std::filesystem::path& path, ByteView content);

// Errors: not_found, too_large (over 1 MiB), unavailable.
Result<std::string> read_small_file(const std::filesystem::path& path);

}  // namespace salus::guard
