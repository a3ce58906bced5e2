#include "guard/directory.hpp"

#include <mutex>

namespace salus::guard {
namespace {

template <class Map>
typename Map::mapped_type find(const Map& map, std::string_view key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : at->second;
}

}  // namespace

std::shared_ptr<const User> Directory::user(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  return find(users_, name);
}

std::shared_ptr<const Token> Directory::token(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  return find(tokens_, id);
}

// The digest of a secret that nobody else knows: an attacker cannot choose it bit by bit, so a hash map's timing is no
// help.
std::shared_ptr<const Token> Directory::token_by_digest(const Sha256& digest) const {
  const std::shared_lock lock(mutex_);
  const auto at = by_digest_.find(std::string(view_of(digest)));
  return at == by_digest_.end() ? nullptr : at->second;
}

std::shared_ptr<const Device> Directory::device(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  return find(devices_, id);
}

std::vector<std::shared_ptr<const User>> Directory::users() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const User>> all;
  for (const auto& [name, user] : users_) all.push_back(user);
  return all;
}

std::shared_ptr<const Station> Directory::station(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  return find(stations_, id);
}

std::shared_ptr<const Station> Directory::station_by_token(const Sha256& digest) const {
  const std::shared_lock lock(mutex_);
  const auto at = station_by_token_.find(std::string(view_of(digest)));
  return at == station_by_token_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<const Station>> Directory::stations() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const Station>> all;
  for (const auto& [id, station] : stations_) all.push_back(station);
  return all;
}

void Directory::put(User user) {
  auto shared = std::make_shared<const User>(std::move(user));
  const std::unique_lock lock(mutex_);
  users_.insert_or_assign(shared->name, shared);
}

void Directory::put(Token token) {
  auto shared = std::make_shared<const Token>(std::move(token));
  const std::unique_lock lock(mutex_);
  tokens_.insert_or_assign(shared->id, shared);
  by_digest_.insert_or_assign(shared->digest, shared);
}

void Directory::put(Device device) {
  auto shared = std::make_shared<const Device>(std::move(device));
  const std::unique_lock lock(mutex_);
  devices_.insert_or_assign(shared->id, shared);
}

void Directory::put(Station station) {
  auto shared = std::make_shared<const Station>(std::move(station));
  const std::unique_lock lock(mutex_);
  if (const auto old = stations_.find(shared->id); old != stations_.end())
    station_by_token_.erase(old->second->token_digest);
  stations_.insert_or_assign(shared->id, shared);
  if (!shared->token_digest.empty()) station_by_token_.insert_or_assign(shared->token_digest, shared);
}

void Directory::remove_station(const std::string& id) {
  const std::unique_lock lock(mutex_);
  const auto at = stations_.find(id);
  if (at == stations_.end()) return;
  station_by_token_.erase(at->second->token_digest);
  stations_.erase(at);
}

void Directory::remove_user(const std::string& name) {
  const std::unique_lock lock(mutex_);
  users_.erase(name);
}

void Directory::remove_token(const std::string& id) {
  const std::unique_lock lock(mutex_);
  const auto at = tokens_.find(id);
  if (at == tokens_.end()) return;
  by_digest_.erase(at->second->digest);
  tokens_.erase(at);
}

void Directory::remove_device(const std::string& id) {
  const std::unique_lock lock(mutex_);
  devices_.erase(id);
}

}  // namespace salus::guard
