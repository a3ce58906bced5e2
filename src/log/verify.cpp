#include "log/verify.hpp"

#include <algorithm>

#include "log/head.hpp"
#include "log/segment.hpp"

namespace salus::log {
namespace {

// One walk over a partition, front to back.
class Walk {
 public:
  Walk(Disk& disk, std::string partition, const Progress& progress)
      : disk_(disk), partition_(std::move(partition)), progress_(progress) {}

  Result<Verification> run() {
    auto names = disk_.list();
    if (!names) return fail(names.error());
    if (auto done = measure(*names); !done) return fail(done.error());
    read_head();
    for (std::size_t i = 0; i < numbers_.size() && out_.whole(); ++i) {
      if (auto done = segment(i); !done) return fail(done.error());
    }
    compare_head();
    if (auto done = spare(*names); !done) return fail(done.error());
    return out_;
  }

 private:
  void found(std::uint64_t segment, std::uint64_t position, std::string what) {
    out_.damage.push_back({segment, position, out_.end.offset, std::move(what)});
  }

  Result<void> measure(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto number = segment_number_of(name);
      const bool ours = number || name == head_file_name || name == spare_file_name;
      if (!ours) found(0, 0, fmt::format("'{}' is not a file of the log", name));
      if (!number) continue;
      auto file = disk_.open(name);
      if (!file) return fail(file.error());
      if (!numbers_.empty() && *number != numbers_.back() + 1)
        found(*number, 0, "segments before this one are missing");
      numbers_.push_back(*number);
      total_ += (*file)->size();
    }
    return {};
  }

  void read_head() {
    auto file = disk_.open(head_file_name);
    if (!file) {
      if (!numbers_.empty()) found(0, 0, "the head file is missing");
      return;
    }
    if ((*file)->size() != 2 * head_slot_bytes) found(0, 0, "the head file has the wrong size");
    auto slots = HeadFile::read(**file);
    if (!slots) return found(0, 0, slots.error().message);
    // A blank or unreadable slot may be a write that was lost or torn with the power; after a clean close both are
    // whole.
    const bool clean = (slots->slot[0] && slots->slot[0]->clean) || (slots->slot[1] && slots->slot[1]->clean);
    for (std::size_t i = 0; i < 2; ++i) {
      if (!slots->slot[i] && clean) found(0, i * head_slot_bytes, "a slot of the head file is not what was written");
      if (slots->slot[i] && (!head_ || slots->slot[i]->sequence > head_->sequence)) head_ = slots->slot[i];
    }
  }

  Result<void> segment(std::size_t index) {
    const std::uint64_t number = numbers_[index];
    auto file = disk_.open(segment_file_name(number));
    if (!file) return fail(file.error());
    auto bytes = (*file)->read(0, segment_header_bytes);
    if (!bytes) return fail(bytes.error());
    auto header = decode_segment_header(std::move(*bytes));
    if (!header) {
      found(number, 0, header.error().message);
      return {};
    }
    if (header->number != number || header->partition != partition_)
      found(number, 0, "the segment is not the one that belongs here");
    if (index > 0 && (header->first != out_.end.offset || header->previous != out_.hash))
      found(number, 0, "the segment does not follow the one before it");
    if (index == 0 && (number != 1 || header->first != Offset{})) found(number, 0, "the log's beginning is missing");
    ++out_.segments;
    return groups(number, SegmentReader{std::move(*file), segment_header_bytes}, index + 1 == numbers_.size());
  }

  Result<void> groups(std::uint64_t number, SegmentReader reader, bool last_segment) {
    while (true) {
      const std::uint64_t position = reader.position();
      auto next = reader.next(CheckBodies::yes);
      if (!next) {
        const ErrorCode code = next.error().code;
        if (code != ErrorCode::not_found && code != ErrorCode::damaged) return fail(next.error());
        return tail(number, reader, last_segment, code == ErrorCode::damaged ? next.error().message : std::string{});
      }
      const Group& group = *next->group;
      if (group.first != out_.end.offset || group.previous != out_.hash) {
        found(number, position, "the group does not follow the one before it");
        return {};
      }
      out_.end = {group.epoch, group.end()};
      out_.hash = group.hash;
      ++out_.groups;
      out_.bytes += group.bytes.size();
      done_ += group.bytes.size();
      if (head_ && head_->last_segment == number && head_->last_position == position)
        head_seen_ = group.hash == head_->hash;
      if (progress_ && done_ - told_ > (1 << 20)) {
        told_ = done_;
        progress_(done_, total_);
      }
    }
  }

  // Behind the last group there are zeros, or, in the last segment and behind what the head knows, a crash's torn tail.
  Result<void> tail(std::uint64_t number, SegmentReader& reader, bool last_segment, const std::string& unreadable) {
    const std::uint64_t position = reader.position();
    auto nonzero = reader.first_nonzero(position);
    if (!nonzero) return fail(nonzero.error());
    done_ += reader.size() - position;
    if (!*nonzero) return {};
    const bool behind_head = !head_ || out_.end.offset >= head_->end;
    bool proven = false;
    if (last_segment && behind_head) {
      auto later = reader.search(position);
      if (!later) return fail(later.error());
      proven = *later && (*later)->synced_end > out_.end.offset;
    }
    const bool torn = last_segment && behind_head && !proven && !(head_ && head_->clean);
    if (torn) {
      out_.torn_bytes = reader.size() - position;
    } else {
      found(number, **nonzero, unreadable.empty() ? "a byte that is not zero behind the last group" : unreadable);
    }
    return {};
  }

  void compare_head() {
    if (!head_ || !out_.whole()) return;
    if (out_.end.offset < head_->end)
      found(head_->last_segment, head_->last_position, "the log ends before what was durable");
    else if (head_->last_position != 0 && !head_seen_)
      found(head_->last_segment, head_->last_position, "the group that the head names is another one");
  }

  Result<void> spare(const std::vector<std::string>& names) {
    if (std::ranges::find(names, spare_file_name) == names.end()) return {};
    auto file = disk_.open(spare_file_name);
    if (!file) return fail(file.error());
    // A crash may leave a header that its rename never followed; after a clean close there was none.
    const std::uint64_t from = head_ && head_->clean ? 0 : segment_header_bytes;
    SegmentReader reader{std::move(*file), from};
    auto nonzero = reader.first_nonzero(from);
    if (!nonzero) return fail(nonzero.error());
    if (*nonzero) found(0, **nonzero, "a byte that is not zero in the spare segment");
    return {};
  }

  Disk& disk_;
  std::string partition_;
  const Progress& progress_;
  Verification out_;
  std::vector<std::uint64_t> numbers_;
  std::optional<Head> head_;
  bool head_seen_ = false;
  std::uint64_t total_ = 0, done_ = 0, told_ = 0;
};

}  // namespace

Result<Verification> verify(Disk& disk, const std::string& partition, const Progress& progress) {
  return Walk{disk, partition, progress}.run();
}

}  // namespace salus::log
