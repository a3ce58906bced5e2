#include "view/host.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <future>

#include "log/kinds.hpp"
#include "log/local_log.hpp"
#include "log/simulated_disk.hpp"

namespace salus::view {
namespace {

namespace fs = std::filesystem;

// Counts words; refuses "bad"; a word "later" becomes due one second on.
class Words final : public View {
 public:
  explicit Words(std::string layout = "1") : layout_(std::move(layout)) {}
  std::string_view name() const override { return "words"; }
  std::string layout() const override { return layout_; }
  std::optional<Answer> apply(const log::Run& run, const Place& place) override {
    if (run.kind != log::kind::user_put) return std::nullopt;
    if (run.body == "bad") return Answer::refused(ErrorCode::conflict, "'bad' is refused.");
    if (run.body == "later") due_ = place.time + seconds{1};
    const int count = ++counts_[std::string(run.body)];
    dirty_.insert(std::string(run.body));
    return Answer::ok(count);
  }
  void advance(const Place&) override {
    due_.reset();
    ++counts_["fired"];
    dirty_.insert("fired");
  }
  std::optional<Time> next_due() const override { return due_; }
  void save(Table& table) override {
    for (const std::string& word : dirty_) table.put(word, std::to_string(counts_[word]));
    dirty_.clear();
  }
  Result<void> load(const Table& table) override {
    table.scan({}, {}, [&](ByteView key, ByteView value) {
      counts_[std::string(key)] = std::stoi(std::string(value));
      return true;
    });
    return {};
  }
  int count(const std::string& word) { return counts_[word]; }

 private:
  const std::string layout_;
  std::map<std::string, int> counts_;
  std::set<std::string> dirty_;
  std::optional<Time> due_;
};

// Keeps everything in its table: for cuts.
class Register final : public View {
 public:
  std::string_view name() const override { return "register"; }
  std::optional<Answer> apply(const log::Run& run, const Place& place) override {
    if (run.kind != log::kind::user_put) return std::nullopt;
    table_->put(run.body, std::to_string(log::number(place.position.offset)));
    return Answer::ok();
  }
  void attach(Table& table) override { table_ = &table; }
  void save(Table&) override {}
  Result<void> load(const Table&) override { return {}; }

 private:
  Table* table_ = nullptr;
};

class HostTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("salus-host-" + std::to_string(::getpid()));
    fs::remove_all(directory_);
    start();
  }
  void TearDown() override {
    stop();
    fs::remove_all(directory_);
  }
  void start(const std::string& layout = "1") {
    log::LocalLogOptions options;
    options.store = {.partition = "records", .segment_bytes = 1 << 20};
    log_ = std::move(*log::LocalLog::open(disk_, clock_, options));
    words_ = std::make_unique<Words>(layout);
    HostOptions host_options;
    host_options.directory = directory_;
    host_options.partition = "records";
    register_ = std::make_unique<Register>();
    auto host = Host::open(host_options, *log_, clock_, {words_.get(), register_.get()});
    ASSERT_TRUE(host) << host.error().message;
    host_ = std::move(*host);
  }
  void stop() {
    host_.reset();
    log_.reset();
  }
  Result<Answer> submit(std::string word) {
    std::promise<Result<Answer>> promise;
    host_->submit({log::kind::user_put, 1, std::move(word), 0},
                  [&](Result<Answer> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  int count(const std::string& word) {
    int result = 0;
    host_->run([&] { result = words_->count(word); });
    return result;
  }

  asio::io_context context_;  // outlives the threads that post to it
  fs::path directory_;
  log::SimulatedDisk disk_{1};
  ManualClock clock_{time_from_ns(1'000'000'000)};
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<Words> words_;
  std::unique_ptr<Register> register_;
  std::unique_ptr<Host> host_;
};

TEST_F(HostTest, AnswersAfterApplyAndRecordsRefusals) {
  EXPECT_EQ(submit("one")->detail, 1);
  EXPECT_EQ(submit("one")->detail, 2);
  EXPECT_EQ(submit("bad").error().code, ErrorCode::conflict);
  EXPECT_EQ(log_->durable_end().offset, log::Offset{4});  // epoch, one, one, bad: a refusal is an entry too
}

TEST_F(HostTest, ReadsSeeWhatWasAnsweredBefore) {
  asio::io_context& io = context_;
  Result<int> seen = 0;
  asio::co_spawn(
      io,
      [](Host* host, Words* words, Result<int>* out) -> asio::awaitable<void> {
        for (int i = 0; i < 50; ++i) {
          auto answer = co_await host->submit({log::kind::user_put, 1, "x", 0});
          EXPECT_TRUE(answer);
          *out = co_await host->read([words] { return words->count("x"); });
          EXPECT_EQ(*out, i + 1);
        }
      }(host_.get(), words_.get(), &seen),
      asio::detached);
  io.run();
  EXPECT_EQ(*seen, 50);
}

TEST_F(HostTest, WhoWasAnsweredFindsItInTheCut) {
  host_->share(*register_);
  const std::shared_ptr<const Cut> before = host_->cut(*register_);
  for (int i = 0; i < 100; ++i) {
    const std::string word = "c" + std::to_string(i);
    ASSERT_TRUE(submit(word));
    const std::shared_ptr<const Cut> cut = host_->cut(*register_);
    const auto at = cut->table->get(word);
    ASSERT_TRUE(at) << word;
    EXPECT_LT(std::stoull(*at), log::number(cut->applied.offset));
  }
  EXPECT_FALSE(before->table->get("c0"));
}

TEST_F(HostTest, RebuildsTheSameStateFromAnyCut) {
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(submit("w" + std::to_string(i % 17)));
  const Sha256 live = host_->digest(*words_);
  stop();
  start();                                          // from the checkpoint that a clean stop takes
  EXPECT_EQ(host_->status().replayed_entries, 1U);  // the new epoch
  EXPECT_EQ(host_->digest(*words_), live);
  stop();
  fs::remove_all(directory_);
  start();  // from nothing
  EXPECT_EQ(host_->status().replayed_entries, 303U);
  EXPECT_EQ(host_->digest(*words_), live);
}

TEST_F(HostTest, RebuildsTablesOfAnotherLayout) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(submit("w" + std::to_string(i % 3)));
  const Sha256 live = host_->digest(*words_);
  stop();
  for (const char* layout : {"2", "1"}) {  // an upgrade, and the way back
    start(layout);
    EXPECT_GT(host_->status().replayed_entries, 20U);
    EXPECT_EQ(host_->digest(*words_), live);
    stop();
    start(layout);
    EXPECT_EQ(host_->status().replayed_entries, 1U);
    EXPECT_EQ(host_->digest(*words_), live);
    stop();
  }
}

TEST_F(HostTest, TimersFireThroughTicks) {
  ASSERT_TRUE(submit("later"));
  EXPECT_EQ(count("fired"), 0);
  clock_.advance(seconds{2});
  while (count("fired") == 0) std::this_thread::yield();
  const Sha256 live = host_->digest(*words_);
  stop();
  fs::remove_all(directory_);
  start();
  EXPECT_EQ(count("fired"), 1);
  EXPECT_EQ(host_->digest(*words_), live);
}

TEST_F(HostTest, RefusesViewsThatKnowMoreThanTheLog) {
  ASSERT_TRUE(submit("one"));
  stop();
  log::SimulatedDisk older{2};
  log::LocalLogOptions options;
  options.store.partition = "records";
  const auto log = std::move(*log::LocalLog::open(older, clock_, options));
  HostOptions host_options;
  host_options.directory = directory_;
  EXPECT_EQ(Host::open(host_options, *log, clock_, {words_.get(), register_.get()}).error().code, ErrorCode::damaged);
}

}  // namespace
}  // namespace salus::view
