// What the index is made of: a resource's number, and the values by which it is found.
//
// A list is one search parameter's values of one kind ("Observation code, as a token"; "… its display, as text"). A
// posting says that a resource stands in a list under a value. Values are bytes whose order is the order of what they
// mean, and no value of a list is the beginning of another (encoding.hpp), so that a number may follow them in a key.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace salus::fhir::search {

// A (type, id) of the record: given in the order of creation, dense, from 1, below 2^40, never reused. A resource that
// is deleted and made again keeps its number.
enum class ResourceNumber : std::uint64_t { none = 0 };
inline constexpr std::size_t number_bytes = 5;

// What a list of a parameter holds.
enum class Facet : std::uint8_t {
  value = 0,      // what the parameter itself asks for
  text = 1,       // token: display and text, folded, for :text
  typed = 2,      // token: identifiers with their type, for :of-type; reference: identifiers, for :identifier
  end = 3,        // date, number, quantity: by the greater end, only for what is an interval (date: a long one)
  canonical = 4,  // quantity: in base units
  canonical_end = 5,
};

// parameter × 8 + facet. Numbers of one build's definitions: whoever stores them stores a digest of these too.
enum class ListId : std::uint16_t {};
using ParameterNumber = std::uint16_t;

constexpr ListId list_of(ParameterNumber parameter, Facet facet = Facet::value) {
  return static_cast<ListId>(parameter * 8 + static_cast<unsigned>(facet));
}
// By patient, code and time; made of three parameters, and so of none.
inline constexpr ListId timeline_list = static_cast<ListId>(0xFFF8);
// The same of what has no time: by patient and code.
inline constexpr ListId undated_list = static_cast<ListId>(0xFFF9);
// What a resource contains (contained.hpp): of which types; tokens and URIs; and, in its row alone, everything.
inline constexpr ListId contained_list = static_cast<ListId>(0xFFFA);
inline constexpr ListId contained_tokens_list = static_cast<ListId>(0xFFFB);
inline constexpr ListId contained_rows_list = static_cast<ListId>(0xFFFC);

struct Posting {
  ListId list{};
  std::string value;
  auto operator<=>(const Posting&) const = default;
};

}  // namespace salus::fhir::search
