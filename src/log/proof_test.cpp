#include "log/proof.hpp"

#include <gtest/gtest.h>

#include <future>

#include "log/kinds.hpp"
#include "log/local_log.hpp"
#include "log/simulated_disk.hpp"

namespace salus::log {
namespace {

class ProofTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LocalLogOptions options;
    options.store = {.partition = "records", .segment_bytes = 16 << 10, .first_segment_bytes = 16 << 10};
    options.gather_max = milliseconds{0};
    log_ = std::move(*LocalLog::open(disk_, clock_, options));
    for (int i = 0; i < 60; ++i) {
      std::promise<Offset> done;
      log_->append({kind::user_put, 1, std::string(1000, static_cast<char>('a' + i % 26)), 0},
                   [&](Result<Position> position) { done.set_value(position->offset); });
      offsets_.push_back(done.get_future().get());
    }
  }
  Proof proof_of(Offset entry, Piece piece = Piece::first, std::size_t links_max = 4096) {
    auto proof =
        make_proof(log_->bodies(), "records", entry, log_->durable_end().offset, piece, {.links_max = links_max});
    EXPECT_TRUE(proof) << proof.error().message;
    return std::move(*proof);
  }

  SimulatedDisk disk_{1};
  ManualClock clock_{parse_iso("2026-03-01T08:00:00Z").value()};
  std::unique_ptr<LocalLog> log_;
  std::vector<Offset> offsets_;
};

TEST_F(ProofTest, EveryEntryIsLinkedToTheHead) {
  const Sha256 head = check(proof_of(offsets_.back()))->hash;
  for (const Offset entry : offsets_) {
    const Proof proof = proof_of(entry);
    EXPECT_TRUE(proof.complete);
    const auto proven = check(proof);
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->kind, kind::user_put);
    EXPECT_EQ(proven->end, log_->durable_end().offset);
    EXPECT_EQ(proven->hash, head);
    EXPECT_EQ(proven->time, clock_.now());
  }
}

TEST_F(ProofTest, ALongOneComesInPieces) {
  const auto whole = check(proof_of(offsets_[2]));
  ASSERT_TRUE(whole);
  Proof piece = proof_of(offsets_[2], Piece::first, 7);
  auto proven = check(piece);
  int pieces = 1;
  while (!piece.complete) {
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_LE(piece.links.size(), 7U);
    EXPECT_NE(proven->hash, whole->hash);
    const Sha256 previous = proven->hash;
    piece = proof_of(proven->end, Piece::later, 7);
    EXPECT_FALSE(check(piece, Sha256{})) << "it follows another";
    EXPECT_FALSE(check(piece)) << "it is no beginning";
    proven = check(piece, previous);
    ++pieces;
  }
  ASSERT_TRUE(proven) << proven.error().message;
  EXPECT_EQ(proven->hash, whole->hash);
  EXPECT_GE(pieces, 8);
}

TEST_F(ProofTest, AnyChangedByteIsFound) {
  const Proof proof = proof_of(offsets_[55]);
  const Sha256 head = check(proof)->hash;
  const auto is_refused = [&](const Proof& changed) {
    const auto proven = check(changed);
    return !proven || proven->hash != head;
  };
  for (std::size_t i = 0; i < proof.links.size(); ++i)
    for (std::size_t at = 0; at < proof.links[i].size(); ++at) {
      Proof changed = proof;
      changed.links[i][at] = static_cast<char>(changed.links[i][at] ^ 1);
      EXPECT_TRUE(is_refused(changed)) << i << ' ' << at;
    }
  for (std::size_t at = 0; at < proof.body->size(); ++at) {
    Proof changed = proof;
    (*changed.body)[at] = static_cast<char>((*changed.body)[at] ^ 1);
    EXPECT_TRUE(is_refused(changed)) << at;
  }
  Proof changed = proof;
  changed.entry = offsets_[54];
  EXPECT_TRUE(is_refused(changed));
  changed = proof;
  changed.links.erase(changed.links.begin() + 2);
  EXPECT_TRUE(is_refused(changed));
  changed = proof;
  changed.links.pop_back();
  EXPECT_TRUE(is_refused(changed));
}

TEST_F(ProofTest, IsTheSameThroughJson) {
  const Proof proof = proof_of(offsets_[40]);
  const auto read = proof_of_json(*parse_json(json_text(to_json(proof))));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->links, proof.links);
  EXPECT_EQ(read->body, proof.body);
  EXPECT_EQ(read->entry, proof.entry);
  for (const char* wrong :
       {"[]", "{}", R"({"format":"salus-proof","version":2})", R"({"format":"salus-proof","version":1,"links":[1]})",
        R"({"format":"salus-proof","version":1,"links":["?"]})"})
    EXPECT_FALSE(proof_of_json(*parse_json(wrong))) << wrong;
  EXPECT_FALSE(check(
      *proof_of_json(*parse_json(R"({"format":"salus-proof","version":1,"entry":3,"body":"","links":["AAAA"]})"))));
}

}  // namespace
}  // namespace salus::log
