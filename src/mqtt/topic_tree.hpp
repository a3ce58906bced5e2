// Which values stand under the filters that select a topic: a tree by topic level. Finding them takes time for the
// topic's levels and the nodes that match, not for the number of filters; no node is visited twice.
//
// Key tells values of one filter apart (a subscriber); Value is what is kept (its options).
// Threads: one at a time, or many that only match().
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/topic.hpp"

namespace salus::mqtt {

template <class Key, class Value>
class TopicTree {
 public:
  // Puts `value` for `key` under `filter`; false when one was there and has been replaced. Requires a valid filter.
  bool put(ByteView filter, const Key& key, Value value) {
    Node* node = &root_;
    for (bool more = true; more;) {
      const ByteView level = take_level(filter, more);
      auto found = node->children.find(level);
      if (found == node->children.end())
        found = node->children.emplace(std::string(level), std::make_unique<Node>()).first;
      node = found->second.get();
    }
    for (auto& [held, kept] : node->values) {
      if (held != key) continue;
      kept = std::move(value);
      return false;
    }
    node->values.emplace_back(key, std::move(value));
    ++size_;
    return true;
  }

  // Takes the value of `key` under `filter` out, and the nodes that are empty then; false when there was none.
  bool remove(ByteView filter, const Key& key) {
    const bool removed = remove_below(root_, filter, true, key);
    if (removed) --size_;
    return removed;
  }

  // Calls `visit(key, value)` for every value whose filter selects `topic`; a key that stands under several filters is
  // visited for each.
  template <class Visit>
  void match(ByteView topic, Visit&& visit) const {
    match_below(root_, topic, true, topic.starts_with('$'), visit);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    std::vector<std::pair<Key, Value>> values;
  };

  static bool remove_below(Node& node, ByteView rest, bool more, const Key& key) {
    if (!more) return std::erase_if(node.values, [&](const auto& pair) { return pair.first == key; }) > 0;
    bool more_below = false;
    const ByteView level = take_level(rest, more_below);
    const auto found = node.children.find(level);
    if (found == node.children.end()) return false;
    const bool removed = remove_below(*found->second, rest, more_below, key);
    if (found->second->children.empty() && found->second->values.empty()) node.children.erase(found);
    return removed;
  }

  // `plain_only`: in the first level of a topic that begins with '$', where wildcards select nothing.
  template <class Visit>
  static void match_below(const Node& node, ByteView rest, bool more, bool plain_only, Visit& visit) {
    if (!plain_only) visit_child(node, "#", visit);
    if (!more) {
      for (const auto& [key, value] : node.values) visit(key, value);
      return;
    }
    bool more_below = false;
    const ByteView level = take_level(rest, more_below);
    const auto exact = node.children.find(level);
    if (exact != node.children.end()) match_below(*exact->second, rest, more_below, false, visit);
    if (plain_only) return;
    const auto any = node.children.find(ByteView{"+"});
    if (any != node.children.end()) match_below(*any->second, rest, more_below, false, visit);
  }

  template <class Visit>
  static void visit_child(const Node& node, ByteView level, Visit& visit) {
    const auto found = node.children.find(level);
    if (found == node.children.end()) return;
    for (const auto& [key, value] : found->second->values) visit(key, value);
  }

  Node root_;
  std::size_t size_ = 0;
};

}  // namespace salus::mqtt
