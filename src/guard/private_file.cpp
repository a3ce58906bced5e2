#include "guard/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace salus::guard {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> system_error(const std::filesystem::path& path, int error) {
  return fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable, "'{}': {}.", path.string(),
              std::strerror(error));
}

bool write_all(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Result<void> write_private_file(const std::filesystem::path& path, ByteView content) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0 || ::fchmod(file.get(), 0600) != 0 || !write_all(file.get(), content) ||
        ::fsync(file.get()) != 0)
      return system_error(fresh, errno);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_error(path, errno);
  const Descriptor folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return system_error(path, errno);
  return {};
}

Result<std::string> read_small_file(const std::filesystem::path& path) {
  constexpr std::size_t bytes_max = 1 << 20;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error(path, errno);
  std::string content;
  char piece[4096];
  for (;;) {
    const ssize_t count = ::read(file.get(), piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(path, errno);
    if (count == 0) return content;
    content.append(piece, static_cast<std::size_t>(count));
    if (content.size() > bytes_max)
      return fail(ErrorCode::too_large, "'{}' has more than {} bytes.", path.string(), bytes_max);
  }
}

}  // namespace salus::guard
