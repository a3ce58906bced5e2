// What can fail in normal operation returns Result<T>; what cannot happen is SALUS_ASSERT (assert.hpp).
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace salus {

// A code exists because somebody reacts to it differently from its neighbours. Gates map it to their protocol's words.
enum class ErrorCode {
  invalid,          // the input breaks a rule; the sender must change it
  unauthenticated,  // who is asking is not known
  forbidden,        // known, and not allowed
  pin_refused,      // a station needs a person and their PIN: none, a wrong one, or a locked one came
  not_found,
  conflict,      // the state does not allow it (already exists, changed meanwhile)
  too_large,     // over a stated bound; nothing was done
  rate_limited,  // right, but too often; try later
  timed_out,     // outcome unknown
  unavailable,   // cannot now; try later
  not_durable,   // the disk refused; the sender must keep its data
  damaged,       // stored bytes are not what was written
  cancelled,
};

std::string_view name(ErrorCode code);

// `message` states what happened, to which id, and what to do next; never a patient's name or value.
struct Error {
  ErrorCode code = ErrorCode::invalid;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

// return fail(ErrorCode::not_found, "Device '{}' is not registered; create it with PUT /devices/{}.", id, id);
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
  return tl::make_unexpected(Error{code, fmt::format(text, std::forward<Args>(args)...)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::make_unexpected(std::move(error));
}

// The same error with the place it came through in front: "segment 3: header checksum differs".
[[nodiscard]] tl::unexpected<Error> within(std::string_view place, Error error);

}  // namespace salus
