// A view's own ordered keys and values: a RocksDB column family behind a small face, so that no view sees RocksDB.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace salus::view {

// Reads at one cut. Threads: any.
class TableReader {
 public:
  virtual ~TableReader() = default;
  virtual std::optional<std::string> get(ByteView key) const = 0;
  // Every pair with from <= key < to, ascending, until `visit` returns false.
  virtual void scan(ByteView from, ByteView to,
                    const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
  // The same, descending from the last key below `to`.
  virtual void scan_back(ByteView from, ByteView to,
                         const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
};

// A put, or a removal where there is no value.
struct Write {
  std::string key;
  std::optional<std::string> value;
};

// Threads: the host's apply thread.
class Table : public TableReader {
 public:
  virtual void put(ByteView key, ByteView value) = 0;
  virtual void remove(ByteView key) = 0;
  // Many at once, in the order of their keys: several times cheaper than one by one. Requires: no key twice.
  virtual void write(const std::vector<Write>& writes);
  // What is in the table now, to be read by another thread while the view goes on.
  virtual std::shared_ptr<const TableReader> snapshot() const = 0;
};

// The smallest key that is greater than every key that begins with `prefix`; empty when there is none.
std::string after_prefix(ByteView prefix);

}  // namespace salus::view
