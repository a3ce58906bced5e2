#include "view/database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <map>

#include "base/assert.hpp"

namespace salus::view {
namespace {

constexpr const char* kLeavingSuffix = ".leaving";  // of a directory that destroy() is removing

rocksdb::Slice slice(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}
ByteView view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

Error to_error(const rocksdb::Status& status, std::string_view doing) {
  const ErrorCode code = status.IsCorruption() ? ErrorCode::damaged : ErrorCode::unavailable;
  return {code, fmt::format("{}: {}.", doing, status.ToString())};
}

using Visit = std::function<bool(ByteView, ByteView)>;

// Reads through a snapshot, or the present when there is none.
class Reading {
 public:
  Reading(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family, const rocksdb::Snapshot* snapshot)
      : db_(db), family_(family) {
    options_.snapshot = snapshot;
  }

  std::optional<std::string> get(ByteView key) const {
    std::string value;
    const rocksdb::Status status = db_.Get(options_, &family_, slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    SALUS_ASSERT(status.ok());  // a checksum of RocksDB failed: better no answer than a wrong one
    return value;
  }

  void scan(ByteView from, ByteView to, const Visit& visit) const {
    const std::unique_ptr<rocksdb::Iterator> at{db_.NewIterator(options_, &family_)};
    for (at->Seek(slice(from)); at->Valid(); at->Next()) {
      if (!to.empty() && view(at->key()) >= to) break;
      if (!visit(view(at->key()), view(at->value()))) break;
    }
    SALUS_ASSERT(at->status().ok());
  }

  void scan_back(ByteView from, ByteView to, const Visit& visit) const {
    const std::unique_ptr<rocksdb::Iterator> at{db_.NewIterator(options_, &family_)};
    if (to.empty()) {
      at->SeekToLast();
    } else {
      at->SeekForPrev(slice(to));
      if (at->Valid() && view(at->key()) == to) at->Prev();
    }
    for (; at->Valid(); at->Prev()) {
      if (view(at->key()) < from) break;
      if (!visit(view(at->key()), view(at->value()))) break;
    }
    SALUS_ASSERT(at->status().ok());
  }

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle& family_;
  rocksdb::ReadOptions options_;
};

class RocksSnapshot final : public TableReader {
 public:
  RocksSnapshot(std::shared_ptr<rocksdb::DB> db, rocksdb::ColumnFamilyHandle& family)
      : db_(std::move(db)), snapshot_(db_->GetSnapshot()), reading_(*db_, family, snapshot_) {}
  ~RocksSnapshot() override { db_->ReleaseSnapshot(snapshot_); }
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;
  std::optional<std::string> get(ByteView key) const override { return reading_.get(key); }
  void scan(ByteView from, ByteView to, const Visit& visit) const override { reading_.scan(from, to, visit); }
  void scan_back(ByteView from, ByteView to, const Visit& visit) const override { reading_.scan_back(from, to, visit); }

 private:
  std::shared_ptr<rocksdb::DB> db_;
  const rocksdb::Snapshot* snapshot_;
  Reading reading_;
};

class RocksTable final : public Table {
 public:
  RocksTable(std::shared_ptr<rocksdb::DB> db, rocksdb::ColumnFamilyHandle& family)
      : db_(std::move(db)), family_(family), reading_(*db_, family, nullptr) {
    writing_.disableWAL = true;
  }
  std::optional<std::string> get(ByteView key) const override { return reading_.get(key); }
  void scan(ByteView from, ByteView to, const Visit& visit) const override { reading_.scan(from, to, visit); }
  void scan_back(ByteView from, ByteView to, const Visit& visit) const override { reading_.scan_back(from, to, visit); }
  // Writes go to memory alone, so nothing but a programming error can refuse them.
  void put(ByteView key, ByteView value) override {
    SALUS_ASSERT(db_->Put(writing_, &family_, slice(key), slice(value)).ok());
  }
  void remove(ByteView key) override { SALUS_ASSERT(db_->Delete(writing_, &family_, slice(key)).ok()); }
  void write(const std::vector<Write>& writes) override {
    rocksdb::WriteBatch batch;
    for (const Write& write : writes)
      SALUS_ASSERT((write.value ? batch.Put(&family_, slice(write.key), slice(*write.value))
                                : batch.Delete(&family_, slice(write.key)))
                       .ok());
    SALUS_ASSERT(db_->Write(writing_, &batch).ok());
  }
  std::shared_ptr<const TableReader> snapshot() const override { return std::make_shared<RocksSnapshot>(db_, family_); }

 private:
  std::shared_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle& family_;
  rocksdb::WriteOptions writing_;
  Reading reading_;
};

class RocksDatabase final : public Database {
 public:
  RocksDatabase(std::shared_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> families)
      : db_(std::move(db)), families_(std::move(families)) {
    for (rocksdb::ColumnFamilyHandle* family : families_)
      tables_.emplace(family->GetName(), std::make_unique<RocksTable>(db_, *family));
  }
  // Snapshots share `db_` and use family handles: hosts join their readers before the database goes.
  ~RocksDatabase() override {
    tables_.clear();
    for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
  }
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  Table& table(const std::string& name) override { return *tables_.at(name); }

  std::size_t unwritten_bytes() const override {
    std::uint64_t total = 0, one = 0;
    for (rocksdb::ColumnFamilyHandle* family : families_)
      if (db_->GetIntProperty(family, rocksdb::DB::Properties::kCurSizeActiveMemTable, &one)) total += one;
    return total;
  }

  Result<void> checkpoint(bool wait) override {
    rocksdb::FlushOptions options;
    options.wait = wait;
    options.allow_write_stall = true;
    const rocksdb::Status status = db_->Flush(options, families_);
    if (!status.ok()) return fail(to_error(status, "Cannot write a checkpoint"));
    return {};
  }

 private:
  std::shared_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::map<std::string, std::unique_ptr<RocksTable>> tables_;
};

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache, Packing packing) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = std::size_t{1} << 30;  // never full: checkpoint() alone decides when to write
  options.arena_block_size = 256 << 10;
  options.max_write_buffer_number = 4;
  options.compression = rocksdb::kLZ4Compression;  // halves an index; passes over chunks, which are packed already
  rocksdb::BlockBasedTableOptions table;
  if (packing == Packing::dense) {
    options.compression = rocksdb::kZSTD;
    options.compression_opts.level = 1;
    table.block_size = 16 << 10;
  }
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

Result<void> Database::verify(const std::string& directory) {
  rocksdb::DBOptions options;
  options.info_log_level = rocksdb::FATAL_LEVEL;
  std::vector<std::string> names;
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, directory, &names);
  if (!status.ok()) return fail(to_error(status, fmt::format("Cannot open '{}'", directory)));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* raw = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, directory, descriptors, &families, &raw);
  if (!status.ok()) return fail(to_error(status, fmt::format("Cannot open '{}'", directory)));
  const std::unique_ptr<rocksdb::DB> db{raw};
  status = db->VerifyChecksum();
  for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
  if (!status.ok()) return fail(to_error(status, fmt::format("A block in '{}' is not what was written", directory)));
  return {};
}

Result<void> Database::destroy(const std::string& directory) {
  const std::string leaving = directory + kLeavingSuffix;
  std::error_code ec;
  std::filesystem::remove_all(leaving, ec);
  if (!ec) std::filesystem::rename(directory, leaving, ec);
  if (!ec) std::filesystem::remove_all(leaving, ec);
  if (ec) return fail(ErrorCode::unavailable, "Cannot remove '{}': {}.", directory, ec.message());
  return {};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& directory, const std::vector<std::string>& tables,
                                                 DatabaseOptions options) {
  std::error_code ec;
  std::filesystem::remove_all(directory + kLeavingSuffix, ec);
  std::filesystem::create_directories(directory, ec);
  if (ec) return fail(ErrorCode::unavailable, "Cannot create '{}': {}.", directory, ec.message());
  rocksdb::DBOptions db_options;
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  db_options.atomic_flush = true;
  db_options.avoid_flush_during_shutdown = true;
  db_options.max_background_jobs = 2;
  db_options.max_open_files = 256;
  db_options.keep_log_file_num = 2;
  db_options.info_log_level = rocksdb::WARN_LEVEL;
  db_options.paranoid_checks = true;
  db_options.bytes_per_sync = 512 << 10;  // a checkpoint reaches the disk bit by bit: the log's syncs pass between
  db_options.strict_bytes_per_sync = true;
  // Nobody waits for a checkpoint: those who do wait, for an acknowledgement or an alarm, go first.
  for (const auto pool : {rocksdb::Env::Priority::HIGH, rocksdb::Env::Priority::LOW})
    db_options.env->LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kLow).PermitUncheckedError();

  const auto cache = rocksdb::NewLRUCache(options.cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{
      {rocksdb::kDefaultColumnFamilyName, family_options(cache, options.packing)}};
  std::vector<std::string> names;
  rocksdb::DB::ListColumnFamilies(db_options, directory, &names).PermitUncheckedError();  // none yet on first start
  for (const std::string& name : tables) {
    descriptors.emplace_back(name, family_options(cache, options.packing));
    std::erase(names, name);
  }
  // Tables of views that this build does not know stay untouched, but must be named to open.
  for (const std::string& name : names)
    if (name != rocksdb::kDefaultColumnFamilyName)
      descriptors.emplace_back(name, family_options(cache, options.packing));

  rocksdb::DB* raw = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  const rocksdb::Status status = rocksdb::DB::Open(db_options, directory, descriptors, &families, &raw);
  if (!status.ok()) return fail(to_error(status, fmt::format("Cannot open the views in '{}'", directory)));
  return std::make_unique<RocksDatabase>(std::shared_ptr<rocksdb::DB>(raw), std::move(families));
}

}  // namespace salus::view
