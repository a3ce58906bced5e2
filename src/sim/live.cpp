#include "sim/live.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>

namespace salus::sim {
namespace {

constexpr std::size_t kKept = 10 * 60 * 6;  // messages: five frames and one of numbers a second
constexpr seconds kLateMax{30};

}  // namespace

asio::awaitable<void> live(Patient patient, Publisher& publisher, const Clock& clock) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  auto wake = std::chrono::steady_clock::now();
  Time at = clock.now();
  std::deque<std::pair<std::string, std::string>> kept;
  bool connected = true;
  while (true) {
    wake += Patient::frame_length;
    timer.expires_at(wake);
    co_await timer.async_wait(asio::use_awaitable);
    if (publisher.is_stopped()) co_return;
    for (auto& message : patient.next(at)) kept.push_back(std::move(message));
    at += Patient::frame_length;
    while (kept.size() > kKept) kept.pop_front();
    if (!patient.has_network()) {
      if (connected) co_await publisher.close();
      connected = false;
      continue;
    }
    connected = true;
    while (!kept.empty()) {
      auto [topic, payload] = std::move(kept.front());
      kept.pop_front();
      if (auto sent = co_await publisher.send(std::move(topic), std::move(payload)); !sent) co_return;
    }
    // After a long wait without a server, go on from now: a monitor does not send its past faster than it lived.
    if (clock.now() - at > kLateMax) {
      at = clock.now();
      wake = std::chrono::steady_clock::now();
    }
  }
}

}  // namespace salus::sim
