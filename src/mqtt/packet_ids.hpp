// The packet identifiers of messages on the way to one client: at most `window` at a time, the longest free one next.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace salus::mqtt {

// Threads: one at a time.
class PacketIds {
 public:
  explicit PacketIds(std::uint16_t window) : window_(window) {}

  // A free identifier, never 0; nothing when the window is full.
  std::optional<std::uint16_t> take() {
    if (free_.empty()) {
      if (used_.size() == window_) return std::nullopt;
      used_.push_back(true);
      return static_cast<std::uint16_t>(used_.size());
    }
    const std::uint16_t id = free_.front();
    free_.pop_front();
    used_[id - 1U] = true;
    return id;
  }
  // False when it was not in use.
  bool give_back(std::uint16_t id) {
    if (id == 0 || id > used_.size() || !used_[id - 1U]) return false;
    used_[id - 1U] = false;
    free_.push_back(id);
    return true;
  }

 private:
  std::uint16_t window_;
  std::vector<bool> used_;
  std::deque<std::uint16_t> free_;
};

}  // namespace salus::mqtt
