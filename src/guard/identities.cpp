#include "guard/identities.hpp"

#include <algorithm>

#include "guard/identities_json.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

using view::Answer;

Answer refused(Error error) {
  return Answer::refused(error.code, std::move(error.message));
}

bool administers(const User& user) {
  return user.enabled && std::ranges::find(user.roles, Role::administrator) != user.roles.end();
}

// Whether whoever held a decision for `before` must ask again.
bool has_shrunk(const User& before, const User& after) {
  return before.enabled != after.enabled || !std::ranges::includes(after.roles, before.roles) ||
         before.password_hash != after.password_hash;
}

// Reads one kind of row back; damage names its key.
template <class Read, class Take>
Result<void> load_rows(const view::Table& table, std::string_view prefix, Read read, Take take) {
  Result<void> result;
  const std::string from{prefix};
  const std::string to = from.substr(0, from.size() - 1) + static_cast<char>(from.back() + 1);
  table.scan(from, to, [&](ByteView key, ByteView value) {
    Result<json::object> body = parse_json(value).and_then([](const json::value& v) { return as_object(v, "A row"); });
    auto row = body.and_then(read);
    if (!row) {
      result =
          fail(ErrorCode::damaged, "Row '{}' of the view 'identities' cannot be read: {}", key, row.error().message);
      return false;
    }
    take(std::move(*row));
    return true;
  });
  return result;
}

}  // namespace

std::optional<Answer> Identities::apply(const log::Run& run, const view::Place& place) {
  namespace kind = log::kind;
  constexpr log::Kind ours[] = {kind::user_put,        kind::user_removed,   kind::token_issued, kind::token_revoked,
                                kind::device_put,      kind::device_removed, kind::station_put,  kind::station_paired,
                                kind::station_revoked, kind::pin_set,        kind::pin_locked};
  if (std::ranges::find(ours, run.kind) == std::end(ours)) return std::nullopt;
  const Result<json::object> body =
      parse_json(run.body).and_then([](const json::value& value) { return as_object(value, "The entry"); });
  if (!body) return refused(body.error());
  if (run.kind == kind::user_put) return put_user(*body, place.time);
  if (run.kind == kind::user_removed) return remove_user(*body);
  if (run.kind == kind::token_issued) return issue_token(*body, place.time);
  if (run.kind == kind::token_revoked) return revoke_token(*body);
  if (run.kind == kind::device_put) return put_device(*body);
  if (run.kind == kind::station_put) return put_station(*body, place.time);
  if (run.kind == kind::station_paired) return pair_station(*body, place.time);
  if (run.kind == kind::station_revoked) return revoke_station(*body);
  if (run.kind == kind::pin_set) return set_pin(*body);
  if (run.kind == kind::pin_locked) return lock_pin(*body);
  return remove_device(*body);
}

bool Identities::is_last_administrator(const std::string& name) const {
  const auto self = users_.find(name);
  if (self == users_.end() || !administers(self->second)) return false;
  return std::ranges::count_if(users_, [](const auto& pair) { return administers(pair.second); }) == 1;
}

Answer Identities::put_user(const Body& body, Time now) {
  Result<User> user = user_from(body);
  if (!user) return refused(std::move(user.error()));
  const auto known = users_.find(user->name);
  const bool created = known == users_.end();
  const bool new_password = !user->password_hash.empty();
  if (bool_or(body, "create_only") && !created)
    return Answer::refused(ErrorCode::conflict, fmt::format("User '{}' exists already.", user->name));
  if (created && !new_password)
    return Answer::refused(ErrorCode::invalid, fmt::format("User '{}' is new and needs a password.", user->name));
  if (!administers(*user) && is_last_administrator(user->name))
    return Answer::refused(ErrorCode::conflict, "The last enabled administrator must stay one; make another first.");
  user->created = created ? now : known->second.created;
  if (!new_password) user->password_hash = known->second.password_hash;
  // Whoever sets another's password takes the account from whom it may have come to; the PIN goes with it.
  const bool keeps_pin = !created && (!new_password || string_or(body, "by") == user->name);
  user->pin_hash = keeps_pin ? known->second.pin_hash : std::string{};
  user->pin_locked = keeps_pin && known->second.pin_locked;
  const bool shrunk = !created && has_shrunk(known->second, *user);
  const std::string name = user->name;
  set(std::move(*user));
  // Whoever changes a password wants the others out.
  if (new_password && !created) end_tokens(name, string_or(body, "keep_token"));
  if (shrunk) directory_.shrunk();
  return Answer::ok(json::object{{"created", created}});
}

Answer Identities::remove_user(const Body& body) {
  const std::string name = string_or(body, "name");
  if (!users_.contains(name)) return Answer::refused(ErrorCode::not_found, fmt::format("There is no user '{}'.", name));
  if (is_last_administrator(name))
    return Answer::refused(ErrorCode::conflict, "The last enabled administrator must stay; make another first.");
  end_tokens(name, "");
  users_.erase(name);
  unsaved_.insert("u/" + name);
  directory_.remove_user(name);
  directory_.shrunk();
  return Answer::ok();
}

void Identities::end_tokens(const std::string& user, const std::string& except) {
  std::vector<std::string> ended;
  for (const auto& [id, token] : tokens_)
    if (token.user == user && id != except) ended.push_back(id);
  for (const std::string& id : ended) erase_token(id);
  if (!ended.empty()) directory_.shrunk();
}

// Expired tokens go; then the oldest session, when there are too many.
std::optional<Answer> Identities::make_room(const std::string& user, bool session, Time now) {
  std::vector<std::string> expired;
  std::size_t live = 0;
  const Token* oldest = nullptr;
  for (const auto& [id, token] : tokens_) {
    if (token.user != user) continue;
    if (token.expires <= now) {
      expired.push_back(id);
      continue;
    }
    ++live;
    if (token.session && (oldest == nullptr || token.issued < oldest->issued)) oldest = &token;
  }
  std::optional<Answer> refusal;
  if (live >= kTokensPerUserMax) {
    if (session && oldest != nullptr)
      expired.push_back(oldest->id);
    else
      refusal =
          Answer::refused(ErrorCode::conflict, fmt::format("User '{}' has {} tokens; revoke one first.", user, live));
  }
  for (const std::string& id : expired) erase_token(id);
  if (!expired.empty()) directory_.shrunk();
  return refusal;
}

Answer Identities::issue_token(const Body& body, Time now) {
  Result<Token> token = token_from(body);
  if (!token) return refused(std::move(token.error()));
  const auto user = users_.find(token->user);
  if (user == users_.end() || !user->second.enabled)
    return Answer::refused(ErrorCode::forbidden, "The user of this token does not exist or is disabled.");
  if (tokens_.contains(token->id)) return Answer::refused(ErrorCode::conflict, "A token with this id exists already.");
  if (std::optional<Answer> refusal = make_room(token->user, token->session, now)) return std::move(*refusal);
  token->issued = now;
  // A session that somebody opens for themselves has shown the password.
  if (token->session && user->second.pin_locked && string_or(body, "by") == token->user) {
    User unlocked = user->second;
    unlocked.pin_locked = false;
    set(std::move(unlocked));
  }
  set(std::move(*token));
  return Answer::ok();
}

Answer Identities::revoke_token(const Body& body) {
  const std::string id = string_or(body, "id");
  if (!tokens_.contains(id))
    return Answer::refused(ErrorCode::not_found, "There is no such token; it may have expired.");
  erase_token(id);
  directory_.shrunk();
  return Answer::ok();
}

Answer Identities::put_device(const Body& body) {
  Result<Device> device = device_from(body);
  if (!device) return refused(std::move(device.error()));
  const std::string id = device->id;
  const bool known = devices_.contains(id);
  devices_.insert_or_assign(id, *device);
  unsaved_.insert("d/" + id);
  directory_.put(std::move(*device));
  if (known) directory_.shrunk();
  return Answer::ok(json::object{{"created", !known}});
}

Answer Identities::remove_device(const Body& body) {
  const std::string id = string_or(body, "id");
  if (devices_.erase(id) == 0)
    return Answer::refused(ErrorCode::not_found, fmt::format("Device '{}' is not registered.", id));
  unsaved_.insert("d/" + id);
  directory_.remove_device(id);
  directory_.shrunk();
  return Answer::ok();
}

void Identities::set(User user) {
  unsaved_.insert("u/" + user.name);
  directory_.put(user);
  const std::string name = user.name;
  users_.insert_or_assign(name, std::move(user));
}

void Identities::set(Token token) {
  unsaved_.insert("t/" + token.id);
  directory_.put(token);
  const std::string id = token.id;
  tokens_.insert_or_assign(id, std::move(token));
}

void Identities::erase_token(const std::string& id) {
  unsaved_.insert("t/" + id);
  directory_.remove_token(id);
  tokens_.erase(id);
}

void Identities::save(view::Table& table) {
  const auto write = [&](const auto& rows, const std::string& key) {
    const auto row = rows.find(key.substr(2));
    if (row == rows.end())
      table.remove(key);
    else
      table.put(key, json_text(to_json(row->second)));
  };
  for (const std::string& key : unsaved_) {
    if (key.starts_with("u/")) write(users_, key);
    if (key.starts_with("t/")) write(tokens_, key);
    if (key.starts_with("d/")) write(devices_, key);
    if (key.starts_with("s/")) write(stations_, key);
  }
  unsaved_.clear();
}

Result<void> Identities::load(const view::Table& table) {
  Result<void> users = load_rows(table, "u/", user_from, [&](User user) { set(std::move(user)); });
  Result<void> tokens = load_rows(table, "t/", token_from, [&](Token token) { set(std::move(token)); });
  Result<void> devices = load_rows(table, "d/", device_from, [&](Device device) {
    directory_.put(device);
    const std::string id = device.id;
    devices_.insert_or_assign(id, std::move(device));
  });
  Result<void> stations = load_rows(table, "s/", station_from, [&](Station station) { set(std::move(station)); });
  unsaved_.clear();
  if (!stations) return stations;
  if (!users) return users;
  if (!tokens) return tokens;
  return devices;
}

}  // namespace salus::guard
