// A disk in memory that breaks on purpose, from one seed: what was not synced may be lost, torn or kept at a crash, in
// any order and by sectors; syncs and writes can be made to fail. Tests and simulations only.
//
// Threads: any (one lock), so that a LocalLog can run on it; deterministic when used from one.
#pragma once

#include <map>
#include <mutex>
#include <random>

#include "log/disk.hpp"

namespace salus::log {

class SimulatedDisk final : public Disk {
 public:
  static constexpr std::size_t sector_bytes = 512;

  explicit SimulatedDisk(std::uint64_t seed, std::uint64_t capacity_bytes = std::uint64_t{1} << 40)
      : random_(seed), capacity_(capacity_bytes) {}

  Result<std::vector<std::string>> list() const override;
  Result<std::unique_ptr<File>> open(const std::string& name) override;
  Result<std::unique_ptr<File>> create(const std::string& name, std::uint64_t bytes, const Pace& pace) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& name) override;
  Result<std::uint64_t> free_bytes() const override;

  // The power goes: every unsynced sector is kept, lost or (one in eight) torn in the middle, each by its own chance.
  // Files opened before are dead from now on: their writes and syncs fail.
  void crash();

  void fail_syncs(bool on);
  void fail_writes(bool on);
  void set_capacity(std::uint64_t bytes);
  void flip_bit(const std::string& name, std::uint64_t byte, unsigned bit);
  std::string content(const std::string& name) const;
  void set_content(const std::string& name, std::string bytes);

  struct Stored {
    std::string now;                                // as a reader sees it
    std::map<std::uint64_t, std::string> unsynced;  // sector -> its last durable bytes
  };

 private:
  friend class SimulatedFile;
  std::uint64_t used() const;

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::uint64_t capacity_;
  std::uint64_t generation_ = 0;
  bool fail_syncs_ = false;
  bool fail_writes_ = false;
  std::map<std::string, std::shared_ptr<Stored>> files_;
};

}  // namespace salus::log
