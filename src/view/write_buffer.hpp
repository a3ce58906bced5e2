// Gathers what is put into a table, and writes it in one go in the order of the keys.
#pragma once

#include <algorithm>

#include "view/table.hpp"

namespace salus::view {

// Lifetime: the table below outlives it. Threads: as that table. Reads see the table below, without what is gathered.
class WriteBuffer final : public Table {
 public:
  explicit WriteBuffer(Table& below) : below_(below) {}

  std::optional<std::string> get(ByteView key) const override { return below_.get(key); }
  void scan(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override {
    below_.scan(from, to, visit);
  }
  void scan_back(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override {
    below_.scan_back(from, to, visit);
  }
  void put(ByteView key, ByteView value) override { writes_.push_back({std::string(key), std::string(value)}); }
  void remove(ByteView key) override { writes_.push_back({std::string(key), std::nullopt}); }
  std::shared_ptr<const TableReader> snapshot() const override { return below_.snapshot(); }

  // Of several writes of one key the last counts.
  void flush() {
    std::ranges::stable_sort(writes_, {}, &Write::key);
    const auto same = [](const Write& later, const Write& earlier) { return later.key == earlier.key; };
    writes_.erase(writes_.begin(), std::unique(writes_.rbegin(), writes_.rend(), same).base());
    below_.write(writes_);
    writes_.clear();
  }

 private:
  Table& below_;
  std::vector<Write> writes_;
};

}  // namespace salus::view
