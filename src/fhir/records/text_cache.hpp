// Texts of versions that were read lately. A version never changes, so nothing here can be wrong: what was not asked
// for longest makes room.
//
// Arithmetic: reading a text from the log, unpacking and filling it costs about 10 µs, finding it here a tenth of that.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "log/run.hpp"

namespace salus::fhir {

// Threads: any.
class TextCache {
 public:
  static constexpr std::size_t text_bytes_max = 64 << 10;  // longer ones are not kept

  explicit TextCache(std::size_t bytes_max) : shard_bytes_max_(bytes_max / shard_count) {}

  // Which text: the entry that made the version, and where in the entry its body lies.
  struct Key {
    log::Offset version{};
    std::uint64_t body_at = 0;
    bool operator==(const Key&) const = default;
  };
  std::optional<std::string> find(const Key& key);
  void put(const Key& key, const std::string& text);

 private:
  static constexpr std::size_t shard_count = 8;    // of which threads seldom want the same
  static constexpr std::size_t entry_bytes = 160;  // beside the text

  struct Entry {
    Key key;
    std::shared_ptr<const std::string> text;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return (log::number(key.version) * 0x9E3779B97F4A7C15U) ^ (key.body_at * 0xC2B2AE3D27D4EB4FU);
    }
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> entries;  // the one asked for last at the front
    std::unordered_map<Key, std::list<Entry>::iterator, Hash> places;
    std::size_t bytes = 0;
  };
  Shard& shard_of(const Key& key) { return shards_[(Hash{}(key) >> 59) % shard_count]; }

  const std::size_t shard_bytes_max_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace salus::fhir
