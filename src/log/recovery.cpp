// How a partition finds its durable end.
//
// What the head names was durable: if it is not there, that is damage. Behind the head lie groups that were synced
// after the head was last kept, and at most one batch that was being written when the power went. Writes of one batch
// reach the disk in any order, so a group behind an unreadable one proves nothing by itself; but each group says what
// was durable when it was ordered (synced_end), and one that says more than what can be read proves damage. Everything
// else is a torn tail: it was never acknowledged, and is cut.
#include <algorithm>

#include "log/segment_store.hpp"

namespace salus::log {

Result<void> SegmentStore::recover() {
  auto names = disk_.list();
  if (!names) return fail(names.error());
  auto head = HeadFile::open(disk_);
  if (!head) return fail(head.error());
  head_file_ = std::move(*head);
  if (head_file_->found()) head_ = *head_file_->found();
  if (auto done = recover_segments(*names); !done) return done;
  if (damage_) return {};
  if (!segments_.empty()) {
    if (head_.segment == 0) head_ = {.segment = segments_.front().number, .position = segment_header_bytes};
    auto last = check_last_group();
    if (!last) return fail(last.error());
    if (!*last) return {};
    const Head known = head_;
    if (auto done = scan_forward(); !done) return done;
    if (damage_) return {};
    auto file = open_segment(head_.segment);
    if (!file) return fail(file.error());
    file_ = std::move(*file);
    if (auto done = settle(known); !done) return done;
  }
  head_.clean = false;
  written_ = head_;
  if (segments_.empty() || read_only_) return {};
  return write_both_heads(head_);
}

Result<void> SegmentStore::recover_segments(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == spare_file_name) {
      // A crash may have left it with a header or half its length: it holds nothing, so it is made anew.
      if (read_only_) continue;
      if (auto removed = disk_.remove(name); !removed) return removed;
    }
    const auto number = segment_number_of(name);
    if (!number) continue;
    auto file = disk_.open(name);
    if (!file) return fail(file.error());
    auto bytes = (*file)->read(0, segment_header_bytes);
    if (!bytes) return fail(bytes.error());
    auto header = decode_segment_header(std::move(*bytes));
    if (!header) {
      damaged(*number, 0, header.error().message);
      return {};
    }
    const bool follows = segments_.empty() || *number == segments_.back().number + 1;
    if (!follows || header->number != *number || header->partition != options_.partition) {
      damaged(*number, 0, "the segment is not the one that belongs here");
      return {};
    }
    segments_.push_back({*number, header->first, header->previous});
  }
  const bool head_missing =
      std::ranges::none_of(segments_, [&](const SegmentInfo& s) { return s.number == head_.segment; });
  if (head_.segment != 0 && head_missing) damaged(head_.segment, 0, "the segment that the head names is missing");
  return {};
}

// The group that the head names must be there as it was: a file put back from an older copy is found here.
Result<bool> SegmentStore::check_last_group() {
  if (head_.last_position == 0) return true;
  auto file = open_segment(head_.last_segment);
  if (!file) return fail(file.error());
  SegmentReader reader{std::move(*file), head_.last_position};
  auto last = reader.next(CheckBodies::yes);
  if (last && last->group->hash == head_.hash && last->group->end() == head_.end) return true;
  damaged(head_.last_segment, head_.last_position,
          last ? "the last durable group is not the one that the head names" : last.error().message);
  return false;
}

Result<void> SegmentStore::scan_forward() {
  auto at = std::ranges::find(segments_, head_.segment, &SegmentInfo::number);
  for (auto index = static_cast<std::size_t>(at - segments_.begin());;) {
    auto file = open_segment(segments_[index].number);
    if (!file) return fail(file.error());
    SegmentReader reader{std::move(*file), head_.position};
    while (true) {
      const std::uint64_t position = reader.position();
      auto next = reader.next(CheckBodies::yes);
      if (!next && next.error().code != ErrorCode::damaged && next.error().code != ErrorCode::not_found)
        return fail(next.error());
      const bool follows = next && next->group->first == head_.end && next->group->previous == head_.hash;
      if (!follows) break;
      head_.epoch = next->group->epoch;
      head_.end = next->group->end();
      head_.hash = next->group->hash;
      head_.time = next->group->time;
      head_.last_segment = segments_[index].number;
      head_.last_position = position;
      head_.segment = segments_[index].number;
      head_.position = reader.position();
    }
    const bool rolled = index + 1 < segments_.size() && segments_[index + 1].first == head_.end &&
                        segments_[index + 1].previous == head_.hash;
    if (!rolled) {
      auto proof = proof_of_damage(index, head_.position);
      if (!proof) return fail(proof.error());
      if (*proof) {
        damage_ = *proof;
        return {};
      }
      return cut(index, head_.position);
    }
    ++index;
    head_.segment = segments_[index].number;
    head_.position = segment_header_bytes;
  }
}

// Groups behind the known head may have been written by a process that died before its sync, or whose sync failed: they
// are in memory and perhaps nowhere else. They are written again, since a failed sync leaves its pages looking clean,
// and made durable before the head may name them. A segment before this one was synced when this one began.
Result<void> SegmentStore::settle(const Head& known) {
  const std::uint64_t from = known.segment == head_.segment ? known.position : segment_header_bytes;
  if (read_only_ || from == head_.position) return {};
  auto bytes = file_->read(from, head_.position - from);
  if (!bytes) return fail(bytes.error());
  if (auto done = file_->write(from, *bytes); !done) return done;
  return file_->sync();
}

Result<std::optional<Error>> SegmentStore::proof_of_damage(std::size_t index, std::uint64_t position) {
  for (std::size_t i = index; i < segments_.size(); ++i) {
    auto file = open_segment(segments_[i].number);
    if (!file) return fail(file.error());
    SegmentReader reader{std::move(*file), segment_header_bytes};
    auto found = reader.search(i == index ? position : segment_header_bytes);
    if (!found) return fail(found.error());
    const bool header_proves = i > index;  // a segment begins only once the one before it is durable
    if (header_proves || (*found && (*found)->synced_end > head_.end)) {
      damaged(segments_[index].number, position, "bytes that were durable cannot be read");
      return std::optional<Error>{damage_};
    }
  }
  return std::optional<Error>{};
}

Result<void> SegmentStore::cut(std::size_t index, std::uint64_t position) {
  auto file = open_segment(segments_[index].number);
  if (!file) return fail(file.error());
  auto again = open_segment(segments_[index].number);
  if (!again) return fail(again.error());
  SegmentReader reader{std::move(*again), position};
  auto dirty = reader.first_nonzero(position);
  if (!dirty) return fail(dirty.error());
  if (!*dirty || read_only_) return {};
  const std::string zeros(64 << 10, '\0');
  for (std::uint64_t at = position; at < reader.size(); at += zeros.size()) {
    const ByteView piece = ByteView(zeros).substr(0, std::min<std::uint64_t>(zeros.size(), reader.size() - at));
    if (auto done = (*file)->write(at, piece); !done) return done;
  }
  torn_bytes_ = reader.size() - **dirty;
  return (*file)->sync();
}

void SegmentStore::damaged(std::uint64_t segment, std::uint64_t position, std::string_view what) {
  damage_ = Error{
      ErrorCode::damaged,
      fmt::format("Partition '{}', segment {}, byte {}, after offset {}: {}. Nothing was changed; restore a backup "
                  "or ask `salus verify` for the whole picture.",
                  options_.partition, segment, position, number(head_.end), what)};
}

}  // namespace salus::log
