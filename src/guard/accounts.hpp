// What people do with users, passwords and tokens: each call hashes what must be hashed, appends an entry, waits for
// its answer and writes the audit entry.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "guard/directory.hpp"
#include "guard/failure_limiter.hpp"
#include "guard/passwords.hpp"
#include "guard/recorder.hpp"

namespace salus::guard {

struct IssuedToken {
  std::string id;
  std::string token;  // shown once; only its digest is kept
  Time expires{};
};

struct AccountLimits {
  nanoseconds session = std::chrono::hours{12};
  std::int64_t token_days_max = 366;
  FailureLimits by_user{.failures_max = 10};  // guesses at one name from anywhere
  FailureLimits by_peer{};
};

// What PUT /api/users/{name} may say.
struct UserChange {
  std::string name;
  std::string display_name;
  std::vector<Role> roles;
  bool enabled = true;
  std::string password;  // empty: stays as it is
};

// Lifetime: outlived by everything it was built from; outlives the requests that use it. Threads: any.
class Accounts {
 public:
  Accounts(const Directory& directory, Records& records, Passwords& passwords, Audit& audit, const Clock& clock,
           AccountLimits limits = {});

  // Whether this is the password of an enabled user, with the same work for one who does not exist.
  // Errors: rate_limited, unavailable.
  asio::awaitable<Result<bool>> check_password(std::string user, std::string password, std::string peer);
  // Errors: unauthenticated (never says which part was wrong), rate_limited, unavailable. Unlocks the user's PIN.
  asio::awaitable<Result<IssuedToken>> open_session(std::string user, std::string password, std::string peer);
  // A token for scripts, with its owner's roles. Errors: invalid (days), conflict (too many).
  asio::awaitable<Result<IssuedToken>> issue_token(Actor actor, std::string name, std::int64_t days);
  // Errors: not_found.
  asio::awaitable<Result<void>> revoke_token(Actor actor, std::string id);
  // Ends the user's other tokens. Errors: unauthenticated (the old one is wrong), invalid, rate_limited.
  asio::awaitable<Result<void>> change_password(Actor actor, std::string old_password, std::string new_password,
                                                std::string keep_token);
  // True when it was created. Errors: invalid, conflict (the last administrator).
  asio::awaitable<Result<bool>> put_user(Actor actor, UserChange change);
  // Errors: not_found, conflict.
  asio::awaitable<Result<void>> remove_user(Actor actor, std::string name);

  // On a log without users: makes the administrator "admin" and writes its random password to `password_file` (mode
  // 0600) first, so that no crash can leave an administrator that nobody can be. Otherwise does nothing. Errors: those
  // of Records; unavailable (the file cannot be written).
  asio::awaitable<Result<void>> make_first_administrator(std::filesystem::path password_file);
  // A token of an administrator for the program that started the server (the ready file). Errors: not_found.
  asio::awaitable<Result<IssuedToken>> issue_operator_token();

 private:
  asio::awaitable<Result<IssuedToken>> issue(Actor actor, std::string user, std::string name, nanoseconds life,
                                             bool session);

  const Directory& directory_;
  Recorder recorder_;
  Passwords& passwords_;
  const Clock& clock_;
  const AccountLimits limits_;
  FailureLimiter by_user_;
  FailureLimiter by_peer_;
};

}  // namespace salus::guard
