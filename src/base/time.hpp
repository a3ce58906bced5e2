// Time comes in through parameters. Only SystemClock asks the machine.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace salus {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds. Covers 1678 to 2262.
using Time = std::chrono::sys_time<nanoseconds>;

constexpr Time time_from_ns(std::int64_t ns) {
  return Time{nanoseconds{ns}};
}
constexpr std::int64_t ns_of(Time time) {
  return time.time_since_epoch().count();
}

// "2026-03-01T08:00:00.250Z": UTC, milliseconds, or nanoseconds where the instant needs them.
std::string to_iso(Time time);

// RFC 3339 with an offset or Z, up to nine fractional digits. Refuses anything else, and local time without an offset.
Result<Time> parse_iso(std::string_view text);

// Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back while the process lives, whatever the wall clock does.
  virtual Time now() const = 0;
};

// The wall clock as it stood when this was built, carried on by the steady clock.
class SystemClock final : public Clock {
 public:
  SystemClock();
  Time now() const override;
  // How far the wall clock has been corrected since; positive when it was set ahead.
  nanoseconds wall_offset() const;

 private:
  Time wall_start_;
  std::chrono::steady_clock::time_point steady_start_;
};

// A clock that tests and simulations move by hand.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_ns_(ns_of(start)) {}
  Time now() const override { return time_from_ns(now_ns_.load()); }
  void advance(nanoseconds by) { now_ns_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ns_;
};

}  // namespace salus
