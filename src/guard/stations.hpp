// Stations: screens that sign in as themselves, for one ward, and stay signed in until they are revoked.
//
// An administrator makes a station and reads its pairing code to whoever stands at the screen. The code is shown once,
// works once, and for a quarter of an hour; what the screen gets for it is its token, of which only the digest is kept.
#pragma once

#include "guard/directory.hpp"
#include "guard/failure_limiter.hpp"
#include "guard/recorder.hpp"

namespace salus::guard {

struct PairingCode {
  std::string id;    // of the station
  std::string code;  // "7Q2XM-4KD9T": ten of Crockford's 32 characters, 50 bits
  Time expires{};
};
struct PairedStation {
  std::string token;  // does not expire
  std::shared_ptr<const Station> station;
};

// Lifetime: outlived by everything it was built from; outlives the requests that use it. Threads: any.
class Stations {
 public:
  static constexpr std::chrono::minutes code_life{15};

  Stations(const Directory& directory, Records& records, Audit& audit, const Clock& clock)
      : directory_(directory), recorder_(records, audit), clock_(clock) {}

  // Errors: invalid, too_large (1,000 stations).
  asio::awaitable<Result<PairingCode>> create(Actor actor, std::string name, std::string ward);
  // For another screen, or a screen that forgot; the old one goes on until the code is used. Errors: not_found.
  asio::awaitable<Result<PairingCode>> new_code(Actor actor, std::string id);
  // Errors: not_found, invalid.
  asio::awaitable<Result<void>> rename(Actor actor, std::string id, std::string name);
  // Its token is worth nothing from now on. Errors: not_found.
  asio::awaitable<Result<void>> revoke(Actor actor, std::string id);
  // The code in any case, with or without its dash. Errors: unauthenticated, rate_limited.
  asio::awaitable<Result<PairedStation>> pair(std::string code, std::string peer);

 private:
  asio::awaitable<Result<PairingCode>> put_code(Actor actor, json::object body);

  const Directory& directory_;
  Recorder recorder_;
  const Clock& clock_;
  FailureLimiter by_peer_;
};

}  // namespace salus::guard
