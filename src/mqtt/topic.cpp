#include "mqtt/topic.hpp"

namespace salus::mqtt {
namespace {

bool is_wildcard(ByteView level) {
  return level == "+" || level == "#";
}

}  // namespace

bool is_topic_name(ByteView topic) {
  bool has_wildcard = false;
  for (const char c : topic) has_wildcard |= c == '+' || c == '#';
  return !topic.empty() && !has_wildcard;
}

bool is_topic_filter(ByteView filter) {
  if (filter.empty()) return false;
  std::size_t levels = 0;
  for (bool more = true; more;) {
    const ByteView level = take_level(filter, more);
    if (++levels > filter_levels_max) return false;
    if (is_wildcard(level)) {
      if (level == "#" && more) return false;
    } else if (level.find_first_of("+#") != ByteView::npos) {
      return false;
    }
  }
  return true;
}

bool is_shared(ByteView filter) {
  return filter.starts_with("$share/") || filter == "$share";
}

bool matches(ByteView filter, ByteView topic) {
  if (topic.starts_with('$') && !filter.starts_with('$')) {
    bool more = false;
    ByteView rest = filter;
    if (is_wildcard(take_level(rest, more))) return false;
  }
  bool more_filter = true;
  bool more_topic = true;
  while (more_filter && more_topic) {
    const ByteView wanted = take_level(filter, more_filter);
    if (wanted == "#") return true;
    const ByteView level = take_level(topic, more_topic);
    if (wanted != "+" && wanted != level) return false;
  }
  if (!more_topic && !more_filter) return true;
  return !more_topic && filter == "#";  // "a/#" selects "a"
}

bool covers(ByteView wide, ByteView narrow) {
  if (wide == "+/#" && narrow == "#") return true;  // every topic has a first level
  if (narrow.starts_with('$')) {
    bool more = false;
    ByteView rest = wide;
    if (is_wildcard(take_level(rest, more))) return false;
  }
  bool more_wide = true;
  bool more_narrow = true;
  while (more_wide && more_narrow) {
    const ByteView a = take_level(wide, more_wide);
    const ByteView b = take_level(narrow, more_narrow);
    if (a == "#") return true;
    if (b == "#") return false;
    if (a != "+" && a != b) return false;
  }
  if (!more_narrow && !more_wide) return true;
  return !more_narrow && wide == "#";
}

}  // namespace salus::mqtt
