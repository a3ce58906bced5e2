// The limits as delivered, for the hospital to sign: data, with where each number comes from.
#pragma once

#include <span>
#include <vector>

#include "monitor/limit_scope.hpp"
#include "monitor/limits.hpp"

namespace salus::monitor {

// By code and priority. The hospital's are for adults; children and neonates have rows of their own over these. Empty
// for every other scope.
const std::vector<Limit>& delivered_limits(const Scope& scope);
// Nothing when none is delivered.
const Limit* delivered_limit(const Scope& scope, Code code, Priority priority);

}  // namespace salus::monitor
