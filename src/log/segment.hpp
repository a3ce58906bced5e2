// Segment files: a header of 4,096 bytes, then groups, then zeros (docs/formats/log.md). Pure helpers and the walk over
// groups that recovery, cursors and verification share.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "log/disk.hpp"
#include "log/group_format.hpp"

namespace salus::log {

inline constexpr std::uint64_t segment_header_bytes = 4096;
inline constexpr const char* spare_file_name = "spare";

struct SegmentHeader {
  std::string partition;
  std::uint64_t number = 0;
  Epoch epoch{};
  Offset first{};     // of the first entry that will lie here
  Sha256 previous{};  // hash of the last group before this segment; zeros at the beginning of the log
};

std::string encode_segment_header(const SegmentHeader& header);  // exactly segment_header_bytes
Result<SegmentHeader> decode_segment_header(std::string bytes);  // Errors: damaged

std::string segment_file_name(std::uint64_t number);
std::optional<std::uint64_t> segment_number_of(std::string_view file_name);

// Reads groups of one segment one after the other, through a buffer of about a MiB.
class SegmentReader {
 public:
  SegmentReader(std::unique_ptr<File> file, std::uint64_t position) : file_(std::move(file)), position_(position) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t size() const { return file_->size(); }

  // The group at the position, which moves behind it. Errors: not_found (zeros or the end of the file),
  // damaged (the position stays).
  Result<DecodedGroup> next(CheckBodies check);

  // What was read ahead may have been written since: the next look is at the file. Who calls this follows a log that
  // is written, so from then on less is read ahead.
  void forget() {
    buffer_.clear();
    ahead_bytes_ = 64 << 10;
  }

  // Where the first byte that is not zero lies, from `from` on; nothing when all is zero to the end.
  Result<std::optional<std::uint64_t>> first_nonzero(std::uint64_t from);

  // The first whole group at any multiple of 8 from `from` on: what a search behind unreadable bytes finds.
  Result<std::optional<DecodedGroup>> search(std::uint64_t from);

 private:
  Result<ByteView> look(std::uint64_t position, std::size_t count);
  std::unique_ptr<File> file_;
  std::uint64_t position_;
  std::string buffer_;
  std::uint64_t buffer_at_ = 0;
  std::size_t ahead_bytes_ = 1 << 20;
};

}  // namespace salus::log
