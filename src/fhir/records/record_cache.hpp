// What was read of the record lately. A version never changes, and what was the newest one before some entry always
// will have been: so nothing here can be wrong.
//
// Arithmetic: reading a text from the log, unpacking its frame and filling it costs about 30 µs, seeking a newest
// version 5; finding them here, half of one.
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

  struct Sizes {
    std::size_t texts = 0, frames = 0, versions = 0;  // bytes
  };
  explicit RecordCache(const Sizes& sizes) : texts_(sizes.texts), frames_(sizes.frames), versions_(sizes.versions) {}

  // The text of a version.
  std::optional<std::string> text(const Version& version) {
    const auto found = texts_.find(text_key(version));
    return found ? std::optional(**found) : std::nullopt;
  }
  void keep_text(const Version& version, const std::string& text) {
    if (text.size() <= text_bytes_max)
      texts_.put(text_key(version), std::make_shared<const std::string>(text), text.size());
  }

  // The frame that the text is in, unpacked: its neighbours are often read next. Null when it is not known.
  std::shared_ptr<const std::string> frame(const Version& version) {
    return frames_.find(frame_key(version)).value_or(nullptr);
  }
  void keep_frame(const Version& version, std::shared_ptr<const std::string> frame) {
    const std::size_t bytes = frame->size();
    if (version.body_index > 0) frames_.put(frame_key(version), std::move(frame), bytes);
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
  struct Key {
    log::Offset version{};
    std::uint64_t body_at = 0;
    std::uint32_t body_index = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return log::number(key.version) * 0x100000001B3U + key.body_at * 0x10001U + key.body_index;
    }
  };
  static Key text_key(const Version& version) { return {version.version, version.body_at, version.body_index}; }
  static Key frame_key(const Version& version) { return {version.version, version.body_at, 0}; }
  struct Newest {
    std::shared_ptr<const Version> version;
    log::Offset end{};  // it was the newest there
  };

  LruCache<Key, std::shared_ptr<const std::string>, KeyHash> texts_, frames_;
  LruCache<ResourceNumber, Newest> versions_;
};

}  // namespace salus::fhir
