#include "log/segment_store.hpp"

#include <algorithm>
#include <thread>

#include "base/assert.hpp"

namespace salus::log {
namespace {

constexpr double kSpareLead = 1.0 / 16;  // of a segment: how far the spare is ahead of the segment in use
constexpr milliseconds kSparePause{5};

}  // namespace

Result<std::unique_ptr<SegmentStore>> SegmentStore::open(Disk& disk, StoreOptions options) {
  auto store = std::unique_ptr<SegmentStore>(new SegmentStore(disk, std::move(options)));
  if (auto done = store->recover(); !done) return fail(done.error());
  return store;
}

Result<std::unique_ptr<SegmentStore>> SegmentStore::open_to_read(Disk& disk, StoreOptions options) {
  auto store = std::unique_ptr<SegmentStore>(new SegmentStore(disk, std::move(options)));
  store->read_only_ = true;
  if (auto done = store->recover(); !done) return fail(done.error());
  return store;
}

Result<void> SegmentStore::write(const Group& group) {
  if (damage_) return fail(*damage_);
  SALUS_ASSERT(!read_only_ && group.first == written_.end && group.previous == written_.hash);
  if (!file_ || written_.position + group.bytes.size() > file_->size()) {
    if (auto rolled = roll(group.bytes.size()); !rolled) return rolled;
  }
  if (auto done = file_->write(written_.position, group.bytes); !done) return done;
  written_.epoch = group.epoch;
  written_.last_segment = written_.segment;
  written_.last_position = written_.position;
  written_.position += group.bytes.size();
  filled_.store(static_cast<double>(written_.position) / static_cast<double>(file_->size()), std::memory_order_relaxed);
  written_.end = group.end();
  written_.hash = group.hash;
  written_.time = group.time;
  return {};
}

Result<void> SegmentStore::sync() {
  if (damage_) return fail(*damage_);
  if (auto done = file_->sync(); !done) return done;
  head_ = written_;
  return head_file_->write(head_);
}

Result<void> SegmentStore::close() {
  if (damage_) return fail(*damage_);
  Head clean = head_;
  clean.clean = true;
  return write_both_heads(clean);
}

// One after the other, so that one slot is whole at any moment. Both, so that no older head survives that says
// otherwise of `clean`: of two slots written later, both may be lost with the power.
Result<void> SegmentStore::write_both_heads(const Head& head) {
  for (int slot = 0; slot < 2; ++slot) {
    if (auto done = head_file_->write(head); !done) return done;
    if (auto done = head_file_->sync(); !done) return done;
  }
  return {};
}

// The old segment is made durable first, so that a group in the new one proves every group of the old.
Result<void> SegmentStore::roll(std::uint64_t group_bytes) {
  if (file_) {
    if (auto done = sync(); !done) return done;
  }
  const std::uint64_t number = next_number();
  filled_ = 1;
  const std::lock_guard spare_lock{spare_mutex_};
  auto file = take_spare(std::max(usual_bytes(number), segment_header_bytes + group_bytes));
  if (!file) return fail(file.error());
  const SegmentHeader header{options_.partition, number, written_.epoch, written_.end, written_.hash};
  if (auto done = (*file)->write(0, encode_segment_header(header)); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = disk_.rename(spare_file_name, segment_file_name(number)); !done) return done;
  have_spare_ = false;
  file_ = std::move(*file);
  written_.segment = number;
  written_.position = segment_header_bytes;
  filled_ = 0;
  const std::lock_guard lock{mutex_};
  segments_.push_back({number, written_.end, written_.hash});
  return {};
}

std::uint64_t SegmentStore::next_number() const {
  const std::lock_guard lock{mutex_};
  return segments_.empty() ? 1 : segments_.back().number + 1;
}

// They grow fourfold up to the full size, so that an empty directory starts at once and no early spare takes long.
std::uint64_t SegmentStore::usual_bytes(std::uint64_t number) const {
  std::uint64_t bytes = options_.first_segment_bytes;
  for (std::uint64_t i = 1; i < number && bytes < options_.segment_bytes; ++i) bytes *= 4;
  return std::min(bytes, options_.segment_bytes);
}

Result<std::unique_ptr<File>> SegmentStore::take_spare(std::uint64_t bytes) {
  if (have_spare_) {
    auto file = disk_.open(spare_file_name);
    if (file && (*file)->size() >= bytes) return file;
  }
  auto free = disk_.free_bytes();
  if (!free) return fail(free.error());
  if (*free < bytes + options_.reserve_bytes)
    return fail(ErrorCode::unavailable,
                "Partition '{}' needs {} MiB more and the disk has {} MiB free, of which {} MiB are kept "
                "for records and alarms; free some space.",
                options_.partition, bytes >> 20, *free >> 20, options_.reserve_bytes >> 20);
  return disk_.create(spare_file_name, bytes);
}

bool SegmentStore::wants_spare() const {
  const std::lock_guard lock{spare_mutex_};
  return !damage_ && !have_spare_;
}

Result<void> SegmentStore::prepare_spare(const std::function<bool()>& give_up) {
  auto free = disk_.free_bytes();
  if (!free) return fail(free.error());
  const std::uint64_t bytes = usual_bytes(next_number());
  if (*free < bytes + options_.reserve_bytes) return fail(ErrorCode::unavailable, "no room for a spare segment");
  const std::lock_guard lock{spare_mutex_};
  if (have_spare_) return {};
  const auto pace = [&](std::uint64_t written) {
    const double made = static_cast<double>(written) / static_cast<double>(bytes);
    while (made < 1) {
      const double filled = filled_.load(std::memory_order_relaxed);
      if (filled >= 1) return Disk::Next::hurry;  // somebody waits for it
      if (made <= filled + kSpareLead) break;
      if (give_up()) return Disk::Next::give_up;
      std::this_thread::sleep_for(kSparePause);
    }
    return Disk::Next::steady;
  };
  if (auto file = disk_.create(spare_file_name, bytes, pace); !file) return fail(file.error());
  have_spare_ = true;
  return {};
}

std::vector<SegmentInfo> SegmentStore::segments() const {
  const std::lock_guard lock{mutex_};
  return segments_;
}

std::optional<SegmentInfo> SegmentStore::segment_of(Offset offset) const {
  const std::lock_guard lock{mutex_};
  const auto behind = std::ranges::upper_bound(segments_, offset, {}, &SegmentInfo::first);
  if (behind == segments_.begin()) return std::nullopt;
  return *std::prev(behind);
}

Result<std::unique_ptr<File>> SegmentStore::open_segment(std::uint64_t number) const {
  return disk_.open(segment_file_name(number));
}

std::uint64_t SegmentStore::bytes_stored() const {
  const std::lock_guard lock{mutex_};
  if (segments_.empty()) return 0;
  std::uint64_t bytes = head_.position;
  for (std::size_t i = 0; i + 1 < segments_.size(); ++i) bytes += usual_bytes(segments_[i].number);
  return bytes;
}

}  // namespace salus::log
