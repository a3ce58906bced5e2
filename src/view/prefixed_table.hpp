// A part of a table under a prefix of its own, so that a view made of several parts keeps them in one table.
#pragma once

#include "view/table.hpp"

namespace salus::view {

// Keys seen through this have the prefix taken off. Lifetime: the table below outlives it. Threads: as that table.
class PrefixedTable final : public Table {
 public:
  // `below` is only read through the const overload's table.
  PrefixedTable(Table& below, std::string prefix) : reader_(below), below_(&below), prefix_(std::move(prefix)) {}
  PrefixedTable(const TableReader& below, std::string prefix) : reader_(below), prefix_(std::move(prefix)) {}

  std::optional<std::string> get(ByteView key) const override { return reader_.get(with(key)); }
  void scan(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override {
    reader_.scan(with(from), with(to), [&](ByteView key, ByteView value) { return visit(without(key), value); });
  }
  void scan_back(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override {
    reader_.scan_back(with(from), with(to), [&](ByteView key, ByteView value) { return visit(without(key), value); });
  }
  // Requires: built over a table that may be written.
  void put(ByteView key, ByteView value) override { below_->put(with(key), value); }
  void remove(ByteView key) override { below_->remove(with(key)); }
  // The whole table below at this moment; read it through a PrefixedTable with the same prefix.
  std::shared_ptr<const TableReader> snapshot() const override { return below_->snapshot(); }

 private:
  std::string with(ByteView key) const { return prefix_ + std::string(key); }
  ByteView without(ByteView key) const { return key.substr(prefix_.size()); }

  const TableReader& reader_;
  Table* below_ = nullptr;
  std::string prefix_;
};

}  // namespace salus::view
