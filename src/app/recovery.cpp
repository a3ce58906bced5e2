#include "app/recovery.hpp"

#include <spdlog/spdlog.h>

#include <fstream>
#include <future>

#include "log/kinds.hpp"

namespace salus::app {
namespace {

constexpr const char* kFile = "unrecorded.ndjson";
constexpr std::uint64_t kProbeBytes = 1 << 20;

}  // namespace

Result<void> save_unrecorded(const DataDirectory& data, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  auto disk = log::open_posix_disk(data.root.string());
  if (!disk) return fail(disk.error());
  auto file = (*disk)->create(kFile, 0);
  if (!file) return fail(file.error());
  if (auto done = (*file)->write(0, text); !done) return done;
  return (*file)->sync();
}

Result<std::size_t> append_unrecorded(const DataDirectory& data, log::Log& records) {
  std::ifstream in{data.root / kFile, std::ios::binary};
  if (!in) return std::size_t{0};
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) {
    if (!parse_json(line)) continue;  // cut short by a crash
    std::promise<Result<void>> promise;
    records.append({log::kind::unrecorded, 1, line, 0}, [&](Result<log::Position> position) {
      promise.set_value(position ? Result<void>{} : Result<void>(fail(position.error())));
    });
    if (auto done = promise.get_future().get(); !done) return fail(done.error());
    ++count;
  }
  std::error_code ec;
  std::filesystem::remove(data.root / kFile, ec);
  return count;
}

RecoveryWatch::RecoveryWatch(const DataDirectory& data, Core& core, std::uint64_t room_bytes)
    : data_(data), core_(core), room_bytes_(room_bytes) {
  thread_ = std::thread([this] { loop(); });
}

RecoveryWatch::~RecoveryWatch() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void RecoveryWatch::loop() {
  std::unique_lock lock{mutex_};
  while (!stop_.wait_for(lock, interval, [&] { return stopping_; })) {
    if (core_.is_recording() || core_.is_damaged() || restart_) continue;
    lock.unlock();
    if (disk_works()) {
      spdlog::warn("The disk takes durable writes again; starting anew to record.");
      restart_ = true;
    }
    lock.lock();
  }
}

// A file written and made durable where the log lies, and room for the log to go on.
bool RecoveryWatch::disk_works() const {
  const std::filesystem::path folder = data_.root / "log" / "probe";
  auto disk = log::open_posix_disk(folder.string());
  if (!disk) return false;
  const auto free = (*disk)->free_bytes();
  const bool works = free && *free >= room_bytes_ && (*disk)->create("probe", kProbeBytes).has_value();
  std::error_code ec;
  std::filesystem::remove_all(folder, ec);
  return works;
}

}  // namespace salus::app
