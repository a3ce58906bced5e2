// The layout of a data directory, and the lock that keeps two programs from writing to it.
//
//   DATA/log/{records,telemetry,audit}/   the log: the only truth
//   DATA/views/{records,telemetry,audit}/ derived; may be deleted while nothing runs
//   DATA/tls/                             the certificate authority and the server's certificate
//   DATA/lock
#pragma once

#include <array>
#include <filesystem>
#include <memory>

#include "base/error.hpp"

namespace salus::app {

inline constexpr std::array partitions{"records", "telemetry", "audit"};

struct DataDirectory {
  std::filesystem::path root;
  std::filesystem::path log(std::string_view partition) const { return root / "log" / partition; }
  std::filesystem::path views(std::string_view partition) const { return root / "views" / partition; }
  std::filesystem::path tls() const { return root / "tls"; }
};

// Held until destroyed; the operating system frees it when the process dies.
class DirectoryLock {
 public:
  // Errors: conflict (another program has it), unavailable.
  static Result<std::unique_ptr<DirectoryLock>> take(const DataDirectory& data);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace salus::app
