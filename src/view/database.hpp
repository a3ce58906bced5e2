// One partition's tables in one RocksDB. No write-ahead log: what is in memory is derived from the log and lost with a
// crash; what is on disk is exactly the last checkpoint, because nothing is flushed but by checkpoint(), all tables at
// once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "view/table.hpp"

namespace salus::view {

// How tables lie on disk: LZ4 in blocks of 4 KiB, or, where they are large and seldom read whole, zstd in blocks of
// 16 KiB: for an index of text little more than half the bytes, for half again the time of a read from disk.
enum class Packing : unsigned char { quick, dense };

struct DatabaseOptions {
  std::size_t cache_bytes = 32 << 20;
  Packing packing = Packing::quick;
};

// Threads: tables are written by one thread; snapshots are read by any.
class Database {
 public:
  // Creates the directory and missing tables. Errors: damaged, unavailable.
  static Result<std::unique_ptr<Database>> open(const std::string& directory, const std::vector<std::string>& tables,
                                                DatabaseOptions options = {});
  // Removes every table that nobody has open; a crash meanwhile leaves all or none. Errors: unavailable.
  static Result<void> destroy(const std::string& directory);
  // Reads every block of every table that nobody has open and compares its checksum. Errors: damaged, unavailable.
  static Result<void> verify(const std::string& directory);
  virtual ~Database() = default;

  virtual Table& table(const std::string& name) = 0;  // one of those it was opened with
  // Bytes in memory that the next checkpoint will write.
  virtual std::size_t unwritten_bytes() const = 0;
  // Seals what is in memory now and writes it to disk in the background, all tables or none.
  // Errors: unavailable (the disk refuses).
  virtual Result<void> checkpoint(bool wait) = 0;
};

}  // namespace salus::view
