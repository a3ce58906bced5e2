// Reads a partition's segments in order. Used by replay, verification and export.
#pragma once

#include <functional>
#include <memory>

#include "log/log.hpp"
#include "log/segment_store.hpp"

namespace salus::log {

class SegmentCursor final : public Cursor {
 public:
  // `store` outlives the cursor. Groups at or behind `end()` are not given out: they may not be durable.
  SegmentCursor(const SegmentStore& store, Offset from, std::function<Offset()> end);

  Result<std::shared_ptr<const Group>> next() override;

 private:
  Result<bool> open_at(Offset offset);

  const SegmentStore& store_;
  Offset from_;
  std::function<Offset()> end_;
  std::unique_ptr<SegmentReader> reader_;
  std::uint64_t segment_ = 0;
  Offset expected_{};
  Sha256 previous_{};
};

}  // namespace salus::log
