#include "fhir/records/change_set.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "base/digest.hpp"
#include "fhir/records/compression.hpp"
#include "fhir/records/frame.hpp"
#include "log/kinds.hpp"

namespace salus::fhir {
namespace {

Body body_of(std::size_t i, std::size_t padding = 0) {
  return {
      .text = R"({"resourceType":"Basic",})" + std::to_string(i) + std::string(padding, 'x'),
      .gaps = {{24, GapKind::id, 0}, {24, GapKind::meta, 0}, {24, GapKind::reference, static_cast<std::uint32_t>(i)}}};
}

void expect_same(const Body& body, const Body& wanted) {
  EXPECT_EQ(body.text, wanted.text);
  ASSERT_EQ(body.gaps.size(), wanted.gaps.size());
  for (std::size_t i = 0; i < body.gaps.size(); ++i) {
    EXPECT_EQ(body.gaps[i].at, wanted.gaps[i].at);
    EXPECT_EQ(body.gaps[i].kind, wanted.gaps[i].kind);
    EXPECT_EQ(body.gaps[i].target, wanted.gaps[i].target);
  }
}

TEST(ChangeSet, EveryBodyIsFoundInItsFrame) {
  ChangeSet set{.by = "nurse", .targets = {{.type = "Patient", .query = "identifier=1"}}, .changes = {}};
  for (std::size_t i = 0; i < 200; ++i) {
    Change change{.operation = i % 7 == 3 ? Operation::remove : Operation::update, .type = "Basic"};
    change.id = "b" + std::to_string(i);
    // From some bytes to several frames' worth.
    if (change.operation == Operation::update) change.body = body_of(i, i % 50 == 0 ? 100'000 : i * 13);
    set.changes.push_back(std::move(change));
  }
  const std::string bytes = encode(set);
  const auto stored = decode_change_set(log::kind::record_changed, bytes);
  ASSERT_TRUE(stored) << stored.error().message;
  ASSERT_EQ(stored->changes.size(), set.changes.size());
  FrameReader reader;
  std::set<std::uint64_t> frames;
  for (std::size_t i = 0; i < set.changes.size(); ++i) {
    const StoredChange& change = stored->changes[i];
    EXPECT_EQ(change.id, set.changes[i].id);
    EXPECT_EQ(change.frame.empty(), !set.changes[i].body);
    if (!set.changes[i].body) continue;
    frames.insert(change.frame_at);
    EXPECT_EQ(ByteView(bytes).substr(change.frame_at, change.frame.size()), change.frame);
    const auto body = reader.read(change.frame, change.frame_at, change.body_index);
    ASSERT_TRUE(body) << body.error().message;
    expect_same(*body, *set.changes[i].body);
  }
  EXPECT_GT(frames.size(), 5U);
  EXPECT_LT(frames.size(), 40U);
}

TEST(ChangeSet, ADamagedOneIsRefused) {
  ChangeSet set{.by = "nurse", .changes = {}};
  for (std::size_t i = 0; i < 3; ++i) set.changes.push_back({.type = "Basic", .id = "b", .body = body_of(i)});
  const std::string whole = encode(set);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_change_set(log::kind::record_changed, ByteView(whole).substr(0, size))) << size;
  const auto stored = decode_change_set(log::kind::record_changed, whole);
  ASSERT_TRUE(stored);
  const StoredChange& change = stored->changes[2];
  for (std::size_t at = 0; at < change.frame.size(); ++at) {
    std::string frame{change.frame};
    frame[at] = static_cast<char>(frame[at] ^ 1);
    EXPECT_FALSE(FrameReader{}.read(frame, 0, change.body_index)) << at;
  }
  EXPECT_FALSE(FrameReader{}.read(change.frame, 0, 4));  // there are three
}

// As logs have it that were written before there were frames.
TEST(ChangeSet, BodiesThatLieAloneAreRead) {
  const std::string text = R"({"resourceType":"Basic",})";
  std::string plain;
  Writer out{plain};
  out.put_varint(1);
  out.put_varint(24);
  out.put(GapKind::id);
  out.put_bytes(text);
  std::string packed(4, '\0');
  Writer{packed}.put_varint(plain.size());
  compress(plain, packed);
  const std::uint32_t checksum = crc32c(ByteView(packed).substr(4));
  std::memcpy(packed.data(), &checksum, 4);
  std::string bytes;
  Writer entry{bytes};
  entry.put(std::uint8_t{1});
  entry.put_string("nurse");
  entry.put_varint(0);
  entry.put_varint(1);
  entry.put(Operation::update);
  entry.put(std::uint8_t{0});
  entry.put_string("Basic");
  entry.put_string("b1");
  entry.put_string(packed);
  const auto stored = decode_change_set(log::kind::resources_changed, bytes);
  ASSERT_TRUE(stored) << stored.error().message;
  const StoredChange& change = stored->changes.front();
  const auto body = FrameReader{}.read(change.frame, change.frame_at, change.body_index);
  ASSERT_TRUE(body) << body.error().message;
  expect_same(*body, {.text = text, .gaps = {{24, GapKind::id, 0}}});
}

}  // namespace
}  // namespace salus::fhir
