// The server's own log lines (spdlog): one line each, UTC, to stderr. They are for operators and never hold a patient's
// name or value; what must not be lost is an audit entry instead.
#pragma once

#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/time.hpp"

namespace salus {

// Sets level, format and destination of every log line. Called once, before any other thread starts.
// `level` is trace, debug, info, warning, error or off. Errors: invalid.
Result<void> set_up_logging(std::string_view level);

// Lets at most `burst` lines a second through, so that a flood outside does not become a flood on the disk; the first
// line of a later second says how many were left out. Threads: any.
class LogLimit {
 public:
  explicit constexpr LogLimit(std::uint32_t burst) : burst_(burst) {}

  // Whether a line may be written now, and how many were withheld before it.
  struct Verdict {
    bool write = false;
    std::uint64_t withheld = 0;
  };
  Verdict ask(std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

 private:
  const std::uint32_t burst_;
  std::atomic<std::int64_t> second_{-1};
  std::atomic<std::uint32_t> written_{0};
  std::atomic<std::uint64_t> withheld_{0};
};

template <class... Args>
void log_limited(LogLimit& limit, spdlog::level::level_enum level, fmt::format_string<Args...> text, Args&&... args) {
  if (!spdlog::should_log(level)) return;
  const LogLimit::Verdict verdict = limit.ask();
  if (!verdict.write) return;
  const std::string line = fmt::format(text, std::forward<Args>(args)...);
  if (verdict.withheld == 0) {
    spdlog::log(level, "{}", line);
  } else {
    spdlog::log(level, "{} ({} such lines were left out before this one)", line, verdict.withheld);
  }
}

}  // namespace salus
