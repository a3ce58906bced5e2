#include "guard/pins.hpp"

#include <algorithm>

#include "log/kinds.hpp"

namespace salus::guard {
namespace {

tl::unexpected<Error> not_right() {
  return fail(ErrorCode::pin_refused, "The person or the PIN is not right, or the person has no PIN.");
}
tl::unexpected<Error> locked() {
  return fail(ErrorCode::pin_refused, "This PIN is locked; its owner unlocks it by signing in with the password.");
}

bool is_run(std::string_view pin, int step) {
  return std::ranges::adjacent_find(pin, [&](char a, char b) { return b - a != step; }) == pin.end();
}

}  // namespace

Result<void> check_new_pin(std::string_view pin, const PinLimits& limits) {
  const bool digits = std::ranges::all_of(pin, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || pin.size() < limits.digits_min || pin.size() > kPinDigitsMax)
    return fail(ErrorCode::invalid, "A PIN has {} to {} digits; six do well.", limits.digits_min, kPinDigitsMax);
  if (is_run(pin, 0) || is_run(pin, 1) || is_run(pin, -1))
    return fail(ErrorCode::invalid, "This PIN is among the first that anybody tries; take digits without an order.");
  return {};
}

Pins::Pins(const Directory& directory, Accounts& accounts, Records& records, Passwords& passwords, Audit& audit,
           const Clock& clock, PinLimits limits)
    : directory_(directory),
      accounts_(accounts),
      recorder_(records, audit),
      passwords_(passwords),
      clock_(clock),
      limits_(limits),
      by_station_(limits.by_station) {}

asio::awaitable<Result<void>> Pins::set(Actor actor, std::string password, std::string pin) {
  if (Result<void> good = check_new_pin(pin, limits_); !good) co_return good;
  const Result<bool> right = co_await accounts_.check_password(actor.id, std::move(password), actor.peer);
  if (!right) co_return fail(right.error());
  if (!*right) {
    recorder_.note(actor, log::kind::name(log::kind::pin_set), actor.id, false);
    co_return fail(ErrorCode::forbidden, "The password is wrong.");
  }
  Result<std::string> hash = co_await passwords_.hash(std::move(pin));
  if (!hash) co_return fail(std::move(hash.error()));
  const std::string user = actor.id;
  forget_attempts(user);
  co_return dropped(
      co_await recorder_.append(std::move(actor), log::kind::pin_set, {{"user", user}, {"pin_hash", *hash}}, user));
}

// Counted before the work, so that guesses side by side are not more than guesses in a row.
bool Pins::begin_attempt(const std::string& person) {
  const std::lock_guard lock(mutex_);
  std::uint32_t& count = attempts_[person];
  if (count >= limits_.failures_max) return false;
  ++count;
  return true;
}

void Pins::cancel_attempt(const std::string& person) {
  const std::lock_guard lock(mutex_);
  if (const auto at = attempts_.find(person); at != attempts_.end() && at->second > 0) --at->second;
}

// After a wrong one.
bool Pins::is_one_too_many(const std::string& person) {
  const std::lock_guard lock(mutex_);
  const auto at = attempts_.find(person);
  if (at == attempts_.end() || at->second < limits_.failures_max) return false;
  attempts_.erase(at);
  return true;
}

void Pins::forget_attempts(const std::string& person) {
  const std::lock_guard lock(mutex_);
  attempts_.erase(person);
}

asio::awaitable<Result<Caller>> Pins::confirm(Caller station, std::string proof, std::string peer) {
  const Time now = clock_.now();
  if (by_station_.is_blocked(station.id, now))
    co_return fail(ErrorCode::rate_limited, "Too many wrong PINs came from this station; wait a minute.");
  const std::size_t colon = proof.find(':');
  // Without a colon it may be the PIN alone, which must not get into the audit as a name.
  const std::string person = colon == std::string::npos ? std::string{} : proof.substr(0, colon);
  const std::string pin = colon == std::string::npos ? std::string{} : proof.substr(colon + 1);
  const std::shared_ptr<const User> user = directory_.user(person);
  const bool has_pin = user && user->enabled && !user->pin_hash.empty();
  if (has_pin && !user->pin_locked && !begin_attempt(person))
    co_return fail(ErrorCode::rate_limited, "This PIN is being tried elsewhere; try again in a moment.");
  const bool counted = has_pin && !user->pin_locked;
  const Result<bool> matches = co_await passwords_.verify(pin, has_pin ? user->pin_hash : std::string{});
  if (!matches) {
    if (counted) cancel_attempt(person);
    co_return fail(matches.error());
  }
  const Actor actor{.id = {}, .peer = peer};
  // Others may have locked it meanwhile.
  const std::shared_ptr<const User> now_known = directory_.user(person);
  if (counted && *matches && now_known && now_known->enabled && !now_known->pin_locked) {
    forget_attempts(person);
    by_station_.succeeded(station.id);
    co_return Caller{.kind = Caller::Kind::user,
                     .id = now_known->name,
                     .roles = now_known->roles,
                     .token_id = station.token_id,
                     .station = station.id,
                     .ward = station.ward};
  }
  by_station_.failed(station.id, now);
  recorder_.note(actor, "pin", person, false, station.id);
  if (counted && !*matches && is_one_too_many(person)) {
    const auto answer = co_await recorder_.append({.id = station.id, .peer = peer}, log::kind::pin_locked,
                                                  {{"user", person}, {"station", station.id}}, person);
    if (!answer) co_return fail(answer.error());
    co_return locked();
  }
  if (has_pin && user->pin_locked) co_return locked();
  co_return not_right();
}

}  // namespace salus::guard
