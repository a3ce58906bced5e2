// Any JSON as a tree that can be changed: members keep their order, numbers their digits. FHIR's own rules (no empty
// objects, no arrays within arrays) do not hold here, because a patch may pass through what they forbid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/document/issue.hpp"

namespace salus::fhir::patch {

inline constexpr std::size_t members_max = 1024;  // of one object; members are looked for one by one

struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string text;               // a string without quotes and escapes; a number as it was written; true or false
  std::vector<Json> items;        // an array's values, an object's members
  std::vector<std::string> keys;  // an object's names, one for each item

  Json* find(std::string_view key);
  const Json* find(std::string_view key) const { return const_cast<Json*>(this)->find(key); }
  void set(std::string_view key, Json value);  // in place, or at the end
  bool erase(std::string_view key);            // false when it was not there
};

// Strict RFC 8259 without duplicate members. Errors: invalid (with the byte's line and column), too_large.
Reading<Json> parse_tree(std::string_view text, std::size_t bytes_max, std::uint32_t depth_max);

std::string write_tree(const Json& tree);

// As RFC 6902, 4.6 says: numbers by value, objects in any order.
bool equal(const Json& a, const Json& b);

// Values and bytes of it, and how deep it is (1 for a scalar).
struct Weight {
  std::uint64_t units = 0;
  std::uint32_t depth = 0;
};
Weight weigh(const Json& tree);

// Takes empty objects and arrays away, and what becomes empty by that; not `tree` itself.
void prune(Json& tree);

// Puts the members of `tree` in the order they have in `like`; those that are new stay behind, as they stand.
void order_like(const Json& like, Json& tree);

}  // namespace salus::fhir::patch
