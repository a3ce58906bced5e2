#include "log/bodies.hpp"

#include <algorithm>

#include "log/group_format.hpp"
#include "log/segment.hpp"

namespace salus::log {
namespace {

constexpr std::uint64_t kNoteEvery = 16 << 10;
constexpr std::size_t kLookBytes = 16 << 10;

bool is_within(const GroupExtent& extent, const Result<ByteView>& header, Offset run) {
  return extent.first <= run && header && body_extent(*header, run);
}

}  // namespace

// A file through a small buffer.
class SegmentBodies::Window {
 public:
  explicit Window(const File& file) : file_(file) {}

  // Fewer than `count` at the end of the file; valid until the next call. What has to be read for it, is read up to
  // `ahead` bytes.
  Result<ByteView> look(std::uint64_t position, std::size_t count, std::size_t ahead = kLookBytes) {
    if (position < at_ || position + count > at_ + bytes_.size()) {
      auto read = file_.read(position, std::max(count, ahead));
      if (!read) return fail(read.error());
      bytes_ = std::move(*read);
      at_ = position;
    }
    const ByteView from = ByteView(bytes_).substr(position - at_);
    return from.substr(0, count);
  }
  Result<GroupExtent> extent_at(std::uint64_t position) {
    const auto bytes = look(position, group_header_bytes);
    if (!bytes) return fail(bytes.error());
    return group_extent(*bytes);
  }

 private:
  const File& file_;
  std::string bytes_;
  std::uint64_t at_ = 0;
};

Result<std::shared_ptr<SegmentBodies::Segment>> SegmentBodies::segment_of(Offset run) const {
  const std::optional<SegmentInfo> info = store_.segment_of(run);
  if (!info) return fail(ErrorCode::not_found, "Offset {} is older than the log that is kept.", number(run));
  const std::lock_guard lock{mutex_};
  std::shared_ptr<Segment>& segment = segments_[info->number];
  if (!segment) {
    auto file = store_.open_segment(info->number);
    if (!file) {
      segments_.erase(info->number);
      return fail(file.error());
    }
    segment = std::make_shared<Segment>();
    segment->file = std::move(*file);
    segment->notes.push_back({info->first, segment_header_bytes});
  }
  segment->asked = ++questions_;
  std::shared_ptr<Segment> found = segment;
  if (segments_.size() > segments_max_)
    segments_.erase(std::ranges::min_element(segments_, {}, [](const auto& entry) { return entry.second->asked; }));
  return found;
}

Result<SegmentBodies::Note> SegmentBodies::group_of(Segment& segment, Window& window, Offset entry) {
  Note here;
  {
    const std::lock_guard lock{segment.mutex};
    here = *std::prev(std::ranges::upper_bound(segment.notes, entry, {}, &Note::first));
  }
  auto extent = window.extent_at(here.position);
  while (extent && !is_within(*extent, window.look(here.position, extent->header_bytes), entry)) {
    // Behind the last durable group anything may stand; only a group that begins at or before the entry leads on.
    const std::uint64_t behind = here.position + extent->bytes;
    const auto next = window.extent_at(behind);
    if (!next || next->first > entry || next->first <= extent->first) break;
    here = {next->first, behind};
    extent = next;
    const std::lock_guard lock{segment.mutex};
    if (Note& last = segment.notes.back(); here.position >= last.position + kNoteEvery) segment.notes.push_back(here);
  }
  if (!extent)
    return fail(extent.error().code, "Offset {}, byte {} of its segment: {}.", number(entry), here.position,
                extent.error().message);
  return here;
}

Result<SegmentBodies::Body> SegmentBodies::body_of(Segment& segment, Window& window, Offset run) {
  const auto here = group_of(segment, window, run);
  if (!here) return fail(here.error());
  const auto extent = window.extent_at(here->position);
  if (!extent) return fail(extent.error());
  const auto header = window.look(here->position, extent->header_bytes);
  if (!header) return fail(header.error());
  const auto body = body_extent(*header, run);
  if (!body)
    return fail(body.error().code, "Offset {}, byte {} of its segment: {}.", number(run), here->position,
                body.error().message);
  return Body{here->position + body->at, body->size};
}

Result<std::string> SegmentBodies::read(Offset run, std::size_t at, std::size_t count) const {
  if (run >= end_()) return fail(ErrorCode::not_found, "Offset {} is not durable yet.", number(run));
  const auto segment = segment_of(run);
  if (!segment) return fail(segment.error());
  Window window{*(*segment)->file};
  const auto body = body_of(**segment, window, run);
  if (!body) return fail(body.error());
  if (at > body->size || count > body->size - at)
    return fail(ErrorCode::not_found, "The run at offset {} has {} bytes, not {} and {} more.", number(run), body->size,
                at, count);
  const auto bytes = window.look(body->position + at, count, count);
  if (!bytes) return fail(bytes.error());
  if (bytes->size() < count)
    return fail(ErrorCode::damaged, "Offset {}: the file of its segment ends within the body.", number(run));
  return std::string(*bytes);
}

Result<std::string> SegmentBodies::read(Offset run) const {
  if (run >= end_()) return fail(ErrorCode::not_found, "Offset {} is not durable yet.", number(run));
  const auto segment = segment_of(run);
  if (!segment) return fail(segment.error());
  Window window{*(*segment)->file};
  const auto body = body_of(**segment, window, run);
  return body ? read(run, 0, body->size) : Result<std::string>(fail(body.error()));
}

Result<std::vector<std::string>> SegmentBodies::headers(Offset entry, std::size_t groups_max) const {
  std::vector<std::string> found;
  const Offset end = end_();
  while (found.size() < groups_max && entry < end) {
    const auto segment = segment_of(entry);
    if (!segment) return fail(segment.error());
    Window window{*(*segment)->file};
    auto here = group_of(**segment, window, entry);
    if (!here) return fail(here.error());
    const std::size_t before = found.size();
    std::uint64_t position = here->position;
    for (auto extent = window.extent_at(position); extent && extent->first < end && found.size() < groups_max;) {
      const auto header = window.look(position, extent->header_bytes);
      if (!header) return fail(header.error());
      const auto behind = group_end(*header);
      if (!behind) return fail(behind.error());
      found.emplace_back(*header);
      entry = *behind;
      position += extent->bytes;
      extent = window.extent_at(position);
      if (extent && extent->first != entry) break;  // what a crash left
    }
    if (found.size() == before) break;
  }
  return found;
}

}  // namespace salus::log
