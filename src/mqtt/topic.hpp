// Topic names and topic filters (4.7), one set of rules for both versions. Names and filters are compared as bytes.
#pragma once

#include "base/bytes.hpp"

namespace salus::mqtt {

// Deeper filters are refused, which bounds the tree that holds them.
inline constexpr std::size_t filter_levels_max = 64;

// Cuts `rest` at its first '/': returns the level before it, and leaves what is behind it. `more` says whether there
// was a '/', so that "a/" has two levels and "a" one.
inline ByteView take_level(ByteView& rest, bool& more) {
  const std::size_t slash = rest.find('/');
  more = slash != ByteView::npos;
  const ByteView level = rest.substr(0, slash);
  rest = more ? rest.substr(slash + 1) : ByteView{};
  return level;
}

// At least one character, no wildcard (MQTT-4.7.1-1, MQTT-4.7.3-1). Text rules are checked where bytes are decoded.
bool is_topic_name(ByteView topic);

// '+' and '#' stand alone in their level, '#' only last (MQTT-4.7.1-2, -3); at most filter_levels_max levels.
bool is_topic_filter(ByteView filter);

// "$share/group/filter" of 5.0 (4.8.2).
bool is_shared(ByteView filter);

// Whether `filter` selects `topic`. A wildcard in the first level never selects a topic that begins with '$'
// (MQTT-4.7.2-1); "a/#" selects "a" too (4.7.1.2). Requires both valid.
bool matches(ByteView filter, ByteView topic);

// Whether every topic that `narrow` selects is selected by `wide`: then who may have `wide` may have `narrow`.
// Requires both valid filters.
bool covers(ByteView wide, ByteView narrow);

}  // namespace salus::mqtt
