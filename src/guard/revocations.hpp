// Client certificates that are no longer trusted, by the SHA-256 of the certificate. Kept in a file of one lower-case
// hex digest a line, which an operator may also edit while the server is down.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace salus::guard {

// Threads: any.
class Revocations {
 public:
  // None, and kept nowhere.
  Revocations() = default;

  // Errors: damaged, for a line that is no digest: better not to start than to trust what was revoked.
  Result<void> load(std::filesystem::path file);

  bool is_revoked(std::string_view certificate_sha256) const;
  // Returns once it is on disk. Errors: invalid, unavailable (the file cannot be written).
  Result<void> revoke(std::string_view certificate_sha256);
  std::uint64_t revision() const { return revision_; }

 private:
  mutable std::mutex mutex_;
  std::filesystem::path file_;
  std::set<std::string, std::less<>> revoked_;
  std::atomic<std::uint64_t> revision_{0};
};

}  // namespace salus::guard
