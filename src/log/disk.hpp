// The few things the log asks of a disk, so that tests can break it on purpose (simulated_disk.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus::log {

// Threads: reads from any; writes from one at a time.
class File {
 public:
  virtual ~File() = default;
  // Up to `count` bytes from `position`; fewer only at the end of the file.
  virtual Result<std::string> read(std::uint64_t position, std::size_t count) const = 0;
  virtual Result<void> write(std::uint64_t position, ByteView bytes) = 0;
  // Everything written so far survives a loss of power once this succeeds. After a failure nothing is known of any
  // write since the last success: never retry, verify from disk.
  virtual Result<void> sync() = 0;
  virtual std::uint64_t size() const = 0;
};

// One directory. Names have no slash. Threads: any.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::vector<std::string>> list() const = 0;  // ascending
  virtual Result<std::unique_ptr<File>> open(const std::string& name) = 0;
  // Asked after each slice; may wait. `steady` makes the next slice durable by itself, `hurry` leaves that to the end.
  enum class Next { steady, hurry, give_up };
  using Pace = std::function<Next(std::uint64_t written)>;
  static constexpr std::uint64_t slice_bytes = 1 << 20;
  // A durable file of `bytes` zeros, written out so that later writes change no metadata. With a `pace` it is written
  // and synced in slices, so that a sync of another file never waits for all of it. Errors: cancelled (pace gave up).
  virtual Result<std::unique_ptr<File>> create(const std::string& name, std::uint64_t bytes, const Pace& pace) = 0;
  Result<std::unique_ptr<File>> create(const std::string& name, std::uint64_t bytes) { return create(name, bytes, {}); }
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;  // durable once it returns
  virtual Result<void> remove(const std::string& name) = 0;
  virtual Result<std::uint64_t> free_bytes() const = 0;
};

// The directory is created when missing; its files are readable by the owner alone. Errors: unavailable.
Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& directory);

}  // namespace salus::log
