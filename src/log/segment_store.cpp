#include "log/segment_store.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace salus::log {

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
  const std::uint64_t number = segments_.empty() ? 1 : segments_.back().number + 1;
  const std::uint64_t usual = number == 1 ? options_.first_segment_bytes : options_.segment_bytes;
  const std::lock_guard spare_lock{spare_mutex_};
  auto file = take_spare(std::max(usual, segment_header_bytes + group_bytes));
  if (!file) return fail(file.error());
  const SegmentHeader header{options_.partition, number, written_.epoch, written_.end, written_.hash};
  if (auto done = (*file)->write(0, encode_segment_header(header)); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = disk_.rename(spare_file_name, segment_file_name(number)); !done) return done;
  have_spare_ = false;
  file_ = std::move(*file);
  written_.segment = number;
  written_.position = segment_header_bytes;
  const std::lock_guard lock{mutex_};
  segments_.push_back({number, written_.end, written_.hash});
  return {};
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

Result<void> SegmentStore::prepare_spare() {
  auto free = disk_.free_bytes();
  if (!free) return fail(free.error());
  if (*free < options_.segment_bytes + options_.reserve_bytes)
    return fail(ErrorCode::unavailable, "no room for a spare segment");
  const std::lock_guard lock{spare_mutex_};
  if (have_spare_) return {};
  if (auto file = disk_.create(spare_file_name, options_.segment_bytes); !file) return fail(file.error());
  have_spare_ = true;
  return {};
}

std::vector<SegmentInfo> SegmentStore::segments() const {
  const std::lock_guard lock{mutex_};
  return segments_;
}

Result<std::unique_ptr<File>> SegmentStore::open_segment(std::uint64_t number) const {
  return disk_.open(segment_file_name(number));
}

std::uint64_t SegmentStore::bytes_stored() const {
  const std::lock_guard lock{mutex_};
  if (segments_.empty()) return 0;
  return (segments_.size() - 1) * options_.segment_bytes + head_.position;
}

}  // namespace salus::log
