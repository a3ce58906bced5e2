// What was read of the record lately. A version never changes, and what was the newest one before some entry always
// will have been: so nothing here can be wrong.
//
// Arithmetic: reading a text from the log, unpacking and filling it costs about 10 µs, seeking a newest version 5;
// finding them here, half of one.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/lru_cache.hpp"
#include "fhir/records/rows.hpp"

namespace salus::fhir {

// Threads: any.
class RecordCache {
 public:
  static constexpr std::size_t text_bytes_max = 64 << 10;  // longer ones are not kept

  RecordCache(std::size_t texts_bytes_max, std::size_t versions_bytes_max)
      : texts_(texts_bytes_max), versions_(versions_bytes_max) {}

  // The text of a version.
  std::optional<std::string> text(const Version& version) {
    const auto found = texts_.find({version.version, version.body_at});
    return found ? std::optional(**found) : std::nullopt;
  }
  void keep_text(const Version& version, const std::string& text) {
    if (text.size() <= text_bytes_max)
      texts_.put({version.version, version.body_at}, std::make_shared<const std::string>(text), text.size());
  }

  // The newest version that entries before `end` made; nothing when that is not known.
  std::optional<Version> newest(ResourceNumber number, log::Offset end) {
    const auto found = versions_.find(number);
    if (!found || found->end < end || found->version->version >= end) return std::nullopt;
    return *found->version;
  }
  void keep_newest(const Version& version, log::Offset end) {
    versions_.put(version.number, {std::make_shared<const Version>(version), end},
                  sizeof(Version) + version.references.size() * 64);
  }

 private:
  struct TextKey {
    log::Offset version{};
    std::uint64_t body_at = 0;
    bool operator==(const TextKey&) const = default;
  };
  struct TextHash {
    std::size_t operator()(const TextKey& key) const { return log::number(key.version) * 0x100000001B3U + key.body_at; }
  };
  struct Newest {
    std::shared_ptr<const Version> version;
    log::Offset end{};  // it was the newest there
  };

  LruCache<TextKey, std::shared_ptr<const std::string>, TextHash> texts_;
  LruCache<ResourceNumber, Newest> versions_;
};

}  // namespace salus::fhir
