#include "fhir/records/text_cache.hpp"

namespace salus::fhir {

std::optional<std::string> TextCache::find(const Key& key) {
  Shard& shard = shard_of(key);
  std::shared_ptr<const std::string> text;
  {
    const std::lock_guard lock{shard.mutex};
    const auto place = shard.places.find(key);
    if (place == shard.places.end()) return std::nullopt;
    shard.entries.splice(shard.entries.begin(), shard.entries, place->second);
    text = place->second->text;
  }
  return *text;
}

void TextCache::put(const Key& key, const std::string& text) {
  if (text.size() > text_bytes_max || text.size() + entry_bytes > shard_bytes_max_) return;
  auto kept = std::make_shared<const std::string>(text);
  Shard& shard = shard_of(key);
  const std::lock_guard lock{shard.mutex};
  if (shard.places.contains(key)) return;  // another thread read it meanwhile
  shard.bytes += kept->size() + entry_bytes;
  shard.entries.push_front({key, std::move(kept)});
  shard.places.emplace(key, shard.entries.begin());
  while (shard.bytes > shard_bytes_max_) {
    const Entry& last = shard.entries.back();
    shard.bytes -= last.text->size() + entry_bytes;
    shard.places.erase(last.key);
    shard.entries.pop_back();
  }
}

}  // namespace salus::fhir
