// A block: which of 4,096 consecutive resource numbers stand in a list under a value.
//
// As bytes: varint newest, then either 512 bytes, a bit for each place, or, where that is shorter, the places as
// varints of their distances (the first place; then place - previous - 1), one or two bytes each.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "fhir/search/posting.hpp"
#include "log/run.hpp"

namespace salus::fhir::search {

class Block {
 public:
  static constexpr unsigned bits = 12, places = 1U << bits;

  static std::uint64_t chunk_of(ResourceNumber number) { return static_cast<std::uint64_t>(number) >> bits; }
  static unsigned place_of(ResourceNumber number) { return static_cast<std::uint64_t>(number) & (places - 1); }

  Block() = default;
  // Requires: what encode() gave. Bytes that are not are read as far as they make sense.
  explicit Block(ByteView bytes);
  std::string encode() const;

  // No posting that was ever set here began later than that.
  log::Offset newest() const { return newest_; }
  void set(unsigned place, log::Offset from);
  void clear(unsigned place) { words_[place / 64] &= ~(std::uint64_t{1} << place % 64); }
  bool empty() const;
  unsigned count() const;

  // Places in [from, to), ascending or descending, until `visit` returns false. Returns whether it never did.
  template <class Visit>
  bool each(unsigned from, unsigned to, bool back, const Visit& visit) const {
    for (unsigned i = 0; i < words_.size(); ++i) {
      const unsigned at = back ? static_cast<unsigned>(words_.size()) - 1 - i : i;
      std::uint64_t word = words_[at];
      while (word != 0) {
        const auto bit = static_cast<unsigned>(back ? 63 - std::countl_zero(word) : std::countr_zero(word));
        word &= ~(std::uint64_t{1} << bit);
        const unsigned place = at * 64 + bit;
        if (place >= from && place < to && !visit(place)) return false;
      }
    }
    return true;
  }

 private:
  std::array<std::uint64_t, places / 64> words_{};
  log::Offset newest_{};
};

}  // namespace salus::fhir::search
