// A batch or a transaction, read: what it changes as change sets, what it reads as URLs. Nothing but patches asks the
// record here; what depends on it stands in the change sets and is decided by apply.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fhir/document/document.hpp"
#include "fhir/records/change_set.hpp"

namespace salus::fhir {

// A resource as a patch makes it, and the version that it was made from.
struct PatchedResource {
  std::string id;
  log::Offset version{};
  Document document;
};
// What a PATCH entry asks for: of `type`/`id`, or where that is empty of the one that `query` finds. `patch` is the
// entry's resource.
struct PatchAsked {
  TypeId type{};
  std::string_view id, query;
  const Node* patch = nullptr;
};
// Reads the record, so that plans with patches hold only until someone else writes.
using PatchEntry = std::function<Result<PatchedResource>(const PatchAsked& asked)>;

struct BundleLimits {
  std::size_t entries_max = 100'000;
};

// What becomes of an entry.
struct BundleStep {
  std::string method;                        // of the request
  std::string url;                           // as it came, without a leading '/'
  std::optional<std::uint32_t> change = {};  // transaction: in the set; batch: which of the sets
  std::optional<Error> refused = {};         // batch only: a transaction with such an entry has no plan
};

struct BundlePlan {
  bool is_transaction = false;
  bool has_patches = false;
  std::vector<ChangeSet> sets;  // transaction: one, or none where it only reads; batch: one a change
  std::vector<BundleStep> steps;
};

// Requires: `bundle` is a Bundle. Errors: invalid, too_large; their messages begin with the entry.
Result<BundlePlan> plan_bundle(const Document& bundle, const std::string& by,
                               const std::function<std::string()>& new_id, const PatchEntry& patch,
                               BundleLimits limits = {});

}  // namespace salus::fhir
