// Reads a log ahead of who applies it: groups come off the disk and are checked on a thread of their own, while those
// before them are applied.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "log/log.hpp"

namespace salus::view {

// Threads: next() by one.
class ReadAhead {
 public:
  // Holds at most one group more than `bytes_max`.
  ReadAhead(std::unique_ptr<log::Cursor> cursor, std::size_t bytes_max);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // As Cursor::next(), but for good: after an error or the end (nothing) there is no more.
  Result<std::shared_ptr<const log::Group>> next();

 private:
  void loop();

  const std::unique_ptr<log::Cursor> cursor_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result<std::shared_ptr<const log::Group>>> groups_;  // the last one may be an error or nothing
  std::size_t bytes_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace salus::view
