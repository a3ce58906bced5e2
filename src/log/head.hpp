// The head file says how far a partition was known to be durable, so that a torn tail (bytes of a crash, cut off) can
// be told from damage (bytes that were once whole, reported and never skipped). Two slots are written in turn, after
// each sync and without one of their own: a lost head only makes recovery read a little more.
#pragma once

#include <memory>
#include <optional>

#include "log/disk.hpp"
#include "log/run.hpp"

namespace salus::log {

inline constexpr const char* head_file_name = "head";
inline constexpr std::size_t head_slot_bytes = 4096;

struct Head {
  std::uint64_t sequence = 0;
  Epoch epoch{};
  Offset end{};               // one past the last durable entry
  std::uint64_t segment = 0;  // where the next group goes
  std::uint64_t position = 0;
  std::uint64_t last_segment = 0;   // where the last group lies
  std::uint64_t last_position = 0;  // 0 when there is none
  Sha256 hash{};                    // of the last group's header
  Time time{};                      // of the last group
  bool clean = false;               // closed with nothing in flight: whatever lies behind the end is no torn tail
};

class HeadFile {
 public:
  // Creates the file when missing.
  static Result<std::unique_ptr<HeadFile>> open(Disk& disk);

  // The newest whole slot; nothing when neither is whole.
  const std::optional<Head>& found() const { return found_; }
  Result<void> write(Head head);  // sets its sequence
  Result<void> sync() { return file_->sync(); }

  struct Slots {
    std::optional<Head> slot[2];
    bool blank[2] = {false, false};  // all zeros: never written
  };
  static Result<Slots> read(const File& file);

 private:
  explicit HeadFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::unique_ptr<File> file_;
  std::optional<Head> found_;
  std::uint64_t sequence_ = 0;
};

}  // namespace salus::log
