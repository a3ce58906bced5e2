#include "mqtt/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace salus::mqtt {
namespace {

TEST(Frame, RefusesASizeBeforeItArrives) {
  std::size_t used = 0;
  const FrameLimits small{.packet_bytes_max = 4096};
  // Four bytes of a CONNECT that claims 256 MB are enough to say no.
  EXPECT_EQ(next_frame("\x10\xff\xff\xff\x7f", small, used).error().reason, Reason::packet_too_large);
  EXPECT_EQ(next_frame(ByteView{"\x10\xff\xff\xff\xff", 5}, small, used).error().reason, Reason::malformed);
  EXPECT_FALSE(next_frame(ByteView{"\x10\xff\xff\xff", 4}, small, used)->has_value());
}

// Feeds `stream` in pieces of `step` bytes and counts the packets.
std::size_t packets_in(ByteView stream, std::size_t step, std::size_t bytes_max) {
  ReadBuffer buffer{64};
  buffer.allow(bytes_max);
  std::size_t count = 0;
  while (!stream.empty()) {
    const std::span<char> room = buffer.room();
    const std::size_t piece = std::min({step, room.size(), stream.size()});
    EXPECT_GT(piece, 0U);
    if (piece == 0) break;
    std::memcpy(room.data(), stream.data(), piece);
    stream.remove_prefix(piece);
    buffer.filled(piece);
    for (;;) {
      std::size_t used = 0;
      const auto frame = next_frame(buffer.unread(), {.packet_bytes_max = bytes_max}, used);
      EXPECT_TRUE(frame.has_value());
      if (!frame || !*frame) break;
      EXPECT_EQ((*frame)->body.find_first_not_of('p', 3), ByteView::npos);
      buffer.consume(used);
      ++count;
    }
    EXPECT_LE(buffer.capacity(), bytes_max);
  }
  EXPECT_TRUE(buffer.unread().empty());
  return count;
}

TEST(ReadBuffer, GivesTheSamePacketsHoweverTheyArrive) {
  std::string stream;
  for (std::size_t size : {0, 1, 50, 60, 61, 62, 63, 100, 1000, 4000, 3, 5000, 0})
    encode(stream, Publish{.topic = "t", .payload = std::string(size, 'p'), .properties = {}}, Version::v311);
  for (const std::size_t step : {1, 2, 7, 63, 64, 65, 1000, 100'000})
    EXPECT_EQ(packets_in(stream, step, 8192), 13U) << step;
}

TEST(ReadBuffer, GrowsWithBytesAndNotWithClaims) {
  ReadBuffer buffer{4096};
  std::memcpy(buffer.room().data(), "\x30\xff\xff\x7f", 4);
  buffer.filled(4);
  EXPECT_EQ(buffer.capacity(), 4096U);
  EXPECT_EQ(buffer.room().size(), 4092U);
}

TEST(ReadBuffer, ShrinksWhenItStaysNearlyEmpty) {
  ReadBuffer buffer{4096};
  buffer.allow(1 << 20);
  for (int i = 0; i < 2; ++i) buffer.filled(buffer.room().size());
  buffer.consume(buffer.unread().size());
  const std::size_t large = buffer.capacity();
  EXPECT_GT(large, 4096U);
  for (int i = 0; i < 2000; ++i) {
    buffer.room();
    buffer.filled(10);
    buffer.consume(10);
  }
  EXPECT_EQ(buffer.capacity(), 4096U);
}

}  // namespace
}  // namespace salus::mqtt
