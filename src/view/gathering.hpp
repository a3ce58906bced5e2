// Gathers what is written to a table and writes it below in one go, in the order of the keys: several times cheaper
// than one by one, most of all where the entries of a group write the same rows.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <string>

#include "view/table.hpp"

namespace salus::view {

// Reads see what was written. Lifetime: the table below outlives it. Threads: as that table.
class Gathering final : public Table {
 public:
  // Holds little more than `bytes_max` of keys and values; then they go below.
  explicit Gathering(Table& below, std::size_t bytes_max = 16 << 20) : below_(below), bytes_max_(bytes_max) {}

  std::optional<std::string> get(ByteView key) const override;
  // What is gathered goes below first.
  void scan(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override;
  void scan_back(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const override;
  void put(ByteView key, ByteView value) override { set(key, std::string(value)); }
  void remove(ByteView key) override { set(key, std::nullopt); }
  std::shared_ptr<const TableReader> snapshot() const override;

  // Everything gathered is in the table below.
  void flush() const;

 private:
  void set(ByteView key, std::optional<std::string> value);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(ByteView bytes) const { return std::hash<ByteView>{}(bytes); }
  };
  Table& below_;
  const std::size_t bytes_max_;
  mutable boost::unordered_flat_map<std::string, std::optional<std::string>, Hash, std::equal_to<>> gathered_;
  mutable std::size_t bytes_ = 0;
};

}  // namespace salus::view
