// What the formats share: the bound of the work, and how their errors are made.
#pragma once

#include <fmt/format.h>

#include "fhir/patch/patch.hpp"

namespace salus::fhir::patch {

class Work {
 public:
  explicit Work(std::uint64_t most) : left_(most) {}
  // False once more was done than may be.
  bool spend(std::uint64_t units) {
    if (units > left_) return left_ = 0, false;
    left_ -= units;
    return true;
  }

 private:
  std::uint64_t left_;
};

template <class... Args>
[[nodiscard]] tl::unexpected<Issue> refuse(ErrorCode code, std::string location, fmt::format_string<Args...> message,
                                           Args&&... args) {
  return tl::make_unexpected(Issue{
      .code = code, .message = fmt::format(message, std::forward<Args>(args)...), .location = std::move(location)});
}

inline constexpr std::string_view too_much_work = "The patch takes more work than is done for one";

}  // namespace salus::fhir::patch
