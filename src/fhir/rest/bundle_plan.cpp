#include "fhir/rest/bundle_plan.hpp"

#include <algorithm>
#include <unordered_map>

#include "fhir/records/body.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/signals/signal_id.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

struct Entry {
  const Node* resource = nullptr;
  std::string_view full_url;
  std::string_view method, url, if_none_exist, if_match, if_none_match;
  std::string type, id, query;
};

class Planner {
 public:
  Planner(const Document& bundle, const std::string& by, const std::function<std::string()>& new_id,
          const PatchEntry& patch)
      : bundle_(bundle), definitions_(bundle.definitions()), by_(by), new_id_(new_id), patch_(patch) {}

  Result<BundlePlan> plan(const BundleLimits& limits) {
    const std::string_view type = text(bundle_.root(), "type");
    if (type != "transaction" && type != "batch")
      return fail(ErrorCode::invalid, "A Bundle that is posted here is a 'transaction' or a 'batch', not '{}'.", type);
    plan_.is_transaction = type == "transaction";
    const NameId entry_name = definitions_.known().entry;
    for (const Node& node : bundle_.children(bundle_.root())) {
      if (node.name != entry_name) continue;
      if (entries_.size() == limits.entries_max)
        return fail(ErrorCode::too_large, "A Bundle has at most {} entries.", limits.entries_max);
      entries_.push_back(entry_of(node));
    }
    if (plan_.is_transaction) {
      plan_.sets.push_back({.by = by_, .changes = {}});
      for (const Entry& entry : entries_) announce(entry);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      BundleStep step{.method = std::string(entries_[i].method), .url = std::string(entries_[i].url)};
      if (auto done = add(entries_[i], step); !done) {
        Error error = within(fmt::format("Bundle.entry[{}]", i), done.error()).value();
        if (plan_.is_transaction) return fail(std::move(error));
        step.refused = std::move(error);
      }
      plan_.steps.push_back(std::move(step));
    }
    if (plan_.is_transaction && plan_.sets.front().changes.empty()) plan_.sets.clear();
    return std::move(plan_);
  }

 private:
  std::string_view text(const Node& node, std::string_view name) const {
    const Node* child = bundle_.child(node, name);
    return child == nullptr ? std::string_view{} : bundle_.text(*child);
  }

  Entry entry_of(const Node& node) const {
    Entry entry;
    entry.full_url = text(node, "fullUrl");
    entry.resource = bundle_.child(node, "resource");
    const Node* request = bundle_.child(node, "request");
    if (request == nullptr) return entry;
    entry.method = text(*request, "method");
    entry.url = text(*request, "url");
    if (entry.url.starts_with('/')) entry.url.remove_prefix(1);
    entry.if_none_exist = text(*request, "ifNoneExist");
    entry.if_match = text(*request, "ifMatch");
    entry.if_none_match = text(*request, "ifNoneMatch");
    const std::size_t question = std::min(entry.url.find('?'), entry.url.size());
    const std::string_view path = entry.url.substr(0, question);
    const std::size_t slash = std::min(path.find('/'), path.size());
    entry.type = path.substr(0, slash);
    entry.id = path.substr(std::min(slash + 1, path.size()));
    entry.query = entry.url.substr(std::min(question + 1, entry.url.size()));
    return entry;
  }

  bool changes(const Entry& entry) const { return entry.method != "GET" && entry.method != "HEAD"; }

  // What references to an entry will say: known now, or only in apply where a condition decides.
  void announce(const Entry& entry) {
    if (!changes(entry)) return;
    const std::uint32_t number = announced_++;
    ids_.push_back(entry.method == "POST" || entry.id.empty() ? new_id_() : entry.id);
    if (entry.full_url.empty() || entry.method == "DELETE") return;
    const bool is_conditional = !entry.if_none_exist.empty() || (entry.method != "POST" && entry.id.empty());
    if (is_conditional)
      referrals_[std::string(entry.full_url)] = {.text = {}, .target = target({.type = entry.type, .change = number})};
    else
      referrals_[std::string(entry.full_url)] = {.text = entry.type + '/' + ids_.back(), .target = {}};
  }

  std::uint32_t target(Target wanted) {
    std::vector<Target>& targets = plan_.sets.back().targets;
    targets.push_back(std::move(wanted));
    return static_cast<std::uint32_t>(targets.size() - 1);
  }

  std::optional<Referral> refer(std::string_view text, bool is_reference) {
    const auto known = referrals_.find(std::string(text));
    if (known != referrals_.end()) return known->second;
    const std::size_t question = text.find('?');
    if (!is_reference || question == std::string_view::npos) return std::nullopt;
    const std::string_view type = text.substr(0, question);
    if (!definitions_.is_resource(definitions_.type(type))) return std::nullopt;
    Referral referral{.text = {},
                      .target = target({.type = std::string(type), .query = std::string(text.substr(question + 1))})};
    return referrals_.emplace(text, std::move(referral)).first->second;
  }

  Result<void> add(const Entry& entry, BundleStep& step) {
    if (entry.method.empty() || entry.url.empty())
      return fail(ErrorCode::invalid, "An entry needs a request with its method and url.");
    if (!changes(entry)) return {};
    patched_.reset();
    auto change = change_of(entry);
    if (!plan_.is_transaction) {
      if (change) step.change = static_cast<std::uint32_t>(plan_.sets.size());
      if (change) plan_.sets.push_back({.by = by_, .changes = {}});
      referrals_.clear();
    } else if (change) {
      step.change = static_cast<std::uint32_t>(plan_.sets.front().changes.size());
    }
    if (!change) return fail(change.error());
    if (change->operation != Operation::remove) {
      const Refer refers = [this](std::string_view reference, bool is_reference) {
        return refer(reference, is_reference);
      };
      change->body = patched_ ? make_body(patched_->document, patched_->document.root(), refers)
                              : make_body(bundle_, *entry.resource, refers);
    }
    plan_.sets.back().changes.push_back(std::move(*change));
    return {};
  }

  Result<Change> change_of(const Entry& entry) {
    Change change{.type = entry.type};
    change.id = plan_.is_transaction                         ? ids_[plan_.sets.front().changes.size()]
                : entry.method == "POST" || entry.id.empty() ? new_id_()
                                                             : entry.id;
    const TypeId type = definitions_.type(entry.type);
    if (!is_kept(definitions_, type))
      return fail(ErrorCode::invalid, "'{}' is no type of resource in FHIR R4.", entry.type);
    if (entry.method == "DELETE") {
      change.operation = Operation::remove;
    } else if (entry.method == "POST" || entry.method == "PUT") {
      change.operation = entry.method == "POST" ? Operation::create : Operation::update;
      if (entry.resource == nullptr || entry.resource->type != type)
        return fail(ErrorCode::invalid, "The entry's resource is not of the type '{}' of its url.", entry.type);
    } else if (entry.method == "PATCH") {
      return patch_of(entry, type, std::move(change));
    } else {
      return fail(ErrorCode::invalid, "The method '{}' is not taken within a Bundle.", entry.method);
    }
    if (change.operation == Operation::create && (!entry.id.empty() || !entry.query.empty()))
      return fail(ErrorCode::invalid, "The url of a POST is a type alone.");
    if (change.operation == Operation::create && !entry.if_none_exist.empty()) change.condition = entry.if_none_exist;
    if (change.operation != Operation::create && entry.id.empty()) change.condition = entry.query;
    if (!change.condition && !is_id(change.id))
      return fail(ErrorCode::invalid, "An id has 1 to 64 of A-Z a-z 0-9 - and '.'.");
    if (entry.type == "Observation" && signal_name(change.id))
      return fail(ErrorCode::invalid, "Observation/{} is read from a device's samples; nobody writes it.", change.id);
    if (change.operation == Operation::update && !change.condition) {
      const Node* id = bundle_.child(*entry.resource, definitions_.known().id_name);
      if (id == nullptr || bundle_.text(*id) != change.id)
        return fail(ErrorCode::invalid, "The resource's id is not the one of the entry's url.");
    }
    if (!entry.if_match.empty() && !(change.if_version = version_of_tag(entry.if_match)))
      return fail(ErrorCode::invalid, "ifMatch is a version such as W/\"12\".");
    change.if_absent = change.operation == Operation::update && entry.if_none_match == "*";
    return change;
  }

  // The update of what is there now, over just this version.
  Result<Change> patch_of(const Entry& entry, TypeId type, Change change) {
    plan_.has_patches = true;
    if (entry.id.empty() && entry.query.empty())
      return fail(ErrorCode::invalid, "The url of a PATCH is a resource's, or a search for it.");
    auto patched = patch_({.type = type, .id = entry.id, .query = entry.query, .patch = entry.resource});
    if (!patched) return fail(patched.error());
    change.operation = Operation::update;
    change.id = patched->id;
    change.if_version = patched->version;
    if (!entry.if_match.empty() && version_of_tag(entry.if_match) != patched->version)
      return fail(ErrorCode::conflict, "{}/{} is not at version {}.", entry.type, patched->id, entry.if_match);
    patched_ = std::move(*patched);
    return change;
  }

  const Document& bundle_;
  const Definitions& definitions_;
  const std::string& by_;
  const std::function<std::string()>& new_id_;
  const PatchEntry& patch_;
  std::optional<PatchedResource> patched_;  // of the entry that is added now
  BundlePlan plan_;
  std::vector<Entry> entries_;
  std::vector<std::string> ids_;  // transaction: of the changes, in order
  std::uint32_t announced_ = 0;
  std::unordered_map<std::string, Referral> referrals_;  // by what stands in a reference
};

}  // namespace

Result<BundlePlan> plan_bundle(const Document& bundle, const std::string& by,
                               const std::function<std::string()>& new_id, const PatchEntry& patch,
                               BundleLimits limits) {
  return Planner{bundle, by, new_id, patch}.plan(limits);
}

}  // namespace salus::fhir
