#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "log/disk.hpp"

namespace salus::log {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> refused(std::string_view doing, const std::string& path) {
  const int code = errno;
  return fail(code == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable, "{} '{}': {}.", doing, path,
              std::strerror(code));
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path, std::uint64_t size)
      : descriptor_(descriptor), path_(std::move(path)), size_(size) {}
  ~PosixFile() override { ::close(descriptor_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<std::string> read(std::uint64_t position, std::size_t count) const override {
    std::string bytes(count, '\0');
    std::size_t have = 0;
    while (have < count) {
      const ssize_t n = ::pread(descriptor_, bytes.data() + have, count - have, static_cast<off_t>(position + have));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return refused("Cannot read", path_);
      if (n == 0) break;
      have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    return bytes;
  }

  Result<void> write(std::uint64_t position, ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(position));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return refused("Cannot write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      position += static_cast<std::uint64_t>(n);
    }
    size_ = std::max(size_, position);
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_) != 0) return refused("Cannot make durable", path_);
    return {};
  }

  std::uint64_t size() const override { return size_; }

 private:
  int descriptor_;
  std::string path_;
  std::uint64_t size_;
};

class PosixDisk final : public Disk {
 public:
  explicit PosixDisk(std::string directory) : directory_(std::move(directory)) {}

  Result<std::vector<std::string>> list() const override {
    std::error_code ec;
    std::vector<std::string> names;
    for (fs::directory_iterator at{directory_, ec}, end; !ec && at != end; at.increment(ec))
      names.push_back(at->path().filename().string());
    if (ec) return fail(ErrorCode::unavailable, "Cannot list '{}': {}.", directory_, ec.message());
    std::ranges::sort(names);
    return names;
  }

  Result<std::unique_ptr<File>> open(const std::string& name) override { return open_with(name, O_RDWR); }

  Result<std::unique_ptr<File>> create(const std::string& name, std::uint64_t bytes, const Pace& pace) override {
    auto file = open_with(name, O_RDWR | O_CREAT | O_TRUNC);
    if (!file) return file;
    if (auto filled = fill(**file, bytes, pace); !filled) {
      ::unlink(path_of(name).c_str());  // a full disk must not stay full of our zeros
      return fail(filled.error());
    }
    if (auto synced = (*file)->sync(); !synced) return fail(synced.error());
    if (auto synced = sync_directory(); !synced) return fail(synced.error());
    return file;
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(path_of(from).c_str(), path_of(to).c_str()) != 0) return refused("Cannot rename", path_of(from));
    return sync_directory();
  }

  Result<void> remove(const std::string& name) override {
    if (::unlink(path_of(name).c_str()) != 0) return refused("Cannot remove", path_of(name));
    return sync_directory();
  }

  Result<std::uint64_t> free_bytes() const override {
    struct statvfs info{};
    if (::statvfs(directory_.c_str(), &info) != 0) return refused("Cannot ask for free space of", directory_);
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  }

 private:
  static Result<void> fill(File& file, std::uint64_t bytes, const Pace& pace) {
    const std::string zeros(std::min(bytes, slice_bytes), '\0');
    Next next = pace ? Next::steady : Next::hurry;
    for (std::uint64_t at = 0; at < bytes;) {
      const std::size_t count = std::min<std::uint64_t>(zeros.size(), bytes - at);
      if (auto written = file.write(at, ByteView(zeros).substr(0, count)); !written) return written;
      at += count;
      if (next == Next::steady) {
        if (auto synced = file.sync(); !synced) return synced;
      }
      if (pace) next = pace(at);
      if (next == Next::give_up) return fail(ErrorCode::cancelled, "The file is no longer wanted.");
    }
    return {};
  }
  std::string path_of(const std::string& name) const { return directory_ + "/" + name; }

  Result<std::unique_ptr<File>> open_with(const std::string& name, int flags) {
    const std::string path = path_of(name);
    int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (descriptor < 0 && (errno == EROFS || errno == EACCES) && flags == O_RDWR)
      descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);  // enough to verify and to read
    if (descriptor < 0) return refused("Cannot open", path);
    struct stat info{};
    if (::fstat(descriptor, &info) != 0) {
      ::close(descriptor);
      return refused("Cannot inspect", path);
    }
    return std::make_unique<PosixFile>(descriptor, path, static_cast<std::uint64_t>(info.st_size));
  }

  Result<void> sync_directory() {
    const int descriptor = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return refused("Cannot open", directory_);
    const bool synced = ::fsync(descriptor) == 0;
    const int code = errno;
    ::close(descriptor);
    errno = code;
    if (!synced) return refused("Cannot make durable", directory_);
    return {};
  }

  std::string directory_;
};

}  // namespace

Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& directory) {
  std::error_code ec;
  fs::create_directories(directory, ec);
  if (ec) return fail(ErrorCode::unavailable, "Cannot create '{}': {}.", directory, ec.message());
  ::chmod(directory.c_str(), 0700);
  return std::make_unique<PosixDisk>(directory);
}

}  // namespace salus::log
