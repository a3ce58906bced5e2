#include "view/worker.hpp"

#include "base/thread.hpp"

namespace salus::view {

Worker::Worker(const char* name, std::size_t jobs_max)
    : jobs_max_(jobs_max), thread_([this, name] {
        name_thread(name);
        loop();
      }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Worker::offer(std::function<void()> job) {
  {
    const std::lock_guard lock{mutex_};
    if (jobs_.size() >= jobs_max_) return;
    jobs_.push_back(std::move(job));
    if (jobs_.size() > 1) return;  // it is awake, or about to be
  }
  changed_.notify_one();
}

void Worker::loop() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace salus::view
