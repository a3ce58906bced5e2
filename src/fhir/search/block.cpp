#include "fhir/search/block.hpp"

#include <algorithm>

namespace salus::fhir::search {
namespace {

constexpr std::size_t bitmap_bytes = Block::places / 8;

}  // namespace

Block::Block(ByteView bytes) {
  Reader reader{bytes};
  newest_ = log::Offset{reader.get_varint()};
  const ByteView rest = reader.rest();
  if (rest.size() == bitmap_bytes) {
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (std::size_t byte = 0; byte < 8; ++byte)
        words_[i] |= std::uint64_t{static_cast<unsigned char>(rest[i * 8 + byte])} << 8 * byte;
    return;
  }
  for (std::uint64_t place = 0; !reader.at_end() && !reader.failed(); ++place) {
    place += reader.get_varint();
    if (place >= places || reader.failed()) return;
    words_[place / 64] |= std::uint64_t{1} << place % 64;
  }
}

std::string Block::encode() const {
  std::string out;
  Writer writer{out};
  writer.put_varint(log::number(newest_));
  const std::size_t head = out.size();
  unsigned following = 0;
  const bool short_enough = each(0, places, false, [&](unsigned place) {
    writer.put_varint(place - following);
    following = place + 1;
    return out.size() - head < bitmap_bytes;
  });
  if (short_enough) return out;
  out.resize(head);
  for (const std::uint64_t word : words_)
    for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(word >> shift));
  return out;
}

void Block::set(unsigned place, log::Offset from) {
  words_[place / 64] |= std::uint64_t{1} << place % 64;
  newest_ = std::max(newest_, from);
}

bool Block::empty() const {
  return std::ranges::all_of(words_, [](std::uint64_t word) { return word == 0; });
}

unsigned Block::count() const {
  unsigned count = 0;
  for (const std::uint64_t word : words_) count += static_cast<unsigned>(std::popcount(word));
  return count;
}

}  // namespace salus::fhir::search
