// The session behind WebSocket, for any stream that Beast's websocket can stand on: TCP, TLS, or a test's memory.
// Included by websocket_session.cpp and the frame fuzzer only.
#pragma once

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <mutex>
#include <optional>

#include "http/websocket_session.hpp"

namespace salus::http {

// Everything but the queue is touched on the stream's executor only, which one thread runs.
template <class Stream>
class WebSocketImpl final : public WebSocketSession, public std::enable_shared_from_this<WebSocketImpl<Stream>> {
  using Self = std::shared_ptr<WebSocketImpl>;
  static constexpr auto as_result() { return asio::as_tuple(asio::use_awaitable); }

 public:
  WebSocketImpl(Stream stream, SocketLimits limits)
      : ws_(std::move(stream)),
        limits_(std::move(limits)),
        read_timer_(ws_.get_executor()),
        close_timer_(ws_.get_executor()),
        idle_(ws_.get_executor()) {
    idle_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  asio::awaitable<Result<void>> accept(const Request& upgrade) override {
    namespace beast = boost::beast;
    // Beast pings after half of idle_timeout without a byte and cuts after the whole.
    ws_.set_option({.handshake_timeout = limits_.close_grace * 2,
                    .idle_timeout = limits_.ping_every * 2,
                    .keep_alive_pings = true});
    ws_.read_message_max(limits_.message_bytes_max);
    ws_.set_option(beast::websocket::permessage_deflate{});  // off: many small messages, and memory per client
    ws_.auto_fragment(false);
    if (!limits_.protocol.empty())
      ws_.set_option(beast::websocket::stream_base::decorator(
          [protocol = limits_.protocol](beast::websocket::response_type& response) {
            response.set("Sec-WebSocket-Protocol", protocol);
          }));
    beast::http::request<beast::http::empty_body> request{beast::http::verb::get, upgrade.target, 11};
    for (const auto& [key, value] : upgrade.headers) request.insert(key, value);
    const auto [ec] = co_await ws_.async_accept(request, as_result());
    if (ec) co_return fail(ErrorCode::cancelled, "The WebSocket handshake failed: {}.", ec.message());
    open_ = true;
    co_return Result<void>{};
  }

  asio::awaitable<Result<Message>> read(milliseconds timeout) override {
    const Self self = this->shared_from_this();
    start_read_timer(timeout);
    input_.clear();
    const auto [ec, count] = co_await ws_.async_read(input_, as_result());
    read_timer_.cancel();
    if (ec) {
      mark_closed();
      if (read_timed_out_) co_return fail(ErrorCode::timed_out, "No message came in time.");
      if (ec == boost::beast::websocket::error::message_too_big)
        co_return fail(ErrorCode::too_large, "A message has more than {} bytes.", limits_.message_bytes_max);
      co_return fail(ErrorCode::cancelled, "The WebSocket is closed.");
    }
    const auto data = input_.data();
    co_return Message{ws_.got_text() ? Type::text : Type::binary,
                      std::string(static_cast<const char*>(data.data()), data.size())};
  }

  bool send(Shared data, Type type) override {
    const std::lock_guard lock(mutex_);
    if (!open_ || closing_) return false;
    if (queued_bytes_ + data->size() > limits_.queue_bytes_max) {
      queue_.clear();
      queued_bytes_ = 0;
      request_close(CloseCode::try_again_later, "too slow");
      return false;
    }
    queued_bytes_ += data->size();
    queue_.push_back({std::move(data), type});
    start_writing();
    return true;
  }

  std::size_t queued_bytes() const override {
    const std::lock_guard lock(mutex_);
    return queued_bytes_;
  }

  void close(CloseCode code, std::string_view reason) override {
    const std::lock_guard lock(mutex_);
    if (open_ && !closing_) request_close(code, reason);
  }

  bool is_open() const override {
    const std::lock_guard lock(mutex_);
    return open_ && !closing_;
  }

  std::string_view protocol() const override { return limits_.protocol; }

  void cut() override {
    asio::post(ws_.get_executor(), [self = this->shared_from_this()] { self->cut_now(); });
  }

  // The handler has returned, so nobody reads: async_close reads what the client still sends.
  asio::awaitable<void> finished() override {
    const Self self = this->shared_from_this();
    close(CloseCode::normal, "");
    // write_queue() ends it, at the latest when close_timer_ has cut the socket.
    while (closing_active_) co_await idle_.async_wait(as_result());
    mark_closed();
    cut_now();
  }

 private:
  struct Frame {
    Shared data;
    Type type;
  };

  // What is queued still goes out before the close frame; close_timer_ bounds how long. Requires: mutex_ held.
  void request_close(CloseCode code, std::string_view reason) {
    closing_ = true;
    closing_active_ = true;
    why_.code = static_cast<std::uint16_t>(code);
    why_.reason.assign(reason.data(), std::min(reason.size(), why_.reason.max_size()));
    start_writing();
    asio::post(ws_.get_executor(), [self = this->shared_from_this()] { self->start_close_timer(); });
  }

  // Posted, because co_spawn begins at once on its own thread, and the writer takes the lock. Requires: mutex_ held.
  void start_writing() {
    if (writing_) return;
    writing_ = true;
    asio::post(ws_.get_executor(), [self = this->shared_from_this()] {
      asio::co_spawn(self->ws_.get_executor(), write_queue(self), asio::detached);
    });
  }

  // The next frame to write; none when the queue is empty, and then the writer is no longer active unless it shall
  // close.
  std::optional<Frame> next_frame() {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      writing_ = closing_;
      return std::nullopt;
    }
    Frame frame = std::move(queue_.front());
    queue_.pop_front();
    return frame;
  }

  // `self` keeps the session alive until the last frame is out.
  static asio::awaitable<void> write_queue(Self self) {
    while (const std::optional<Frame> frame = self->next_frame()) {
      self->ws_.binary(frame->type == Type::binary);
      const auto [ec, count] = co_await self->ws_.async_write(asio::buffer(*frame->data), as_result());
      if (!self->written(frame->data->size(), !ec)) break;
    }
    if (!self->closing_active_) co_return;
    co_await self->ws_.async_close(self->why_, as_result());
    self->close_timer_.cancel();
    self->mark_closed();
    self->closing_active_ = false;
    self->idle_.cancel();
  }

  bool written(std::size_t bytes, bool ok) {
    const std::lock_guard lock(mutex_);
    queued_bytes_ -= std::min(queued_bytes_, bytes);
    if (ok) return true;
    open_ = false;
    writing_ = closing_;
    return false;
  }

  void start_close_timer() {
    if (!closing_active_) return;
    close_timer_.expires_after(limits_.close_grace);
    close_timer_.async_wait([weak = this->weak_from_this()](boost::system::error_code ec) {
      if (const Self self = weak.lock(); self && !ec) self->cut_now();
    });
  }

  void start_read_timer(milliseconds timeout) {
    if (timeout <= milliseconds::zero()) return;
    read_timer_.expires_after(timeout);
    read_timer_.async_wait([weak = this->weak_from_this()](boost::system::error_code ec) {
      const Self self = weak.lock();
      if (!self || ec) return;
      self->read_timed_out_ = true;
      self->close(CloseCode::policy, "no message in time");
    });
  }

  void mark_closed() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    queue_.clear();
    queued_bytes_ = 0;
  }

  void cut_now() {
    mark_closed();
    boost::beast::close_socket(boost::beast::get_lowest_layer(ws_));
  }

  boost::beast::websocket::stream<Stream> ws_;
  const SocketLimits limits_;
  boost::beast::flat_buffer input_;
  asio::steady_timer read_timer_;
  asio::steady_timer close_timer_;
  asio::steady_timer idle_;  // never expires; cancelled to wake finished()
  bool read_timed_out_ = false;

  mutable std::mutex mutex_;  // of everything below
  bool open_ = false;
  bool closing_ = false;  // nothing more is queued
  bool writing_ = false;  // write_queue() runs
  std::atomic<bool> closing_active_{false};
  boost::beast::websocket::close_reason why_;
  std::deque<Frame> queue_;
  std::size_t queued_bytes_ = 0;
};

}  // namespace salus::http
