#include "sim/publisher.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace salus::sim {
namespace {

asio::awaitable<void> pause(milliseconds time) {
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

asio::awaitable<Result<void>> Publisher::open() {
  mqtt::ClientOptions options;
  options.client_id = options_.device;
  options.user_name = options_.device;
  options.password = options_.key;
  options.window = options_.window;
  auto client = co_await mqtt::Client::connect(options_.server, options);
  if (!client) co_return fail(client.error());
  client_ = std::move(*client);
  client_->on_ack([this](std::uint64_t token, mqtt::Reason reason) { acked(token, reason); });
  next_to_send_ = first_token_;
  refused_ = false;
  co_return Result<void>{};
}

void Publisher::acked(std::uint64_t token, mqtt::Reason reason) {
  if (token < first_token_) return;
  if (static_cast<std::uint8_t>(reason) >= 0x80) {
    refused_ = true;
    return;
  }
  done_[token - first_token_] = true;
  while (!done_.empty() && done_.front()) {
    done_.pop_front();
    waiting_.pop_front();
    ++first_token_;
    ++acknowledged_;
  }
  next_to_send_ = std::max(next_to_send_, first_token_);
}

asio::awaitable<Result<void>> Publisher::ensure_open() {
  milliseconds wait{100};
  while (!stopped_ && (client_ == nullptr || !client_->is_open() || refused_)) {
    if (client_ != nullptr) {
      if (!options_.reconnect)
        co_return fail(ErrorCode::unavailable, "Device '{}': the connection has ended.", options_.device);
      client_->close();
      client_.reset();
      co_await pause(wait);
    }
    auto opened = co_await open();
    if (opened) {
      ++reconnects_;
      break;
    }
    if (!options_.reconnect) co_return opened;
    co_await pause(wait);
    wait = std::min(wait * 2, milliseconds{2'000});
  }
  if (stopped_) co_return fail(ErrorCode::cancelled, "Stopped.");
  co_return Result<void>{};
}

// Sends what the window has room for.
asio::awaitable<Result<void>> Publisher::pump() {
  if (auto open = co_await ensure_open(); !open) co_return open;
  while (next_to_send_ < first_token_ + waiting_.size() && client_->has_room()) {
    const std::size_t index = next_to_send_ - first_token_;
    if (!done_[index] && !client_->publish(waiting_[index].topic, waiting_[index].payload, 1, next_to_send_)) break;
    ++next_to_send_;
  }
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Publisher::send(std::string topic, std::string payload) {
  waiting_.push_back({"devices/" + options_.device + "/" + topic, std::move(payload)});
  done_.push_back(false);
  while (true) {
    if (auto pumped = co_await pump(); !pumped) co_return pumped;
    const bool behind = next_to_send_ < first_token_ + waiting_.size();
    if (!behind || waiting_.size() < options_.window * 2U) co_return Result<void>{};
    co_await client_->room();
  }
}

asio::awaitable<Result<void>> Publisher::drain() {
  while (!waiting_.empty()) {
    if (auto pumped = co_await pump(); !pumped) co_return pumped;
    co_await pause(milliseconds{2});
  }
  co_return Result<void>{};
}

asio::awaitable<void> Publisher::close() {
  if (client_ != nullptr && client_->is_open()) co_await client_->disconnect();
  client_.reset();
}

void Publisher::stop() {
  stopped_ = true;
  if (client_ != nullptr) client_->close();
}

}  // namespace salus::sim
