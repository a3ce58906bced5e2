// One line on a terminal that says how far a long command is; on anything else, a line every tenth of the way.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace salus::app {

class ProgressLine {
 public:
  enum class Unit : std::uint8_t { bytes, beds, frames, files };  // bytes are shown as MiB
  explicit ProgressLine(std::string what, Unit unit = Unit::bytes);
  ~ProgressLine();
  void update(std::uint64_t done, std::uint64_t total);

 private:
  std::string what_;
  Unit unit_;
  bool terminal_;
  bool shown_ = false;
  std::uint64_t last_tenth_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace salus::app
