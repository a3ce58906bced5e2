// What was made or read lately and may be wanted again: what was not asked for longest makes room. For what never
// becomes wrong; nothing here is ever taken back.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace salus {

// `Value` is cheap to copy (a shared_ptr, a few words); `Hash` spreads over all bits. Threads: any.
template <class Key, class Value, class Hash = std::hash<Key>>
class LruCache {
 public:
  static constexpr std::size_t entry_bytes = 160;  // of an entry beside what its value holds

  explicit LruCache(std::size_t bytes_max) : shard_bytes_max_(bytes_max / shard_count) {}

  std::optional<Value> find(const Key& key) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock{shard.mutex};
    const auto place = shard.places.find(key);
    if (place == shard.places.end()) return std::nullopt;
    shard.entries.splice(shard.entries.begin(), shard.entries, place->second);
    return place->second->value;
  }

  // In the place of what is known by this key. `bytes` is what the value holds; what is larger than an eighth of the
  // cache is not kept.
  void put(const Key& key, Value value, std::size_t bytes) {
    bytes += entry_bytes;
    if (bytes > shard_bytes_max_) return;
    Shard& shard = shard_of(key);
    const std::lock_guard lock{shard.mutex};
    if (const auto place = shard.places.find(key); place != shard.places.end()) {
      shard.bytes -= place->second->bytes;
      shard.entries.erase(place->second);
      shard.places.erase(place);
    }
    shard.bytes += bytes;
    shard.entries.push_front({key, std::move(value), bytes});
    shard.places.emplace(key, shard.entries.begin());
    while (shard.bytes > shard_bytes_max_) {
      shard.bytes -= shard.entries.back().bytes;
      shard.places.erase(shard.entries.back().key);
      shard.entries.pop_back();
    }
  }

 private:
  static constexpr std::size_t shard_count = 8;  // of which threads seldom want the same

  struct Entry {
    Key key;
    Value value;
    std::size_t bytes;
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> entries;  // the one asked for last at the front
    std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> places;
    std::size_t bytes = 0;
  };
  Shard& shard_of(const Key& key) { return shards_[Hash{}(key) * 0x9E3779B97F4A7C15U >> 61]; }

  const std::size_t shard_bytes_max_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace salus
