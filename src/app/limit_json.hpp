// Rows of limits as the API and the live feed say them (docs/api.md).
#pragma once

#include "base/json.hpp"
#include "monitor/limits.hpp"

namespace salus::app {

json::object limit_json(const monitor::Limit& limit);
// {"kind", …}: with the members that name it in an entry.
json::object scope_json(const monitor::Scope& scope);
json::object limit_json(const monitor::ScopedLimit& row);

}  // namespace salus::app
