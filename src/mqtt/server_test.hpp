// A real gate on loopback for tests: two cores with a thread each, and clients that run on the test's own thread.
// Only who may come in and where messages go are stand-ins.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "mqtt/client.hpp"
#include "mqtt/server.hpp"
#include "mqtt/topic.hpp"

namespace salus::mqtt::testing {

// Devices "mon-*" with secret "key" own devices/{id}/; users "ward*" with secret "token" may do everything.
class TestAuthority final : public guard::Authority {
 public:
  Result<guard::Caller> sign_in(const guard::Credentials& shown) override {
    const std::scoped_lock lock{mutex_};
    seen_ = shown;
    const std::string id = shown.certificate_name.empty() ? shown.user_name : shown.certificate_name;
    if (!shown.certificate_name.empty() || shown.secret == "key")
      return guard::Caller{guard::Caller::Kind::device, id, {}, {}};
    if (shown.secret == "token") return guard::Caller{guard::Caller::Kind::user, id, {guard::Role::engineer}, {}};
    return fail(ErrorCode::unauthenticated, "Unknown.");
  }
  Result<guard::Caller> bearer(std::string_view) override { return fail(ErrorCode::unauthenticated, "Unknown."); }
  Result<void> permit(const guard::Caller& caller, guard::Action, std::string_view resource) override {
    const std::scoped_lock lock{mutex_};
    ++asked_;
    const bool is_user = caller.kind == guard::Caller::Kind::user;
    if (!revoked_.contains(caller.id) && (is_user || covers("devices/" + caller.id + "/#", resource))) return {};
    return fail(ErrorCode::forbidden, "No right.");
  }
  std::uint64_t revision() const override { return revision_; }
  bool still_valid(const guard::Caller& caller) override {
    const std::scoped_lock lock{mutex_};
    return !removed_.contains(caller.id);
  }
  void revoke(const std::string& id) { change(revoked_, id); }
  void remove(const std::string& id) { change(removed_, id); }
  guard::Credentials seen() {
    const std::scoped_lock lock{mutex_};
    return seen_;
  }
  std::size_t asked() {
    const std::scoped_lock lock{mutex_};
    return asked_;
  }

 private:
  void change(std::set<std::string>& set, const std::string& id) {
    const std::scoped_lock lock{mutex_};
    set.insert(id);
    ++revision_;
  }
  std::mutex mutex_;
  std::set<std::string> revoked_, removed_;
  guard::Credentials seen_;
  std::size_t asked_ = 0;
  std::atomic<std::uint64_t> revision_{1};
};

// Keeps what came; answers at once, or when told.
class TestIntake final : public Intake {
 public:
  struct Taken {
    std::string client_id, topic, payload;
    bool qos1, dup;
  };
  void take(const Session& who, std::span<const Incoming> messages, Done done) override {
    const std::scoped_lock lock{mutex_};
    for (const Incoming& each : messages)
      taken_.push_back({who.client_id, std::string(each.topic), std::string(each.payload), each.qos1, each.dup});
    if (held_) {
      waiting_.push_back(std::move(done));
    } else {
      done(outcome_);
    }
  }
  void came(const Session& who) override { note("came " + who.client_id); }
  void went(const Session& who, Reason reason) override {
    note("went " + who.client_id + " " + std::string(name(reason)));
  }

  void hold() {
    const std::scoped_lock lock{mutex_};
    held_ = true;
  }
  void answer_with(Result<void> outcome) {
    const std::scoped_lock lock{mutex_};
    outcome_ = std::move(outcome);
  }
  // Answers what waits, the last first: the gate has to put PUBACKs in order.
  void release() {
    const std::scoped_lock lock{mutex_};
    held_ = false;
    while (!waiting_.empty()) {
      waiting_.back()(outcome_);
      waiting_.pop_back();
    }
  }
  std::size_t count() {
    const std::scoped_lock lock{mutex_};
    return taken_.size();
  }
  std::vector<Taken> taken() {
    const std::scoped_lock lock{mutex_};
    return taken_;
  }
  bool noted(const std::string& what) {
    const std::scoped_lock lock{mutex_};
    return notes_.contains(what);
  }

 private:
  void note(const std::string& what) {
    const std::scoped_lock lock{mutex_};
    notes_.insert(what);
  }
  std::mutex mutex_;
  bool held_ = false;
  Result<void> outcome_{};
  std::vector<Taken> taken_;
  std::vector<Done> waiting_;
  std::multiset<std::string> notes_;
};

class Gate {
 public:
  explicit Gate(Limits limits = {}, asio::ssl::context* tls = nullptr)
      : server({&contexts_[0], &contexts_[1]}, authority, intake, clock_, limits) {
    const asio::ip::tcp::endpoint any{asio::ip::address_v4::loopback(), 0};
    const auto at = tls == nullptr ? server.listen(any) : server.listen_tls(any, *tls);
    EXPECT_TRUE(at.has_value());
    port = at->port();
    for (auto& context : contexts_)
      threads_.emplace_back([&context] {
        const auto work = asio::make_work_guard(context);
        context.run();
      });
  }
  ~Gate() {
    intake.release();
    server.stop(seconds{2});
    for (auto& context : contexts_) context.stop();
    for (auto& thread : threads_) thread.join();
  }

  TestAuthority authority;
  TestIntake intake;

 private:
  SystemClock clock_;
  asio::io_context contexts_[2];
  std::vector<std::thread> threads_;

 public:
  Server server;
  std::uint16_t port = 0;
};

inline ClientOptions device(const std::string& id, Version version = Version::v5) {
  return {.version = version, .client_id = id, .user_name = id, .password = "key"};
}
inline ClientOptions user(const std::string& id, Version version = Version::v5) {
  return {.version = version, .client_id = id, .user_name = "ward", .password = "token"};
}

// Runs `body` to its end on this thread; fails the test when that takes unreasonably long.
inline void run(asio::io_context& context, asio::awaitable<void> body) {
  bool finished = false;
  asio::co_spawn(context, std::move(body), [&](const std::exception_ptr& error) {
    finished = true;
    context.stop();
    if (error) std::rethrow_exception(error);
  });
  context.run_for(seconds{60});
  EXPECT_TRUE(finished) << "timed out";
}

// Lets other threads go on until `condition` holds.
template <class Condition>
bool eventually(Condition condition) {
  for (const auto end = std::chrono::steady_clock::now() + seconds{20}; std::chrono::steady_clock::now() < end;
       std::this_thread::yield())
    if (condition()) return true;
  return false;
}

// The same inside a coroutine, whose own context goes on meanwhile.
template <class Condition>
asio::awaitable<bool> comes(Condition condition) {
  asio::steady_timer turn{co_await asio::this_coro::executor};
  for (const auto end = std::chrono::steady_clock::now() + seconds{20}; std::chrono::steady_clock::now() < end;) {
    if (condition()) co_return true;
    turn.expires_after(milliseconds{1});
    boost::system::error_code ignored;
    co_await turn.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return false;
}

// Sends bytes as they are and returns, as hex, all that comes back before the server closes; "open" when it does not.
std::string exchange(std::uint16_t port, ByteView bytes);

}  // namespace salus::mqtt::testing
