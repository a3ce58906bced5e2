// A thread for what will be needed later: a view leaves it work whose result depends on nothing but what it is given,
// and takes the result at its own time, or does the work itself when nobody has yet. So it changes when something is
// computed, never what.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace salus::view {

class Worker {
 public:
  // Requires: name of at most 15 bytes.
  explicit Worker(const char* name, std::size_t jobs_max = 65'536);
  // Waits for the job in hand; those that have not begun are dropped.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Jobs run one after the other. One over `jobs_max` is dropped: whoever needs its result does it. Threads: any.
  void offer(std::function<void()> job);

 private:
  void loop();

  const std::size_t jobs_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace salus::view
