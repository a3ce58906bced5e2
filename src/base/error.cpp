#include "base/error.hpp"

namespace salus {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::pin_refused:
      return "pin_refused";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::rate_limited:
      return "rate_limited";
    case ErrorCode::timed_out:
      return "timed_out";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::not_durable:
      return "not_durable";
    case ErrorCode::damaged:
      return "damaged";
    case ErrorCode::cancelled:
      return "cancelled";
  }
  return "unknown";
}

tl::unexpected<Error> within(std::string_view place, Error error) {
  error.message = fmt::format("{}: {}", place, error.message);
  return tl::make_unexpected(std::move(error));
}

}  // namespace salus
