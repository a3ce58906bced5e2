#include "log/segment_store.hpp"

#include <gtest/gtest.h>

#include <random>

#include "log/cursor.hpp"
#include "log/kinds.hpp"
#include "log/simulated_disk.hpp"
#include "log/verify.hpp"

namespace salus::log {
namespace {

StoreOptions small() {
  return {.partition = "test", .segment_bytes = 16 << 10, .first_segment_bytes = 8 << 10};
}

// The writer's side of a partition without threads: what LocalLog's orderer does.
class Partition {
 public:
  explicit Partition(Disk& disk, StoreOptions options = small()) {
    auto opened = SegmentStore::open(disk, std::move(options));
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    const Head& head = store_->head();
    epoch_ = Epoch{number(head.epoch) + 1};
    next_ = head.end;
    previous_ = head.hash;
  }

  SegmentStore& store() { return *store_; }
  Offset next() const { return next_; }

  Result<void> write(const std::vector<std::string>& bodies) {
    std::vector<Draft> drafts;
    for (const std::string& body : bodies) drafts.push_back({kind::tick, 1, body, 0});
    const auto group = make_group({epoch_, next_, {}, store_->head().end, time_from_ns(1), previous_}, drafts);
    auto done = store_->write(*group);
    if (done) {
      next_ = group->end();
      previous_ = group->hash;
    }
    return done;
  }

  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    SegmentCursor cursor{*store_, Offset{}, [this] { return store_->head().end; }};
    while (true) {
      auto group = cursor.next();
      EXPECT_TRUE(group) << group.error().message;
      if (!group || *group == nullptr) return all;
      for (const Run& run : (*group)->runs) all.emplace_back(run.body);
    }
  }

 private:
  std::unique_ptr<SegmentStore> store_;
  Epoch epoch_{};
  Offset next_{};
  Sha256 previous_{};
};

TEST(GroupFormat, RefusesEveryChangedBit) {
  const Draft drafts[] = {{kind::tick, 1, "one", 0}, {kind::device_messages, 20, std::string(100, 'x'), 7}};
  const auto group = make_group({Epoch{1}, Offset{5}, Offset{2}, Offset{5}, time_from_ns(9), {}}, drafts);
  EXPECT_EQ(group->end(), Offset{26});
  const auto back = decode_group(group->bytes, CheckBodies::yes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->group->hash, group->hash);
  EXPECT_EQ(back->group->runs[1].body, drafts[1].body);
  EXPECT_EQ(back->group->runs[1].first, Offset{6});
  for (std::size_t bit = 0; bit < group->bytes.size() * 8; ++bit) {
    std::string bytes = group->bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_group(std::move(bytes), CheckBodies::yes)) << "bit " << bit;
  }
  for (std::size_t length = 0; length < group->bytes.size(); ++length)
    EXPECT_FALSE(decode_group(group->bytes.substr(0, length), CheckBodies::yes)) << length;
}

TEST(SegmentStore, KeepsOrderAcrossSegmentsAndStarts) {
  SimulatedDisk disk{1};
  std::vector<std::string> expected;
  for (int start = 0; start < 4; ++start) {
    Partition partition{disk};
    EXPECT_EQ(partition.bodies(), expected);
    for (int i = 0; i < 30; ++i) {
      expected.push_back(std::string(500 + i, static_cast<char>('a' + start)));
      ASSERT_TRUE(partition.write({expected.back()}));
      ASSERT_TRUE(partition.store().sync());
    }
  }
  Partition last{disk};
  EXPECT_EQ(last.bodies(), expected);
  EXPECT_GT(last.store().segments().size(), 3U);
  const auto verified = verify(disk, "test", nullptr);
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->whole()) << verified->damage.front().what;
  EXPECT_EQ(number(verified->end.offset), expected.size());
}

// What a cursor read ahead, it read before it was written.
TEST(SegmentCursor, FollowsALogThatIsWritten) {
  SimulatedDisk disk{4};
  Partition partition{disk};
  SegmentCursor cursor{partition.store(), Offset{}, [&] { return partition.store().head().end; }};
  for (std::uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(partition.write({std::string(400, 'x')}));
    auto early = cursor.next();
    ASSERT_TRUE(early && *early == nullptr) << i;
    ASSERT_TRUE(partition.store().sync());
    auto group = cursor.next();
    ASSERT_TRUE(group) << group.error().message;
    ASSERT_TRUE(*group != nullptr) << i;
    EXPECT_EQ((*group)->first, Offset{i});
  }
}

// Every byte of a small log, one after the other.
TEST(Verify, FindsEveryChangedByte) {
  SimulatedDisk disk{2};
  {
    Partition partition{disk, {.partition = "test", .segment_bytes = 6 << 10, .first_segment_bytes = 6 << 10}};
    for (int i = 0; i < 12; ++i) {
      ASSERT_TRUE(partition.write({std::string(300, 'x'), "short"}));
      ASSERT_TRUE(partition.store().sync());
    }
    ASSERT_TRUE(partition.store().prepare_spare([] { return false; }) && partition.store().close());
  }
  ASSERT_TRUE(verify(disk, "test", nullptr)->whole());
  std::size_t tried = 0;
  const std::vector<std::string> names = disk.list().value();
  for (const std::string& name : names) {
    const std::size_t size = disk.content(name).size();
    for (std::size_t byte = 0; byte < size; ++byte, ++tried) {
      disk.flip_bit(name, byte, byte % 8);
      const auto verified = verify(disk, "test", nullptr);
      ASSERT_TRUE(verified && !verified->whole()) << name << " byte " << byte;
      disk.flip_bit(name, byte, byte % 8);
    }
  }
  EXPECT_GT(tried, 20'000U);
  EXPECT_TRUE(verify(disk, "test", nullptr)->whole());
}

TEST(SegmentStore, TellsATornTailFromDamage) {
  struct Row {
    const char* what;
    bool damage;
    void (*harm)(SimulatedDisk&);
  };
  const Row rows[] = {
      {"nothing", false, [](SimulatedDisk&) {}},
      {"rubbish behind the end", false,
       [](SimulatedDisk& d) {
         std::string s = d.content(segment_file_name(1));
         s[s.find("last") + 64] = 'x';
         d.set_content(segment_file_name(1), s);
       }},
      {"a bit of the last durable group", true,
       [](SimulatedDisk& d) { d.flip_bit(segment_file_name(1), d.content(segment_file_name(1)).find("last"), 0); }},
      {"the segment is gone", true, [](SimulatedDisk& d) { static_cast<void>(d.remove(segment_file_name(1))); }},
      {"the segment is cut short", true,
       [](SimulatedDisk& d) { d.set_content(segment_file_name(1), d.content(segment_file_name(1)).substr(0, 4200)); }},
      {"an older copy of the segment is put back", true,
       [](SimulatedDisk& d) {
         std::string s = d.content(segment_file_name(1));
         const std::size_t at = s.find("last") - group_header_bytes - run_header_bytes;
         std::fill(s.begin() + static_cast<std::ptrdiff_t>(at), s.end(), '\0');
         d.set_content(segment_file_name(1), s);
       }},
  };
  for (const Row& row : rows) {
    SimulatedDisk disk{3};
    {
      Partition partition{disk};
      ASSERT_TRUE(partition.write({"first"}) && partition.write({"last"}) && partition.store().sync());
    }
    row.harm(disk);
    auto opened = SegmentStore::open(disk, small());
    ASSERT_TRUE(opened) << row.what;
    EXPECT_EQ((*opened)->damage().has_value(), row.damage) << row.what;
    if (row.damage) {
      EXPECT_FALSE((*opened)->sync()) << row.what;
    } else {
      EXPECT_EQ((*opened)->head().end, Offset{2}) << row.what;
    }
  }
}

// The process dies before its sync, a new one takes what it finds, then the power goes: what the new one took is there.
TEST(SegmentStore, SurvivesPowerLossAfterAKill) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedDisk disk{seed};
    {
      Partition partition{disk};
      ASSERT_TRUE(partition.write({"first"}) && partition.store().sync());
      ASSERT_TRUE(partition.write({std::string(2000, 'x')}));
    }
    {
      EXPECT_EQ(Partition{disk}.next(), Offset{2});
    }
    disk.crash();
    const auto verified = verify(disk, "test", nullptr);
    ASSERT_TRUE(verified && verified->whole()) << seed << ": " << verified->damage.front().what;
    EXPECT_EQ(Partition{disk}.next(), Offset{2}) << seed;
  }
}

// Power loss at any moment, unsynced sectors kept, lost or torn: nothing acknowledged is lost, what is there is a
// prefix of what was written, and it is never taken for damage.
TEST(SegmentStore, SurvivesPowerLossAnywhere) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    SimulatedDisk disk{seed};
    std::vector<std::string> written;
    std::size_t acknowledged = 0;
    for (int life = 0; life < 5; ++life) {
      Partition partition{disk};
      ASSERT_FALSE(partition.store().damage()) << partition.store().damage()->message;
      const std::vector<std::string> found = partition.bodies();
      ASSERT_GE(found.size(), acknowledged);
      ASSERT_LE(found.size(), written.size());
      written.resize(found.size());
      ASSERT_EQ(found, written);
      acknowledged = written.size();
      const int steps = static_cast<int>(random() % 25);
      for (int step = 0; step < steps; ++step) {
        std::vector<std::string> bodies(1 + random() % 3);
        for (std::string& body : bodies) body = std::string(random() % 900, static_cast<char>('a' + random() % 26));
        ASSERT_TRUE(partition.write(bodies));
        written.insert(written.end(), bodies.begin(), bodies.end());
        if (random() % 3 != 0) {
          ASSERT_TRUE(partition.store().sync());
          acknowledged = written.size();
        }
      }
      if (random() % 4 == 0 &&
          partition.next() != Offset{}) {  // stopped cleanly; the next life's crash meets its heads
        ASSERT_TRUE(partition.store().sync() && partition.store().close());
        acknowledged = written.size();
      } else {
        disk.crash();
      }
      const auto verified = verify(disk, "test", nullptr);
      ASSERT_TRUE(verified && verified->whole()) << verified->damage.front().what;
    }
  }
}

}  // namespace
}  // namespace salus::log
