// The view of `records` that knows users, tokens and the devices' proofs. The bodies that it applies are in
// docs/formats/entries.md.
//
// Table: "u/<name>", "t/<token id>", "d/<device id>", "s/<station id>" -> JSON.
#pragma once

#include <map>
#include <set>
#include <string>

#include "guard/directory.hpp"
#include "view/view.hpp"

namespace salus::guard {

inline constexpr std::size_t kTokensPerUserMax =
    100;  // that have not expired; the oldest session makes room for a new one

inline constexpr std::size_t kStationsMax = 1'000;

// Invariants: there is never a state without an enabled administrator once there was one; a token's user exists.
// Threads: the host's apply thread. `directory` outlives it.
class Identities final : public view::View {
 public:
  explicit Identities(Directory& directory) : directory_(directory) {}

  std::string_view name() const override { return "identities"; }
  std::string layout() const override { return "2"; }
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

 private:
  using Body = json::object;
  view::Answer put_user(const Body& body, Time now);
  view::Answer remove_user(const Body& body);
  view::Answer issue_token(const Body& body, Time now);
  view::Answer revoke_token(const Body& body);
  view::Answer put_device(const Body& body);
  view::Answer remove_device(const Body& body);

  view::Answer put_station(const Body& body, Time now);
  view::Answer pair_station(const Body& body, Time now);
  view::Answer revoke_station(const Body& body);
  view::Answer set_pin(const Body& body);
  view::Answer lock_pin(const Body& body);

  bool is_last_administrator(const std::string& name) const;
  void end_tokens(const std::string& user, const std::string& except);
  std::optional<view::Answer> make_room(const std::string& user, bool session, Time now);

  void set(User user);
  void set(Token token);
  void set(Station station);
  void erase_token(const std::string& id);

  Directory& directory_;
  std::map<std::string, User> users_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, Device> devices_;
  std::map<std::string, Station> stations_;
  std::set<std::string> unsaved_;  // keys of the table
};

}  // namespace salus::guard
