#include "log/cursor.hpp"

namespace salus::log {

SegmentCursor::SegmentCursor(const SegmentStore& store, Offset from, std::function<Offset()> end)
    : store_(store), from_(from), end_(std::move(end)) {}

// Stands at the beginning of the last segment that starts at or before `offset`.
Result<bool> SegmentCursor::open_at(Offset offset) {
  const std::optional<SegmentInfo> at = store_.segment_of(offset);
  if (!at) return false;
  if (reader_ != nullptr && at->number == segment_) return false;
  auto file = store_.open_segment(at->number);
  if (!file) return fail(file.error());
  reader_ = std::make_unique<SegmentReader>(std::move(*file), segment_header_bytes);
  segment_ = at->number;
  expected_ = at->first;
  previous_ = at->previous;
  return true;
}

Result<std::shared_ptr<const Group>> SegmentCursor::next() {
  while (true) {
    const Offset end = end_();
    if (reader_ != nullptr ? expected_ >= end : from_ >= end) return nullptr;
    if (reader_ == nullptr) {
      auto opened = open_at(from_);
      if (!opened) return fail(opened.error());
      if (reader_ == nullptr) return nullptr;
    }
    auto decoded = reader_->next(CheckBodies::yes);
    if (!decoded) {
      // Perhaps read ahead before it was written: what lies there now decides.
      reader_->forget();
      decoded = reader_->next(CheckBodies::yes);
    }
    if (!decoded && decoded.error().code == ErrorCode::not_found) {
      // Zeros before the durable end: the log went on in the next segment.
      auto moved = open_at(expected_);
      if (!moved) return fail(moved.error());
      if (*moved) continue;
      decoded = fail(ErrorCode::damaged, "zeros where a durable group was");
    }
    if (decoded && (decoded->group->first != expected_ || decoded->group->previous != previous_))
      decoded = fail(ErrorCode::damaged, "the group does not follow the one before it");
    if (!decoded)
      return fail(decoded.error().code, "Segment {}, byte {}, offset {}: {}.", segment_, reader_->position(),
                  number(expected_), decoded.error().message);
    expected_ = decoded->group->end();
    previous_ = decoded->group->hash;
    if (expected_ > from_) return std::move(decoded->group);
  }
}

}  // namespace salus::log
