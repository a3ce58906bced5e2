#include "guard/authority.hpp"

#include <algorithm>
#include <iterator>

#include "guard/roles.hpp"

namespace salus::guard {
namespace {

constexpr std::pair<Role, std::string_view> kRoles[] = {{Role::administrator, "administrator"},
                                                        {Role::clinician, "clinician"},
                                                        {Role::engineer, "engineer"},
                                                        {Role::viewer, "viewer"}};

}  // namespace

std::string_view name(Role role) {
  for (const auto& [value, text] : kRoles)
    if (value == role) return text;
  return "?";
}

std::optional<Role> role_from(std::string_view name) {
  for (const auto& [value, text] : kRoles)
    if (text == name) return value;
  return std::nullopt;
}

std::string_view name(Action action) {
  switch (action) {
    case Action::see_ward:
      return "see_ward";
    case Action::acknowledge:
      return "acknowledge";
    case Action::set_limits:
      return "set_limits";
    case Action::bind_device:
      return "bind_device";
    case Action::see_devices:
      return "see_devices";
    case Action::manage_devices:
      return "manage_devices";
    case Action::manage_users:
      return "manage_users";
    case Action::see_audit:
      return "see_audit";
    case Action::operate:
      return "operate";
    case Action::see_record:
      return "see_record";
    case Action::change_record:
      return "change_record";
    case Action::publish:
      return "publish";
    case Action::subscribe:
      return "subscribe";
  }
  return "?";
}

}  // namespace salus::guard
