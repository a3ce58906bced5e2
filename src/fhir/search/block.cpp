#include "fhir/search/block.hpp"

#include <algorithm>
#include <cstring>

namespace salus::fhir::search {
namespace {

constexpr std::size_t bitmap_bytes = Block::places / 8;

}  // namespace

Block::Block(ByteView bytes) {
  Reader reader{bytes};
  newest_ = log::Offset{reader.get_varint()};
  const ByteView rest = reader.rest();
  if (rest.size() == bitmap_bytes) {
    std::memcpy(words_.data(), rest.data(), bitmap_bytes);
    return;
  }
  unsigned following = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    unsigned distance = byte & 0x7FU;
    if (byte > 0x7F && i + 1 < rest.size())
      distance |= static_cast<unsigned>(static_cast<unsigned char>(rest[++i])) << 7;
    const unsigned place = following + distance;
    if (place >= places) return;
    words_[place / 64] |= std::uint64_t{1} << place % 64;
    following = place + 1;
  }
}

std::string Block::encode() const {
  std::string out;
  Writer writer{out};
  writer.put_varint(log::number(newest_));
  std::array<char, bitmap_bytes + 1> bytes;  // written for every posting: no growing text
  std::size_t size = 0;
  unsigned following = 0;
  const bool is_shorter = each(0, places, false, [&](unsigned place) {
    const unsigned distance = place - following;
    following = place + 1;
    bytes[size++] = static_cast<char>(distance < 0x80 ? distance : (distance & 0x7FU) | 0x80U);
    if (distance >= 0x80) bytes[size++] = static_cast<char>(distance >> 7);
    return size < bitmap_bytes;
  });
  if (is_shorter) return out.append(bytes.data(), size);
  std::memcpy(bytes.data(), words_.data(), bitmap_bytes);
  return out.append(bytes.data(), bitmap_bytes);
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
