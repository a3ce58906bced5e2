// PINs: how a person says at a station that it is them, in the second that an alarm leaves. A PIN opens nothing by
// itself and nothing elsewhere: it counts only beside the token of a station.
//
// Guessing is bounded twice. So many wrong PINs of one person in a row lock that person's PIN, wherever they came from,
// until they sign in by password; and a station from which too many wrong ones come waits a minute.
#pragma once

#include <mutex>
#include <unordered_map>

#include "guard/accounts.hpp"

namespace salus::guard {

inline constexpr std::size_t kPinDigitsLeast = 4;  // a setting can only ask for more
inline constexpr std::size_t kPinDigitsMax = 12;

struct PinLimits {
  std::size_t digits_min = kPinDigitsLeast;
  std::uint32_t failures_max = 5;  // of one person, in a row
  FailureLimits by_station{.failures_max = 20};
};

// Digits alone, as many as asked for, and not the first that anybody tries: one digit only, or a run such as 1234.
// Errors: invalid.
Result<void> check_new_pin(std::string_view pin, const PinLimits& limits);

// Lifetime: outlived by everything it was built from; outlives the requests that use it. Threads: any.
class Pins {
 public:
  Pins(const Directory& directory, Accounts& accounts, Records& records, Passwords& passwords, Audit& audit,
       const Clock& clock, PinLimits limits = {});

  // Sets the actor's own PIN; unlocks it. Errors: forbidden (the password is wrong), invalid, rate_limited.
  asio::awaitable<Result<void>> set(Actor actor, std::string password, std::string pin);

  // Who acts at `station`: `proof` is "person:digits". The caller has the person's roles, the station's ward, and names
  // both. Errors: pin_refused (never says which part was wrong, but says when a PIN is locked), rate_limited,
  // unavailable.
  asio::awaitable<Result<Caller>> confirm(Caller station, std::string proof, std::string peer);

 private:
  bool begin_attempt(const std::string& person);
  void cancel_attempt(const std::string& person);
  bool is_one_too_many(const std::string& person);
  void forget_attempts(const std::string& person);

  const Directory& directory_;
  Accounts& accounts_;
  Recorder recorder_;
  Passwords& passwords_;
  const Clock& clock_;
  const PinLimits limits_;
  FailureLimiter by_station_;
  std::mutex mutex_;
  // Wrong in a row or under way; a restart begins anew, a lock is an entry. Only of users who have a PIN.
  std::unordered_map<std::string, std::uint32_t> attempts_;
};

}  // namespace salus::guard
