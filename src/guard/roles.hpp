// What each role may do: this table and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "guard/authority.hpp"

namespace salus::guard {

namespace roles {
constexpr std::uint8_t bit(Role role) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
}
inline constexpr std::uint8_t a = bit(Role::administrator);
inline constexpr std::uint8_t c = bit(Role::clinician);
inline constexpr std::uint8_t e = bit(Role::engineer);
inline constexpr std::uint8_t v = bit(Role::viewer);

struct Row {
  Action action;
  std::uint8_t may;
};
// Publishing and subscribing are by topic, not by role: a device has its own topics, and people subscribe to what they
// may see (gatekeeper.cpp).
inline constexpr std::array<Row, 11> table = {{{Action::see_ward, a | c | e | v},
                                               {Action::acknowledge, a | c},
                                               {Action::set_limits, a | c},
                                               {Action::bind_device, a | c | e},
                                               {Action::see_devices, a | c | e | v},
                                               {Action::manage_devices, a | e},
                                               {Action::manage_users, a},
                                               {Action::see_audit, a | e},
                                               {Action::operate, a | e},
                                               {Action::see_record, a | c | v},
                                               {Action::change_record, a | c}}};
}  // namespace roles

constexpr bool role_may(Role role, Action action) {
  return std::ranges::any_of(
      roles::table, [&](const roles::Row& row) { return row.action == action && (row.may & roles::bit(role)) != 0; });
}

}  // namespace salus::guard
