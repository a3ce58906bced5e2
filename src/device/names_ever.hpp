// Names that were ever used, for who wants to know without asking the apply thread whether a name can mean anything
// here: one that is not among them never did. None is taken away.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace salus::device {

// Threads: any.
class NamesEver {
 public:
  void add(std::string_view name) {
    if (name.empty() || has(name)) return;
    const std::unique_lock lock{mutex_};
    names_.emplace(name);
  }
  bool has(std::string_view name) const {
    const std::shared_lock lock{mutex_};
    return names_.contains(name);
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  mutable std::shared_mutex mutex_;
  std::unordered_set<std::string, Hash, std::equal_to<>> names_;
};

}  // namespace salus::device
