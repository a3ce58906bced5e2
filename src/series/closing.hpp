// A chunk between its last sample and the form it is kept in. That form costs some 50 ns a sample, and the channels of
// a ward close together: whoever comes first pays, a worker meanwhile or the store when it saves.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "series/rollup.hpp"

namespace salus::series {

class Closing {
 public:
  using Cells = std::array<std::vector<Cell>, levels>;

  // `open` as ChunkBuilder::encode() gives it; `lowest` is the first level of rollups that it counts in, `levels` none.
  Closing(std::string open, std::size_t lowest);

  // Threads: any, as often as they like. What follows may be read by who has called it.
  void finish();
  const std::shared_ptr<const std::string>& kept() const { return kept_; }
  const Cells& cells() const { return cells_; }

 private:
  void code();

  std::once_flag once_;
  const std::size_t lowest_;
  std::shared_ptr<const std::string> kept_;  // until finish() as it was when open
  Cells cells_;
};

}  // namespace salus::series
