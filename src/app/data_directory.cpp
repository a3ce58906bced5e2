#include "app/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace salus::app {

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::take(const DataDirectory& data) {
  std::error_code ec;
  std::filesystem::create_directories(data.root, ec);
  if (ec) return fail(ErrorCode::unavailable, "Cannot create '{}': {}.", data.root.string(), ec.message());
  const std::string path = (data.root / "lock").string();
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(ErrorCode::unavailable, "Cannot open '{}': {}.", path, std::strerror(errno));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return fail(ErrorCode::conflict, "Another salus uses '{}'; stop it first, or name another directory with --data.",
                data.root.string());
  }
  return std::unique_ptr<DirectoryLock>(new DirectoryLock(descriptor));
}

DirectoryLock::~DirectoryLock() {
  ::close(descriptor_);
}

}  // namespace salus::app
