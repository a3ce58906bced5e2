#include "guard/accounts.hpp"

#include <algorithm>

#include "guard/identities_json.hpp"
#include "guard/private_file.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::string_view kFirstAdministrator = "admin";

tl::unexpected<Error> wrong_password() {
  return fail(ErrorCode::unauthenticated, "The user name or the password is wrong, or the user is disabled.");
}

json::array names_of(const std::vector<Role>& roles) {
  json::array names;
  for (const Role role : roles) names.emplace_back(name(role));
  return names;
}

}  // namespace

Accounts::Accounts(const Directory& directory, Records& records, Passwords& passwords, Audit& audit, const Clock& clock,
                   AccountLimits limits)
    : directory_(directory),
      recorder_(records, audit),
      passwords_(passwords),
      clock_(clock),
      limits_(limits),
      by_user_(limits.by_user),
      by_peer_(limits.by_peer) {}

asio::awaitable<Result<IssuedToken>> Accounts::issue(Actor actor, std::string user, std::string name, nanoseconds life,
                                                     bool session) {
  IssuedToken issued{.id = to_hex(random_bytes(8)),
                     .token = "slt_" + to_base64url(random_bytes(kTokenBytes)),
                     .expires = clock_.now() + life};
  json::object body{{"id", issued.id},
                    {"user", user},
                    {"name", name},
                    {"sha256", to_hex(view_of(sha256(issued.token)))},
                    {"expires", to_iso(issued.expires)},
                    {"session", session}};
  const Result<view::Answer> answer = co_await recorder_.append(actor, log::kind::token_issued, std::move(body), user);
  if (!answer) co_return fail(answer.error());
  co_return issued;
}

asio::awaitable<Result<bool>> Accounts::check_password(std::string user, std::string password, std::string peer) {
  const Time now = clock_.now();
  if (by_user_.is_blocked(user, now) || by_peer_.is_blocked(peer, now))
    co_return fail(ErrorCode::rate_limited, "Too many sign-ins failed; wait a minute.");
  const std::shared_ptr<const User> known = directory_.user(user);
  const Result<bool> matches =
      co_await passwords_.verify(std::move(password), known ? known->password_hash : std::string{});
  if (!matches) co_return matches;
  const bool ok = *matches && known && known->enabled;
  if (ok) {
    by_user_.succeeded(user);
    by_peer_.succeeded(peer);
  } else {
    by_user_.failed(user, now);
    by_peer_.failed(peer, now);
  }
  co_return ok;
}

asio::awaitable<Result<IssuedToken>> Accounts::open_session(std::string user, std::string password, std::string peer) {
  const Result<bool> right = co_await check_password(user, std::move(password), peer);
  const bool ok = right && *right;
  recorder_.note({.id = ok ? user : std::string{}, .peer = peer}, "sign_in", user, ok);
  if (!right) co_return fail(right.error());
  if (!ok) co_return wrong_password();
  co_return co_await issue({.id = user, .peer = peer}, user, "session", limits_.session, true);
}

asio::awaitable<Result<IssuedToken>> Accounts::issue_token(Actor actor, std::string name, std::int64_t days) {
  if (days < 1 || days > limits_.token_days_max)
    co_return fail(ErrorCode::invalid, "A token lives for 1 to {} days.", limits_.token_days_max);
  const std::string user = actor.id;
  co_return co_await issue(std::move(actor), user, std::move(name), std::chrono::days{days}, false);
}

asio::awaitable<Result<void>> Accounts::revoke_token(Actor actor, std::string id) {
  co_return dropped(co_await recorder_.append(std::move(actor), log::kind::token_revoked, {{"id", id}}, id));
}

asio::awaitable<Result<void>> Accounts::change_password(Actor actor, std::string old_password, std::string new_password,
                                                        std::string keep_token) {
  if (Result<void> good = check_new_password(new_password); !good) co_return good;
  const Result<bool> right = co_await check_password(actor.id, std::move(old_password), actor.peer);
  if (!right) co_return fail(right.error());
  if (!*right) {
    recorder_.note(actor, "password", actor.id, false);
    co_return fail(ErrorCode::forbidden, "The old password is wrong.");
  }
  Result<std::string> hash = co_await passwords_.hash(std::move(new_password));
  if (!hash) co_return fail(std::move(hash.error()));
  const std::shared_ptr<const User> user = directory_.user(actor.id);
  if (!user) co_return fail(ErrorCode::not_found, "The user was removed meanwhile.");
  json::object body{{"name", user->name},
                    {"display_name", user->display_name},
                    {"roles", names_of(user->roles)},
                    {"enabled", user->enabled},
                    {"password_hash", *hash},
                    {"keep_token", keep_token}};
  const std::string target = user->name;
  co_return dropped(co_await recorder_.append(std::move(actor), log::kind::user_put, std::move(body), target));
}

asio::awaitable<Result<bool>> Accounts::put_user(Actor actor, UserChange change) {
  json::object body{{"name", change.name},
                    {"display_name", change.display_name},
                    {"roles", names_of(change.roles)},
                    {"enabled", change.enabled}};
  if (const Result<User> user = user_from(body); !user) co_return fail(user.error());
  if (!change.password.empty()) {
    if (Result<void> good = check_new_password(change.password); !good) co_return fail(std::move(good.error()));
    Result<std::string> hash = co_await passwords_.hash(std::move(change.password));
    if (!hash) co_return fail(std::move(hash.error()));
    body["password_hash"] = *hash;
  }
  const Result<view::Answer> answer =
      co_await recorder_.append(std::move(actor), log::kind::user_put, std::move(body), change.name);
  if (!answer) co_return fail(answer.error());
  co_return answer->detail.is_object() && bool_or(answer->detail.get_object(), "created");
}

asio::awaitable<Result<void>> Accounts::remove_user(Actor actor, std::string name) {
  co_return dropped(co_await recorder_.append(std::move(actor), log::kind::user_removed, {{"name", name}}, name));
}

asio::awaitable<Result<void>> Accounts::make_first_administrator(std::filesystem::path password_file) {
  if (!directory_.users().empty()) co_return Result<void>{};
  const std::string password = to_base64url(random_bytes(18));
  if (Result<void> written = write_private_file(password_file, password + "\n"); !written) co_return written;
  Result<std::string> hash = co_await passwords_.hash(password);
  if (!hash) co_return fail(std::move(hash.error()));
  json::object body{{"name", kFirstAdministrator},
                    {"display_name", "Administrator"},
                    {"roles", names_of({Role::administrator})},
                    {"enabled", true},
                    {"password_hash", *hash},
                    {"create_only", true}};
  co_return dropped(co_await recorder_.append({.id = "salus", .peer = {}}, log::kind::user_put, std::move(body),
                                              std::string(kFirstAdministrator)));
}

asio::awaitable<Result<IssuedToken>> Accounts::issue_operator_token() {
  for (const std::shared_ptr<const User>& user : directory_.users()) {
    const bool administers = std::ranges::find(user->roles, Role::administrator) != user->roles.end();
    if (!user->enabled || !administers) continue;
    // A session, so that restarts never fill the user's tokens: the oldest makes room.
    co_return co_await issue({.id = "salus", .peer = {}}, user->name, "ready file", std::chrono::days{30}, true);
  }
  co_return fail(ErrorCode::not_found, "There is no enabled administrator.");
}

}  // namespace salus::guard
