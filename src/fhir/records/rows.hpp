// How versions lie in the view's table. Integers in keys are big-endian, so that their order is the keys'.
//
//   'i' type id             -> newest version, number       every resource that ever was
//   'n' type chunk          -> a block (search/block.hpp)   the same, in the order of creation
//   'v' number ~version     -> Version                      newest first
//   't' type version        -> numbers, ascending           history of a type
//   'a' time version        -> ""                           when each change set came
//   'c'                     -> the numbers given so far
//   's' …                      the search index (search/)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/records/change_set.hpp"
#include "fhir/search/posting.hpp"
#include "log/run.hpp"
#include "view/table.hpp"

namespace salus::fhir {

using search::ResourceNumber;

// A place in a history, which goes from the newest version to the oldest; versions of one transaction by number.
struct HistoryPlace {
  log::Offset version{};
  ResourceNumber number{};
  auto operator<=>(const HistoryPlace&) const = default;
};

struct Version {
  ResourceNumber number{};
  log::Offset version{};  // the entry that made it
  Operation operation = Operation::create;
  TypeId type = TypeId::none;
  std::string id;
  Time updated{};
  std::uint64_t body_at = 0, body_bytes = 0;  // of its frame in the entry's body; none when it was removed
  std::uint32_t body_index = 0;               // in the frame (frame.hpp)
  std::vector<std::string> references;        // what fills the body's gaps, in order

  bool is_removed() const { return operation == Operation::remove; }
};

namespace rows {

inline constexpr char counter_key[] = "c";
inline constexpr char index_prefix[] = "s";

std::string id_key(TypeId type, std::string_view id);
std::string number_key(TypeId type, ResourceNumber number);
// What number_key's prefix of a type is followed by: the first number of the chunk.
std::uint64_t first_of_number_key(ByteView key);
std::string type_prefix(TypeId type);  // of number_key
std::string version_key(ResourceNumber number, log::Offset version);
std::string versions_end(ResourceNumber number);
std::string history_key(TypeId type, log::Offset version);
log::Offset version_of_history_key(ByteView key);
std::string encode_numbers(std::span<const ResourceNumber> numbers);
std::vector<ResourceNumber> decode_numbers(ByteView bytes);

std::string time_key(Time time, log::Offset version);
log::Offset version_of_time_key(ByteView key);

std::string encode_place(HistoryPlace place);
HistoryPlace decode_place(ByteView bytes);     // of the last 13 bytes
ResourceNumber decode_number(ByteView bytes);  // of the last 5 bytes
std::string encode(const Version& version);
// Number and version come from the key. Requires: what encode() gave.
Version decode(ByteView key, ByteView value);
}  // namespace rows
}  // namespace salus::fhir
