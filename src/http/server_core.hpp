// What the connections of one server share. Internal to http.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "http/server.hpp"

namespace salus::http {

// A connection, as the server sees it. Threads: any.
class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  virtual void finish() = 0;  // after the request in progress
  virtual void cut() = 0;     // now
};

// Shared by the server and its connections, so that the last of either ends it.
class ServerCore {
 public:
  ServerCore(const Router& router_in, ServerSettings settings_in)
      : router(router_in), settings(std::move(settings_in)) {}

  const Router& router;
  const ServerSettings settings;

  // Counts a connection in; false when the server or its peer has as many as it may.
  bool admit(const asio::ip::address& peer);
  // Requires: admitted. Calls finish() at once when the server is stopping.
  std::uint64_t enter(std::weak_ptr<ConnectionBase> connection);
  void leave(std::uint64_t id, const asio::ip::address& peer);

  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  // Tells every connection to finish or to be cut, and waits until none is left. False when some are left after
  // `limit`.
  bool end_all(bool cut, milliseconds limit);

  void answered(int status, std::size_t bytes_in, std::size_t bytes_out, nanoseconds took);
  void websocket_opened(int change) { websockets_ += static_cast<std::uint64_t>(change); }
  ServerCounters counters() const;

 private:
  void forget(const asio::ip::address& peer);

  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::unordered_map<std::uint64_t, std::weak_ptr<ConnectionBase>> connections_;
  std::map<asio::ip::address, std::size_t> by_peer_;
  std::uint64_t next_id_ = 1;
  std::size_t open_ = 0;
  std::uint64_t admitted_ = 0;
  std::uint64_t refused_ = 0;

  std::array<std::atomic<std::uint64_t>, 6> by_class_{};
  std::array<std::atomic<std::uint64_t>, kLatencyBounds.size() + 1> latency_{};
  std::atomic<std::uint64_t> bytes_in_{0};
  std::atomic<std::uint64_t> bytes_out_{0};
  std::atomic<std::uint64_t> websockets_{0};
};

// connection.cpp
asio::awaitable<void> serve_plain(std::shared_ptr<ServerCore> core, asio::ip::tcp::socket socket);
asio::awaitable<void> serve_tls(std::shared_ptr<ServerCore> core, asio::ip::tcp::socket socket,
                                asio::ssl::context& tls);

}  // namespace salus::http
