#include "app/live_hub.hpp"

#include <algorithm>

namespace salus::app {

void LiveHub::publish(std::string text, Audience audience) {
  if (!wanted()) return;
  auto data = std::make_shared<const std::string>(std::move(text));
  send({{}, {}, std::move(data), http::WebSocket::Type::text, std::move(audience), {}});
}

void LiveHub::publish_wave(std::string frame, Audience audience, const std::string& alias) {
  if (!wanted()) return;
  auto data = std::make_shared<const std::string>(std::move(frame));
  send({{}, {}, std::move(data), http::WebSocket::Type::binary, std::move(audience), alias});
}

bool LiveHub::wants(const Client& client, const Event& event) {
  const auto& [bed, wards, stations, stations_alone] = event.audience;
  const auto& [waves, beds, ward, station] = client.filter;
  if (ward.empty() ? stations_alone
                   : !wards.empty() && std::ranges::find(wards, ward) == wards.end() &&
                         std::ranges::find(stations, station) == stations.end())
    return false;
  if (!bed.empty() && !client.filter.wants_bed(bed)) return false;
  return event.alias.empty() || client.filter.wants_wave(event.alias);
}

void LiveHub::send(Event event) {
  const std::lock_guard lock{mutex_};
  event.after = durable_;
  event.at = clock_.now();
  for (auto& [id, client] : clients_)
    if (wants(client, event)) client.socket->send(event.data, event.type);
  ring_.push_back(std::move(event));
  trim(ring_.back().at);
}

// Requires: mutex_ held.
void LiveHub::trim(Time now) {
  while (!ring_.empty() && (ring_.size() > ring_events_max || now - ring_.front().at > ring_age)) {
    ring_begin_ = ring_.front().after;
    // Whoever saw exactly this much may have missed the event that goes now.
    ring_begin_.offset = log::after(ring_begin_.offset);
    ring_.pop_front();
  }
  if (clients_.empty() && now - last_client_ > ring_age) {
    wanted_ = false;
    ring_valid_ = false;
    ring_.clear();
  }
}

void LiveHub::durable(log::Position end) {
  const std::lock_guard lock{mutex_};
  if (end == durable_) return;
  durable_ = end;
}

void LiveHub::announce(const json::object& message) {
  const auto text = std::make_shared<const std::string>(json_text(message));
  const std::lock_guard lock{mutex_};
  for (auto& [id, client] : clients_) client.socket->send(text, http::WebSocket::Type::text);
  trim(clock_.now());
}

LiveHub::Joined LiveHub::join(std::shared_ptr<http::WebSocket> socket, LiveFilter filter,
                              std::optional<log::Position> since,
                              const std::function<std::vector<std::string>(bool resumed)>& greet,
                              std::function<bool()> still_allowed) {
  const std::lock_guard lock{mutex_};
  const Time now = clock_.now();
  if (!ring_valid_) {
    ring_valid_ = true;
    ring_begin_ = durable_;
  }
  wanted_ = true;
  last_client_ = now;
  Joined joined{next_id_++, since && since->epoch == durable_.epoch && *since >= ring_begin_ && *since <= durable_};
  Client client{std::move(socket), std::move(filter), std::move(still_allowed)};
  for (std::string& message : greet(joined.resumed)) client.socket->send_text(std::move(message));
  if (joined.resumed) {
    for (const Event& event : ring_)
      if (event.after >= *since && wants(client, event)) client.socket->send(event.data, event.type);
  }
  clients_.emplace(joined.id, std::move(client));
  return joined;
}

void LiveHub::leave(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  clients_.erase(id);
  last_client_ = clock_.now();
}

void LiveHub::end_invalid() {
  const std::lock_guard lock{mutex_};
  for (auto& [id, client] : clients_)
    if (!client.still_allowed()) client.socket->close(http::CloseCode::policy, "the session has ended");
}

std::size_t LiveHub::clients() const {
  const std::lock_guard lock{mutex_};
  return clients_.size();
}

log::Position LiveHub::position() const {
  const std::lock_guard lock{mutex_};
  return durable_;
}

}  // namespace salus::app
