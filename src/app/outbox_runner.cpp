#include "app/outbox_runner.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace salus::app {
namespace {

constexpr std::size_t kBatch = monitor::Telemetry::outbox_max;  // all: those sent and not yet settled stand first
constexpr milliseconds kRest{10};
constexpr seconds kRetry{1};

// Submits every wish after `last`; moves `last` behind those that are settled. False when the rest must be tried again
// later.
asio::awaitable<bool> perform(Core& core, std::vector<monitor::Wish> wishes, std::uint64_t& last) {
  for (monitor::Wish& wish : wishes) {
    if (wish.number <= last) continue;
    const auto answer = co_await core.submit({wish.kind, 1, std::move(wish.body), 0});
    const bool again =
        !answer && (answer.error().code == ErrorCode::unavailable || answer.error().code == ErrorCode::not_durable ||
                    answer.error().code == ErrorCode::timed_out);
    if (again) co_return false;
    // Any other refusal is recorded: the id was known already, or the alarm had ended.
    last = wish.number;
  }
  co_return true;
}

}  // namespace

asio::awaitable<void> run_outbox(Core& core, LiveFeed& feed) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  std::uint64_t last = 0;
  while (true) {
    const bool wished = feed.take_wished();
    bool whole = true;
    if (wished) {
      auto wishes =
          co_await core.telemetry().read([telemetry = &core.telemetry_view()] { return telemetry->outbox(kBatch); });
      whole = wishes && co_await perform(core, std::move(*wishes), last);
      if (!whole) feed.wish_again();
    }
    timer.expires_after(whole ? std::chrono::duration_cast<nanoseconds>(kRest)
                              : std::chrono::duration_cast<nanoseconds>(kRetry));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace salus::app
