#include "http/server_core.hpp"

#include <algorithm>

namespace salus::http {

bool ServerCore::admit(const asio::ip::address& peer) {
  const std::lock_guard lock(mutex_);
  const bool counted = settings.limits.per_peer_max != 0 && !peer.is_loopback();
  const auto known = counted ? by_peer_.find(peer) : by_peer_.end();
  const bool peer_full = known != by_peer_.end() && known->second >= settings.limits.per_peer_max;
  if (open_ >= settings.limits.connections_max || peer_full) {
    ++refused_;
    return false;
  }
  ++open_;
  ++admitted_;
  if (counted) ++by_peer_[peer];
  return true;
}

std::uint64_t ServerCore::enter(std::weak_ptr<ConnectionBase> connection) {
  std::shared_ptr<ConnectionBase> alive = connection.lock();
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = next_id_++;
    connections_.emplace(id, std::move(connection));
  }
  if (stopping() && alive) alive->finish();
  return id;
}

void ServerCore::forget(const asio::ip::address& peer) {
  --open_;
  const auto known = by_peer_.find(peer);
  if (known != by_peer_.end() && --known->second == 0) by_peer_.erase(known);
  left_.notify_all();
}

void ServerCore::leave(std::uint64_t id, const asio::ip::address& peer) {
  const std::lock_guard lock(mutex_);
  connections_.erase(id);
  forget(peer);
}

bool ServerCore::end_all(bool cut, milliseconds limit) {
  stopping_ = true;
  std::vector<std::shared_ptr<ConnectionBase>> alive;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, weak] : connections_)
      if (auto connection = weak.lock()) alive.push_back(std::move(connection));
  }
  for (const auto& connection : alive) cut ? connection->cut() : connection->finish();
  alive.clear();
  std::unique_lock lock(mutex_);
  return left_.wait_for(lock, limit, [&] { return open_ == 0; });
}

void ServerCore::answered(int status, std::size_t bytes_in, std::size_t bytes_out, nanoseconds took) {
  ++by_class_[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))];
  const auto bucket =
      std::ranges::lower_bound(kLatencyBounds, took, {}, [](milliseconds bound) -> nanoseconds { return bound; });
  ++latency_[static_cast<std::size_t>(bucket - kLatencyBounds.begin())];
  bytes_in_ += bytes_in;
  bytes_out_ += bytes_out;
}

ServerCounters ServerCore::counters() const {
  ServerCounters result;
  std::ranges::copy(by_class_, result.requests_by_class.begin());
  std::ranges::copy(latency_, result.latency.begin());
  result.bytes_in = bytes_in_;
  result.bytes_out = bytes_out_;
  result.websockets_open = websockets_;
  const std::lock_guard lock(mutex_);
  result.connections_open = open_;
  result.connections_total = admitted_;
  result.connections_refused = refused_;
  return result;
}

}  // namespace salus::http
