// A table in memory, for tests, benches and tools: the same face as the stored one, without the store.
#pragma once

#include <map>

#include "view/table.hpp"

namespace salus::view {

// Threads: one. A snapshot is a copy and may go to any thread.
class MemoryTable final : public Table {
 public:
  std::optional<std::string> get(ByteView key) const override;
  void scan(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override;
  void scan_back(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override;
  void put(ByteView key, ByteView value) override;
  void remove(ByteView key) override;
  std::shared_ptr<const TableReader> snapshot() const override;

  // Everything, for tests that compare two histories.
  const std::map<std::string, std::string, std::less<>>& pairs() const { return pairs_; }

 private:
  std::map<std::string, std::string, std::less<>> pairs_;
};

}  // namespace salus::view
