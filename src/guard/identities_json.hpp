// Users, tokens and devices as JSON: in entries and in the view's table.
#pragma once

#include "base/json.hpp"
#include "guard/directory.hpp"

namespace salus::guard {

json::object to_json(const User& user);
json::object to_json(const Token& token);
json::object to_json(const Device& device);
json::object to_json(const Station& station);

// Errors: invalid. Unknown members are ignored: a later version may have written them.
Result<User> user_from(const json::object& body);
Result<Token> token_from(const json::object& body);
Result<Station> station_from(const json::object& body);
// Of a device_put only "id", "status" and "authentication".
Result<Device> device_from(const json::object& body);

// 1 to 64 of a-z 0-9 . _ - and '@', beginning with a letter or digit.
bool is_user_name(std::string_view name);
Result<std::vector<Role>> roles_from(const json::object& body);

}  // namespace salus::guard
