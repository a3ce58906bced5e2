// Runs the views of one partition: replays the log from the last checkpoint, then applies each group as it comes, on
// one thread, and answers those who appended.
//
// A host applies entries once they are durable; one with `provisional` (telemetry alone) applies them as soon as they
// have their order, so that alarms never wait for a disk. What it knows before the disk does never leaves it:
// checkpoints are taken only when everything applied is durable, and read() answers only then.
//
// Lifetime: built after its log, destroyed before it. Threads: any, unless said otherwise.
#pragma once

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "log/log.hpp"
#include "view/database.hpp"
#include "view/gathering.hpp"
#include "view/view.hpp"

namespace salus::view {

namespace asio = boost::asio;

struct HostOptions {
  std::string directory;  // of the tables
  std::string partition;  // for messages
  bool provisional = false;
  Packing packing = Packing::quick;  // of the tables
  seconds checkpoint_interval{30};
  std::uint64_t checkpoint_log_bytes = 256 << 20;
  std::size_t checkpoint_memory_bytes = 64 << 20;
  std::size_t queue_bytes_max = 64 << 20;  // of groups not yet applied; then the log's orderer waits
  std::function<void(std::uint64_t done, std::uint64_t total)> replay_progress;  // offsets
};

// Views of another partition that this one needs as they stood when a group was written: before a group is applied, the
// upstream log is applied to them up to the group's stamp. They are instances of this host's own.
struct Upstream {
  const log::Log* log = nullptr;
  std::vector<View*> views;
};

// A view's table as it stood behind a group. Threads: any.
struct Cut {
  log::Position applied{};  // one past the last entry that it holds
  Time time{};
  std::shared_ptr<const TableReader> table;
};

struct HostStatus {
  log::Position applied{};
  Time time{};
  std::uint64_t replayed_entries = 0;  // when opened
  std::uint64_t checkpoints = 0;
  std::size_t waiting_bytes = 0;
  std::string stopped;  // why nothing more is applied (an unknown kind, damage); empty while well
};

class Host final : public log::Follower {
 public:
  using AnswerDone = std::function<void(Result<Answer>)>;

  // Loads the checkpoint, replays what is durable, follows the log. A checkpoint whose views had other layouts is
  // thrown away and everything is replayed. `views` are applied in their order and outlive the host. Errors: damaged
  // (the views know more than the log has; the log holds what this build does not understand).
  static Result<std::unique_ptr<Host>> open(HostOptions options, log::Log& log, const Clock& clock,
                                            std::vector<View*> views, Upstream upstream = {});
  // Waits until what is durable is applied, takes a last checkpoint, stops.
  ~Host() override;

  // Appends, waits until it is durable and applied, and gives what apply said; a refusal is the error of the result.
  // Not for provisional hosts. Errors: those of Log::append and of the view that refused.
  asio::awaitable<Result<Answer>> submit(log::Draft draft);
  void submit(log::Draft draft, AnswerDone done);  // `done` runs on the apply thread or the log's; must not block

  // Runs `function` on the apply thread between two groups; resumes with its result once everything it can have seen is
  // durable. Keep it short: copy or snapshot there, compute here. Errors: not_durable (the disk refuses).
  template <class F>
  asio::awaitable<Result<std::invoke_result_t<F>>> read(F function) {
    using Value = std::invoke_result_t<F>;
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Value>)>(
        [this](auto handler, F work) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          auto value = std::make_shared<std::optional<Value>>();
          enqueue_read([work = std::move(work), value]() mutable { value->emplace(work()); },
                       [shared, value](Result<void> allowed) {
                         auto executor = asio::get_associated_executor(*shared);
                         asio::post(executor, [shared, value, allowed = std::move(allowed)]() mutable {
                           if (!allowed) return std::move(*shared)(Result<Value>(fail(allowed.error())));
                           std::move (*shared)(Result<Value>(std::move(**value)));
                         });
                       });
        },
        asio::use_awaitable, std::move(function));
  }
  // Runs on the apply thread, durable or not: for what shows the live state and says so. run() waits until it has; not
  // from the apply thread.
  void post(std::function<void()> function) {
    enqueue_read(std::move(function), [](Result<void>) {});
  }
  void run(const std::function<void()>& function);

  // The view's table as it is now. On the apply thread (in read() or run()).
  std::shared_ptr<const TableReader> snapshot(const View& view) { return table_of(view).snapshot(); }

  // The view's table at the end of the last group that was applied, answers to its entries included: for those who read
  // much and need not ask the apply thread. Only for views whose table always holds all of their state, named once by
  // share() before others read. Threads: any.
  void share(const View& view);
  std::shared_ptr<const Cut> cut(const View& view) const;

  // Called on the apply thread after each group; set before the first append.
  void on_applied(std::function<void(const log::Group&, const Place&)> observer) { observer_ = std::move(observer); }

  // SHA-256 over everything in the view's table, state saved first: equal on every replica at the same position.
  Sha256 digest(const View& view);
  Result<void> checkpoint_now();
  HostStatus status() const;

  void ordered(std::shared_ptr<const log::Group> group) override;
  void durable(log::Position end) override;
  void failed(const Error& why) override;

 private:
  struct Read {
    std::function<void()> work;
    std::function<void(Result<void>)> done;
  };
  struct Promised {
    log::Offset until{};
    std::function<void(Result<void>)> done;
  };

  Host(HostOptions options, log::Log& log, const Clock& clock, std::vector<View*> views, Upstream upstream);
  Result<void> open_database();
  Result<void> load();
  Result<void> replay();
  std::string layouts() const;
  void loop();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void enqueue_read(std::function<void()> work, std::function<void(Result<void>)> done);
  Result<void> apply(const log::Group& group);
  Result<void> catch_up(log::Offset stamp);
  static void advance(const std::vector<View*>& views, const Place& place);
  static std::optional<Answer> apply_run(const std::vector<View*>& views, const log::Run& run, const Place& place);
  void publish_cuts();
  void answer(log::Offset offset, std::optional<Answer> answer);
  void keep_promises();
  void maybe_checkpoint();
  Result<void> checkpoint(bool wait);
  void tick_when_due();
  Table& table_of(const View& view) { return database_->table(std::string(view.name())); }

  HostOptions options_;
  log::Log& log_;
  const Clock& clock_;
  std::vector<View*> views_;
  Upstream upstream_;
  std::unique_ptr<log::Cursor> upstream_cursor_;
  std::unique_ptr<Database> database_;
  std::deque<Gathering> gathered_;  // what views write during a group; empty between groups
  std::function<void(const log::Group&, const Place&)> observer_;

  // The apply thread's own (the opener's, before it starts).
  Place applied_{};
  Place upstream_applied_{};
  std::uint64_t bytes_since_checkpoint_ = 0;
  std::chrono::steady_clock::time_point last_checkpoint_{};
  std::atomic<bool> tick_asked_{false};
  std::deque<Promised> promises_;

  struct Shared {
    const View* view = nullptr;
    std::atomic<std::shared_ptr<const Cut>> cut;
  };
  std::deque<Shared> shared_;  // complete before others read

  mutable std::mutex mutex_;
  std::condition_variable work_, room_;
  std::deque<std::shared_ptr<const log::Group>> groups_;
  std::size_t groups_bytes_ = 0;
  std::vector<Read> reads_;
  std::map<log::Offset, AnswerDone> waiters_;
  log::Offset durable_{};
  bool failed_ = false;
  bool stopping_ = false;
  HostStatus status_;
  std::thread thread_;
};

}  // namespace salus::view
