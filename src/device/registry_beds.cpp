// Beds and stays: what the bindings say when they are asked from the other side.
#include <algorithm>

#include "base/text.hpp"
#include "device/registry.hpp"

namespace salus::device {
namespace {

// Since when the device has been with this patient at this bed without a break.
Time since_of(const std::vector<Binding>& bindings) {
  Time since = bindings.back().from;
  for (auto at = bindings.rbegin(); at != bindings.rend() && at->is_same_stay(bindings.back()); ++at) since = at->from;
  return since;
}

bool ends_with_folded(std::string_view text, std::string_view part) {
  return part.size() <= text.size() && contains_folded(text.substr(text.size() - part.size()), part);
}

}  // namespace

void Registry::index(const std::string& id, const Record& record) {
  devices_ever_.add(id);
  for (const Binding& binding : record.bindings) {
    if (!binding.bed.empty()) by_bed_[binding.place()].insert(id);
    if (!binding.patient.empty()) by_patient_[binding.patient].insert(id);
    patients_ever_.add(binding.patient);
  }
}

void Registry::unindex(const std::string& id, const Record& record) {
  const auto leave = [&](auto& map, const auto& key) {
    const auto at = map.find(key);
    if (at == map.end()) return;
    at->second.erase(id);
    if (at->second.empty()) map.erase(at);
  };
  for (const Binding& binding : record.bindings) {
    leave(by_bed_, binding.place());
    leave(by_patient_, binding.patient);
  }
}

std::vector<std::string> Registry::at_bed(const Bed& bed) const {
  std::vector<std::string> found;
  const auto there = by_bed_.find(bed);
  if (there == by_bed_.end()) return found;
  for (const std::string& id : there->second)
    if (records_.find(id)->second.bindings.back().place() == bed) found.push_back(id);
  return found;
}

std::vector<std::string> Registry::with_patient(std::string_view patient) const {
  std::vector<std::string> found;
  const auto theirs = by_patient_.find(patient);
  if (theirs == by_patient_.end()) return found;
  for (const std::string& id : theirs->second)
    if (records_.find(id)->second.bindings.back().patient == patient) found.push_back(id);
  return found;
}

std::optional<BedState> Registry::bed(const Bed& bed) const {
  BedState state{.bed = bed, .patient = {}, .label = {}, .since = {}, .devices = at_bed(bed)};
  if (state.devices.empty()) return std::nullopt;
  std::optional<Time> patient_since, since;
  for (const std::string& id : state.devices) {
    const std::vector<Binding>& bindings = records_.find(id)->second.bindings;
    const Time here = since_of(bindings);
    since = std::min(since.value_or(here), here);
    if (bindings.back().patient.empty()) continue;
    if (state.patient.empty()) {
      state.patient = bindings.back().patient;
      state.label = bindings.back().label;
    }
    if (bindings.back().patient == state.patient) patient_since = std::min(patient_since.value_or(here), here);
  }
  state.since = patient_since ? *patient_since : *since;
  return state;
}

BedPage Registry::beds(const BedQuery& query) const {
  BedPage page;
  for (const auto& [place, ids] : by_bed_) {
    if (query.ward && place.ward != *query.ward) continue;
    std::optional<BedState> state = bed(place);
    if (!state) continue;
    const bool fits =
        contains_folded(place.name, query.search) || contains_folded(place.ward, query.search) ||
        contains_folded(state->label, query.search) || ends_with_folded(state->patient, query.search) ||
        std::ranges::any_of(state->devices, [&](const std::string& id) { return contains_folded(id, query.search); });
    if (!fits) continue;
    ++page.total;
    if (query.after && place <= *query.after) continue;
    if (page.items.size() < query.limit) {
      page.items.push_back(std::move(*state));
    } else {
      page.more = true;
    }
  }
  return page;
}

std::vector<Stay> Registry::stays(std::string_view patient, Time from, Time to) const {
  std::vector<Stay> found;
  const auto theirs = by_patient_.find(patient);
  if (theirs == by_patient_.end()) return found;
  for (const std::string& id : theirs->second)
    for (const Binding& binding : records_.find(id)->second.bindings) {
      if (binding.patient != patient || binding.from >= to || (binding.to && *binding.to <= from)) continue;
      Stay stay{id, binding};
      stay.binding.from = std::max(binding.from, from);
      stay.binding.to = std::min(binding.to.value_or(to), to);
      found.push_back(std::move(stay));
    }
  std::ranges::sort(found, {}, [](const Stay& stay) { return std::tie(stay.binding.from, stay.device); });
  return found;
}

std::vector<std::string> Registry::changed_by(std::uint64_t change) const {
  std::vector<std::string> found;
  for (const auto& [id, record] : records_)
    if (!record.bindings.empty() && record.bindings.back().change == change) found.push_back(id);
  return found;
}

std::vector<Superseded> Registry::superseded(std::string_view id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? std::vector<Superseded>{} : found->second.superseded;
}

std::uint64_t Registry::binding_version(std::string_view id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? 0 : found->second.bound;
}

}  // namespace salus::device
