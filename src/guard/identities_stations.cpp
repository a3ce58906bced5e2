// What Identities applies about stations, and about the PINs by which people act at them.
#include "guard/identities.hpp"
#include "guard/identities_json.hpp"

namespace salus::guard {

using view::Answer;

Answer Identities::put_station(const Body& body, Time now) {
  Result<Station> station = station_from(body);
  if (!station) return Answer::refused(station.error().code, std::move(station.error().message));
  const auto known = stations_.find(station->id);
  const bool created = known == stations_.end();
  if (bool_or(body, "create_only") != created)
    return created ? Answer::refused(ErrorCode::not_found, fmt::format("There is no station '{}'.", station->id))
                   : Answer::refused(ErrorCode::conflict, fmt::format("Station '{}' exists already.", station->id));
  if (created && stations_.size() >= kStationsMax)
    return Answer::refused(ErrorCode::too_large, fmt::format("There are {} stations already.", kStationsMax));
  if (!created && known->second.ward != station->ward)
    return Answer::refused(ErrorCode::conflict, "A station stays in its ward; revoke it and make another.");
  station->created = created ? now : known->second.created;
  station->token_digest = created ? std::string{} : known->second.token_digest;
  station->paired = created ? Time{} : known->second.paired;
  if (station->code_digest.empty() && !created) {  // only renamed
    station->code_digest = known->second.code_digest;
    station->code_expires = known->second.code_expires;
  }
  set(std::move(*station));
  return Answer::ok(json::object{{"created", created}});
}

// Whoever shows the code gets the station; a screen that had it before is out.
Answer Identities::pair_station(const Body& body, Time now) {
  const std::string code = from_hex(string_or(body, "code_sha256")).value_or("");
  const std::string token = from_hex(string_or(body, "token_sha256")).value_or("");
  if (code.size() != 32 || token.size() != 32)
    return Answer::refused(ErrorCode::invalid, "A code and a token are given by their SHA-256 in hex.");
  for (const auto& [id, station] : stations_) {
    if (station.code_digest != code || station.code_expires <= now) continue;
    Station paired = station;
    const bool had = !paired.token_digest.empty();
    paired.code_digest.clear();
    paired.token_digest = token;
    paired.paired = now;
    const std::string name = id;
    set(std::move(paired));
    if (had) directory_.shrunk();
    return Answer::ok(json::object{{"id", name}});
  }
  return Answer::refused(ErrorCode::unauthenticated, "The code is not right, was used already, or has expired.");
}

Answer Identities::revoke_station(const Body& body) {
  const std::string id = string_or(body, "id");
  if (stations_.erase(id) == 0)
    return Answer::refused(ErrorCode::not_found, fmt::format("There is no station '{}'.", id.substr(0, 64)));
  unsaved_.insert("s/" + id);
  directory_.remove_station(id);
  directory_.shrunk();
  return Answer::ok();
}

Answer Identities::set_pin(const Body& body) {
  const auto known = users_.find(string_or(body, "user"));
  const std::string hash = string_or(body, "pin_hash");
  if (known == users_.end() || !known->second.enabled)
    return Answer::refused(ErrorCode::not_found, "The user was removed or disabled meanwhile.");
  if (hash.empty() || hash.size() > 512) return Answer::refused(ErrorCode::invalid, "A PIN is given by its hash.");
  User user = known->second;
  user.pin_hash = hash;
  user.pin_locked = false;
  set(std::move(user));
  return Answer::ok();
}

Answer Identities::lock_pin(const Body& body) {
  const auto known = users_.find(string_or(body, "user"));
  if (known == users_.end()) return Answer::refused(ErrorCode::not_found, "The user was removed meanwhile.");
  User user = known->second;
  user.pin_locked = true;
  set(std::move(user));
  return Answer::ok();
}

void Identities::set(Station station) {
  unsaved_.insert("s/" + station.id);
  directory_.put(station);
  const std::string id = station.id;
  stations_.insert_or_assign(id, std::move(station));
}

}  // namespace salus::guard
