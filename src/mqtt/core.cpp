#include "mqtt/core.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "mqtt/connection.hpp"

namespace salus::mqtt {

Owners::Owner Owners::enter(const std::string& key, Owner next) {
  const std::scoped_lock lock{mutex_};
  return std::exchange(owners_[key], std::move(next));
}

void Owners::leave(const std::string& key, std::uint64_t session) {
  const std::scoped_lock lock{mutex_};
  const auto found = owners_.find(key);
  if (found != owners_.end() && found->second.session == session) owners_.erase(found);
}

Core::Core(asio::io_context& context, std::shared_ptr<Hub> hub)
    : context_(context), hub_(std::move(hub)), sweep_timer_(context) {}

void Core::Mail::clear() {
  completions.clear();
  deliveries.clear();
  endings.clear();
}

template <class Put>
void Core::send(Put put) {
  {
    const std::scoped_lock lock{mutex_};
    if (retired_) return;
    put(mail_);
    if (std::exchange(posted_, true)) return;
  }
  // Under a lock, because retire() promises that the context is not touched after it; of its own, because the core is
  // woken into drain() at once.
  const std::scoped_lock lock{posting_};
  if (!retired_) asio::post(context_, [self = shared_from_this()] { self->drain(); });
}

void Core::completed(std::uint64_t session, std::uint64_t batch, Result<void> outcome) {
  send([&](Mail& mail) { mail.completions.push_back({session, batch, std::move(outcome)}); });
}
void Core::deliver(std::shared_ptr<Subscriber> to, std::shared_ptr<const Published> message, std::uint8_t qos) {
  send([&](Mail& mail) { mail.deliveries.push_back({std::move(to), std::move(message), qos}); });
}
void Core::ask_to_end(std::uint64_t session, Reason reason) {
  send([&](Mail& mail) { mail.endings.push_back({session, reason}); });
}

void Core::drain() {
  {
    const std::scoped_lock lock{mutex_};
    posted_ = false;
    std::swap(mail_, reading_);
  }
  for (Completion& each : reading_.completions) {
    if (auto connection = find(each.session)) {
      connection->completed(each.batch, std::move(each.outcome));
      flush_later(std::move(connection));
    }
  }
  for (Delivery& each : reading_.deliveries) {
    if (auto connection = find(each.to->session())) {
      connection->deliver(std::move(each.message), each.qos);
      flush_later(std::move(connection));
    }
  }
  for (const Ending& each : reading_.endings)
    if (const auto connection = find(each.session)) connection->end(each.reason);
  reading_.clear();
  for (const auto& connection : to_flush_) connection->flush();
  to_flush_.clear();
}

void Core::flush_later(std::shared_ptr<Connection> connection) {
  if (connection->touch()) to_flush_.push_back(std::move(connection));
}

void Core::adopt(std::unique_ptr<Stream> stream) {
  asio::post(context_,
             [self = shared_from_this(), held = std::move(stream)]() mutable { self->start(std::move(held)); });
}

void Core::start(std::unique_ptr<Stream> stream) {
  {
    const std::scoped_lock lock{mutex_};
    if (retired_) return;
  }
  const Limits& limits = hub_->limits;
  Counters::add(hub_->counters.accepted);
  const std::size_t open = hub_->open.fetch_add(1);
  const bool too_many = open >= limits.connections_max;
  if (hub_->stopping || open >= limits.connections_max + limits.refusals_max) {
    Counters::add(hub_->counters.refused_connections);
    hub_->one_left();
    stream->close();
    return;
  }
  Counters::add(hub_->counters.connections);
  const std::uint64_t session = hub_->next_session.fetch_add(1);
  auto connection = std::make_shared<Connection>(hub_, shared_from_this(), std::move(stream), session, too_many);
  connections_.emplace(session, connection);
  if (connections_.size() == 1) sweep_later();
  asio::co_spawn(context_, Connection::run(std::move(connection)), asio::detached);
}

void Core::remove(std::uint64_t session) {
  if (connections_.erase(session) == 0) return;
  hub_->counters.connections.fetch_sub(1, std::memory_order_relaxed);
  hub_->one_left();
}

std::shared_ptr<Connection> Core::find(std::uint64_t session) const {
  const auto found = connections_.find(session);
  return found == connections_.end() ? nullptr : found->second;
}

void Core::sweep_later() {
  if (!sweep_timer_) return;
  sweep_timer_->expires_after(hub_->limits.sweep_every);
  sweep_timer_->async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->sweep();
  });
}

// One timer for all deadlines of the core: rearming one per read would cost more than looking at ten thousand numbers
// ten times a second.
void Core::sweep() {
  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<Connection>> all;  // sweeping may end connections
  all.reserve(connections_.size());
  for (const auto& [session, connection] : connections_) all.push_back(connection);
  for (const auto& connection : all) connection->sweep(now);
  if (!connections_.empty()) sweep_later();
}

void Core::end_all(Reason reason) {
  asio::post(context_, [self = shared_from_this(), reason] {
    for (const auto& [session, connection] : std::unordered_map{self->connections_}) connection->end(reason);
  });
}

void Core::close_all() {
  asio::post(context_, [self = shared_from_this()] {
    for (const auto& [session, connection] : std::unordered_map{self->connections_}) connection->close();
  });
}

void Core::retire() {
  const std::scoped_lock lock{mutex_, posting_};
  retired_ = true;
  mail_.clear();
  sweep_timer_.reset();
  connections_.clear();
}

}  // namespace salus::mqtt
