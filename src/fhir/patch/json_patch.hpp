// JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396) on trees.
#pragma once

#include "fhir/patch/json_tree.hpp"
#include "fhir/patch/patch.hpp"

namespace salus::fhir::patch {

// Does all operations of `patch`, or leaves `target` in an unspecified state with the reason why not (patch.hpp).
Reading<void> apply_operations(Json& target, const Json& patch, const Options& options);

// Errors: invalid, when `patch` is no object; too_large.
Reading<void> merge(Json& target, const Json& patch, const Options& options);

}  // namespace salus::fhir::patch
