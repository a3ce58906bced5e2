#include "log/simulated_disk.hpp"

#include <algorithm>

namespace salus::log {

class SimulatedFile final : public File {
 public:
  SimulatedFile(SimulatedDisk& disk, std::shared_ptr<SimulatedDisk::Stored> stored)
      : disk_(disk), stored_(std::move(stored)), generation_(disk.generation_) {}

  Result<std::string> read(std::uint64_t position, std::size_t count) const override {
    const std::lock_guard lock{disk_.mutex_};
    if (position >= stored_->now.size()) return std::string{};
    return stored_->now.substr(position, count);
  }

  Result<void> write(std::uint64_t position, ByteView bytes) override {
    const std::lock_guard lock{disk_.mutex_};
    if (generation_ != disk_.generation_ || disk_.fail_writes_)
      return fail(ErrorCode::unavailable, "simulated: write refused");
    const std::uint64_t end = position + bytes.size();
    if (end > stored_->now.size()) {
      if (disk_.used() + end - stored_->now.size() > disk_.capacity_)
        return fail(ErrorCode::unavailable, "simulated: disk full");
      stored_->now.resize(end, '\0');
    }
    constexpr auto sector_bytes = SimulatedDisk::sector_bytes;
    for (std::uint64_t sector = position / sector_bytes; sector * sector_bytes < end; ++sector)
      stored_->unsynced.try_emplace(sector, stored_->now.substr(sector * sector_bytes, sector_bytes));
    stored_->now.replace(position, bytes.size(), bytes);
    return {};
  }

  Result<void> sync() override {
    const std::lock_guard lock{disk_.mutex_};
    if (generation_ != disk_.generation_ || disk_.fail_syncs_)
      return fail(ErrorCode::unavailable, "simulated: sync refused");
    stored_->unsynced.clear();
    return {};
  }

  std::uint64_t size() const override {
    const std::lock_guard lock{disk_.mutex_};
    return stored_->now.size();
  }

 private:
  SimulatedDisk& disk_;
  std::shared_ptr<SimulatedDisk::Stored> stored_;
  std::uint64_t generation_;
};

Result<std::vector<std::string>> SimulatedDisk::list() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> names;
  for (const auto& [name, stored] : files_) names.push_back(name);
  return names;
}

Result<std::unique_ptr<File>> SimulatedDisk::open(const std::string& name) {
  const std::lock_guard lock{mutex_};
  const auto at = files_.find(name);
  if (at == files_.end()) return fail(ErrorCode::not_found, "simulated: no file '{}'", name);
  return std::make_unique<SimulatedFile>(*this, at->second);
}

Result<std::unique_ptr<File>> SimulatedDisk::create(const std::string& name, std::uint64_t bytes, const Pace&) {
  const std::lock_guard lock{mutex_};
  if (fail_writes_ || used() + bytes > capacity_) return fail(ErrorCode::unavailable, "simulated: disk full");
  if (fail_syncs_) return fail(ErrorCode::unavailable, "simulated: sync refused");
  auto stored = std::make_shared<Stored>();
  stored->now.assign(bytes, '\0');
  files_[name] = stored;
  return std::make_unique<SimulatedFile>(*this, stored);
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock{mutex_};
  const auto at = files_.find(from);
  if (at == files_.end() || fail_writes_) return fail(ErrorCode::unavailable, "simulated: rename refused");
  files_[to] = at->second;
  files_.erase(from);
  return {};
}

Result<void> SimulatedDisk::remove(const std::string& name) {
  const std::lock_guard lock{mutex_};
  if (fail_writes_ || files_.erase(name) == 0) return fail(ErrorCode::unavailable, "simulated: remove refused");
  return {};
}

Result<std::uint64_t> SimulatedDisk::free_bytes() const {
  const std::lock_guard lock{mutex_};
  return capacity_ - std::min(capacity_, used());
}

std::uint64_t SimulatedDisk::used() const {
  std::uint64_t total = 0;
  for (const auto& [name, stored] : files_) total += stored->now.size();
  return total;
}

void SimulatedDisk::crash() {
  const std::lock_guard lock{mutex_};
  ++generation_;
  fail_syncs_ = fail_writes_ = false;
  for (auto& [name, stored] : files_) {
    auto after = std::make_shared<Stored>();  // open files keep the old one and stay dead
    after->now = stored->now;
    for (const auto& [sector, durable] : stored->unsynced) {
      const auto chance = random_() % 8;
      if (chance < 4) continue;                                             // reached the disk
      const std::size_t keep = chance == 7 ? random_() % sector_bytes : 0;  // torn: its first bytes are new
      for (std::size_t i = keep; i < durable.size() && sector * sector_bytes + i < after->now.size(); ++i)
        after->now[sector * sector_bytes + i] = durable[i];
    }
    stored = after;
  }
}

void SimulatedDisk::fail_syncs(bool on) {
  const std::lock_guard lock{mutex_};
  fail_syncs_ = on;
}
void SimulatedDisk::fail_writes(bool on) {
  const std::lock_guard lock{mutex_};
  fail_writes_ = on;
}
void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock{mutex_};
  capacity_ = bytes;
}
void SimulatedDisk::flip_bit(const std::string& name, std::uint64_t byte, unsigned bit) {
  const std::lock_guard lock{mutex_};
  files_.at(name)->now[byte] = static_cast<char>(files_.at(name)->now[byte] ^ (1U << bit));
}
std::string SimulatedDisk::content(const std::string& name) const {
  const std::lock_guard lock{mutex_};
  return files_.at(name)->now;
}
void SimulatedDisk::set_content(const std::string& name, std::string bytes) {
  const std::lock_guard lock{mutex_};
  auto stored = std::make_shared<Stored>();
  stored->now = std::move(bytes);
  files_[name] = stored;
}

}  // namespace salus::log
