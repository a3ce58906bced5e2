#include "view/memory_table.hpp"

namespace salus::view {

std::optional<std::string> MemoryTable::get(ByteView key) const {
  const auto found = pairs_.find(key);
  return found == pairs_.end() ? std::nullopt : std::optional(found->second);
}

void MemoryTable::scan(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const {
  for (auto at = pairs_.lower_bound(from); at != pairs_.end() && ByteView(at->first) < to; ++at)
    if (!visit(at->first, at->second)) return;
}

void MemoryTable::scan_back(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const {
  for (auto at = pairs_.lower_bound(to); at != pairs_.begin();) {
    --at;
    if (ByteView(at->first) < from || !visit(at->first, at->second)) return;
  }
}

void MemoryTable::put(ByteView key, ByteView value) {
  pairs_.insert_or_assign(std::string(key), std::string(value));
}

void MemoryTable::remove(ByteView key) {
  if (const auto found = pairs_.find(key); found != pairs_.end()) pairs_.erase(found);
}

std::shared_ptr<const TableReader> MemoryTable::snapshot() const {
  return std::make_shared<MemoryTable>(*this);
}

}  // namespace salus::view
