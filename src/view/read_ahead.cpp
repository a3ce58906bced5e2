#include "view/read_ahead.hpp"

#include "base/thread.hpp"

namespace salus::view {

ReadAhead::ReadAhead(std::unique_ptr<log::Cursor> cursor, std::size_t bytes_max)
    : cursor_(std::move(cursor)), bytes_max_(bytes_max), thread_([this] { loop(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::loop() {
  name_thread("read-ahead");
  for (bool last = false; !last;) {
    auto group = cursor_->next();
    last = !group || *group == nullptr;
    std::unique_lock lock{mutex_};
    if (!last) bytes_ += (*group)->bytes.size();
    groups_.push_back(std::move(group));
    lock.unlock();
    changed_.notify_all();
    lock.lock();
    changed_.wait(lock, [&] { return bytes_ <= bytes_max_ || stopping_; });
    last |= stopping_;
  }
}

Result<std::shared_ptr<const log::Group>> ReadAhead::next() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return !groups_.empty(); });
  auto& first = groups_.front();
  if (!first || *first == nullptr) return first;  // stays: the end is the end
  auto group = std::move(first);
  groups_.pop_front();
  const bool was_full = bytes_ > bytes_max_;
  bytes_ -= (*group)->bytes.size();
  const bool has_room = was_full && bytes_ <= bytes_max_;
  lock.unlock();
  if (has_room) changed_.notify_all();
  return group;
}

}  // namespace salus::view
