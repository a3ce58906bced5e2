#include "app/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace salus::app {
namespace {

std::string_view name_of(ProgressLine::Unit unit) {
  switch (unit) {
    case ProgressLine::Unit::bytes:
      return "bytes";
    case ProgressLine::Unit::beds:
      return "beds";
    case ProgressLine::Unit::frames:
      return "frames";
    case ProgressLine::Unit::files:
      return "files";
  }
  return {};
}

}  // namespace

ProgressLine::ProgressLine(std::string what, Unit unit)
    : what_(std::move(what)), unit_(unit), terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_ && terminal_) std::fputc('\n', stderr);
}

void ProgressLine::update(std::uint64_t done, std::uint64_t total) {
  if (total == 0) return;
  const auto now = std::chrono::steady_clock::now();
  const std::uint64_t tenth = done * 10 / total;
  const bool due = terminal_ ? now - last_ > std::chrono::milliseconds{100} || done == total : tenth > last_tenth_;
  if (!due) return;
  last_ = now;
  last_tenth_ = tenth;
  shown_ = true;
  const std::string amount =
      unit_ == Unit::bytes ? fmt::format("{:.1f} of {:.1f} MiB", double(done) / (1 << 20), double(total) / (1 << 20))
                           : fmt::format("{} of {} {}", done, total, name_of(unit_));
  fmt::print(stderr, "{}{}: {} ({} %){}", terminal_ ? "\r" : "", what_, amount, done * 100 / total,
             terminal_ ? "" : "\n");
  std::fflush(stderr);
}

}  // namespace salus::app
