#include "view/gathering.hpp"

#include <algorithm>

namespace salus::view {

std::optional<std::string> Gathering::get(ByteView key) const {
  const auto found = gathered_.find(key);
  return found == gathered_.end() ? below_.get(key) : found->second;
}

void Gathering::scan(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const {
  flush();
  below_.scan(from, to, visit);
}

void Gathering::scan_back(ByteView from, ByteView to, const std::function<bool(ByteView, ByteView)>& visit) const {
  flush();
  below_.scan_back(from, to, visit);
}

std::shared_ptr<const TableReader> Gathering::snapshot() const {
  flush();
  return below_.snapshot();
}

void Gathering::set(ByteView key, std::optional<std::string> value) {
  bytes_ += key.size() + (value ? value->size() : 0);
  if (const auto found = gathered_.find(key); found != gathered_.end())
    found->second = std::move(value);
  else
    gathered_.emplace(std::string(key), std::move(value));
  if (bytes_ > bytes_max_) flush();
}

void Gathering::flush() const {
  if (gathered_.empty()) return;
  std::vector<Write> writes;
  writes.reserve(gathered_.size());
  for (auto& [key, value] : gathered_) writes.push_back({key, std::move(value)});
  gathered_.clear();
  bytes_ = 0;
  std::ranges::sort(writes, {}, &Write::key);
  below_.write(writes);
}

}  // namespace salus::view
