// Entries that say where devices are. With versions they are checked against what the caller saw; without, as old logs
// have them, the last word holds.
#include <algorithm>

#include "device/registry.hpp"
#include "log/kinds.hpp"

namespace salus::device {
namespace {

using view::Answer;

constexpr std::size_t reason_max = 512;

Answer refused(const Error& error) {
  return Answer::refused(error.code, error.message);
}

std::string shown(const Bed& bed) {
  return bed.ward.empty() ? fmt::format("'{}'", bed.name) : fmt::format("'{}' of ward '{}'", bed.name, bed.ward);
}

// The present binding begins at `from` or with the entry, and a little later at the most.
Result<Time> read_from(const json::object& body, Time now) {
  const Result<Time> from = read_instant(body, "from", now);
  if (from && *from > now + binding_ahead_max)
    return fail(ErrorCode::invalid, "A binding can not begin more than 5 minutes from now.");
  return from;
}

// Who changes what was, and why.
struct Said {
  std::string by, reason;
};

Result<Said> read_said(const json::object& body) {
  const std::string reason = string_or(body, "reason");
  if (reason.empty() || reason.size() > reason_max)
    return fail(ErrorCode::invalid, "Member 'reason' says why, in 1 to {} bytes.", reason_max);
  return short_text(body, "by").map([&](std::string by) { return Said{std::move(by), reason}; });
}

Error changed_meanwhile(std::string_view device, std::uint64_t now) {
  return {
      ErrorCode::conflict,
      fmt::format("The bindings of device '{}' changed meanwhile (they are at version {}); look again.", device, now)};
}

}  // namespace

Answer Registry::bind(const json::object& body, std::uint64_t change_number, const view::Place& place) {
  Result<Wanted> wanted = read_device(body);
  if (!wanted) return refused(wanted.error());
  Result<Binding> stay = read_stay(body);
  if (!stay) return refused(stay.error());
  const Result<Time> from = read_from(body, place.time);
  if (!from) return refused(from.error());
  const Result<std::string> by = short_text(body, "by");
  if (!by) return refused(by.error());
  wanted->binding = std::move(*stay);
  wanted->binding.from = *from;
  wanted->binding.by = *by;
  wanted->binding.change = change_number;
  if (!body.contains("version")) return bind_unseen(std::move(*wanted), place);
  std::vector<Wanted> all;
  all.push_back(std::move(*wanted));
  return change(std::move(all), bool_or(body, "transfer"), place);
}

// Holds until the next one that was set for later; one for the same instant replaces it.
Answer Registry::bind_unseen(Wanted wanted, const view::Place& place) {
  const std::vector<Binding>& bindings = wanted.record->bindings;
  const auto next = std::ranges::upper_bound(bindings, wanted.binding.from, {}, &Binding::from);
  if (next != bindings.end()) wanted.binding.to = next->from;
  std::vector<Wanted> all;
  all.push_back(std::move(wanted));
  return settle(std::move(all), place.time, {});
}

Answer Registry::change(const json::object& body, std::uint64_t change_number, const view::Place& place) {
  auto rows = read_devices(body);
  if (!rows) return refused(rows.error());
  const Result<Time> from = read_from(body, place.time);
  if (!from) return refused(from.error());
  const Result<std::string> by = short_text(body, "by");
  if (!by) return refused(by.error());
  std::vector<Wanted> all;
  for (auto& [wanted, row] : *rows) {
    Result<Binding> stay = read_stay(row);
    if (!stay) return refused(stay.error());
    wanted.binding = std::move(*stay);
    wanted.binding.from = *from;
    wanted.binding.by = *by;
    wanted.binding.change = change_number;
    all.push_back(std::move(wanted));
  }
  return change(std::move(all), bool_or(body, "transfer"), place);
}

Answer Registry::change(std::vector<Wanted> all, bool transfer, const view::Place& place) {
  for (const Wanted& wanted : all) {
    const std::vector<Binding>& bindings = wanted.record->bindings;
    if (!bindings.empty() && bindings.back().from > wanted.binding.from)
      return Answer::refused(
          ErrorCode::conflict,
          fmt::format("Device '{}' was bound later than that; correct the interval instead.", wanted.device));
  }
  if (const Result<void> free = check(all, transfer); !free) return refused(free.error());
  return settle(std::move(all), place.time, {});
}

// What was held from `from` to `to` (or from `from` on) was wrong.
Answer Registry::correct(const json::object& body, std::uint64_t change_number, const view::Place& place) {
  auto rows = read_devices(body);
  if (!rows) return refused(rows.error());
  const Result<Said> said = read_said(body);
  if (!said) return refused(said.error());
  Result<Binding> stay = read_stay(body);
  if (!stay) return refused(stay.error());
  const json::value* end = body.if_contains("to");
  const bool holds_on = end == nullptr || end->is_null();
  const Result<std::string> begin = required_string(body, "from");
  if (!begin) return refused(begin.error());
  const Result<Time> from = parse_iso(*begin);
  const Result<Time> to = holds_on ? place.time : read_instant(body, "to", place.time);
  if (!from) return refused(from.error());
  if (!to) return refused(to.error());
  if (*from >= *to || *to > place.time)
    return Answer::refused(ErrorCode::invalid, "What is corrected begins before it ends, and lies in the past.");
  std::vector<Wanted> all;
  for (auto& [wanted, row] : *rows) {
    wanted.binding = *stay;
    wanted.binding.from = *from;
    if (!holds_on) wanted.binding.to = *to;
    wanted.binding.by = said->by;
    wanted.binding.change = change_number;
    all.push_back(std::move(wanted));
  }
  if (const Result<void> free = check(all, true); !free) return refused(free.error());
  return settle(std::move(all), place.time, said->reason);
}

// The devices are where they were before an entry, from its instant on.
Answer Registry::undo(const json::object& body, std::uint64_t change_number, const view::Place& place) {
  auto rows = read_devices(body);
  if (!rows) return refused(rows.error());
  const Result<Said> said = read_said(body);
  if (!said) return refused(said.error());
  const std::int64_t undone = int_or(body, "change", -1);
  std::vector<Wanted> all;
  bool differs = false;
  for (auto& [wanted, row] : *rows) {
    const std::vector<Binding>& bindings = wanted.record->bindings;
    if (bindings.empty() || static_cast<std::int64_t>(bindings.back().change) != undone)
      return refused(changed_meanwhile(wanted.device, wanted.record->bound));
    if (place.time - bindings.back().from > undo_max)
      return Answer::refused(ErrorCode::conflict, "This is more than 24 hours ago; correct the interval instead.");
    if (bindings.size() > 1) wanted.binding = bindings[bindings.size() - 2];
    differs |= !wanted.binding.is_same_stay(bindings.back());
    wanted.binding.to.reset();
    wanted.binding.from = bindings.back().from;
    wanted.binding.by = said->by;
    wanted.binding.change = change_number;
    all.push_back(std::move(wanted));
  }
  if (!differs)
    return Answer::refused(ErrorCode::conflict,
                           "This was an undoing, or changed no place; make the change itself again.");
  if (const Result<void> free = check(all, true); !free) return refused(free.error());
  return settle(std::move(all), place.time, said->reason);
}

// "device" and, where the row has it, "version", which must be the present one.
Result<Registry::Wanted> Registry::read_device(const json::object& row) {
  Wanted wanted{string_or(row, "device"), nullptr, {}};
  const auto found = records_.find(wanted.device);
  if (found == records_.end())
    return fail(ErrorCode::not_found, "Device '{}' is not registered; create it with PUT /devices/{{id}}.",
                wanted.device.substr(0, 128));
  wanted.record = &found->second;
  if (row.contains("version")) {
    const Result<std::int64_t> version = required_int(row, "version");
    if (!version) return fail(version.error());
    if (*version < 0 || static_cast<std::uint64_t>(*version) != wanted.record->bound)
      return fail(changed_meanwhile(wanted.device, wanted.record->bound));
  }
  return wanted;
}

// "devices": each once, each with the version that the caller saw.
Result<std::vector<std::pair<Registry::Wanted, json::object>>> Registry::read_devices(const json::object& body) {
  const json::value* list = body.if_contains("devices");
  if (list == nullptr || !list->is_array() || list->get_array().empty() ||
      list->get_array().size() > devices_at_once_max)
    return fail(ErrorCode::invalid, "Member 'devices' lists 1 to {} devices.", devices_at_once_max);
  std::vector<std::pair<Wanted, json::object>> rows;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object() || !one.get_object().contains("version"))
      return fail(ErrorCode::invalid, "Each of 'devices' is an object with 'device' and the 'version' that was seen.");
    Result<Wanted> wanted = read_device(one.get_object());
    if (!wanted) return fail(wanted.error());
    if (std::ranges::any_of(rows, [&](const auto& row) { return row.first.device == wanted->device; }))
      return fail(ErrorCode::invalid, "Device '{}' is listed twice.", wanted->device);
    rows.emplace_back(std::move(*wanted), one.get_object());
  }
  return rows;
}

// One patient a bed, one bed a patient, for as long as what is wanted lasts.
Result<void> Registry::check(const std::vector<Wanted>& all, bool transfer) const {
  Ids ours;
  for (const Wanted& wanted : all) ours.insert(wanted.device);
  for (const Wanted& one : all)
    for (const Wanted& other : all) {
      if (one.binding.patient.empty() || other.binding.patient.empty()) continue;
      const bool same_bed = one.binding.place() == other.binding.place();
      const bool same_patient = one.binding.patient == other.binding.patient;
      if (same_bed != same_patient && !one.binding.bed.empty() && !other.binding.bed.empty())
        return fail(ErrorCode::invalid, "Devices '{}' and '{}' would have two patients at a bed, or one at two.",
                    one.device, other.device);
    }
  for (const Wanted& wanted : all) {
    for (const StayConflict& found : conflicts(wanted.binding, ours)) {
      if (found.kind == StayConflict::Kind::bed_taken)
        return fail(ErrorCode::conflict, "Bed {} holds another patient (device '{}').", shown(found.bed), found.device);
      if (ours.contains(found.device) && transfer) continue;
      return fail(ErrorCode::conflict, "The patient is at bed {} (device '{}'); {}.", shown(found.bed), found.device,
                  transfer ? "that device has to be named too" : "say 'transfer' if they leave it");
    }
  }
  return {};
}

std::vector<StayConflict> Registry::conflicts(const Binding& stay, const Ids& devices) const {
  std::vector<StayConflict> found;
  if (stay.patient.empty() || stay.bed.empty()) return found;
  const auto look = [&](const std::string& id, StayConflict::Kind kind, const auto& hinders) {
    for (const Binding& binding : records_.find(id)->second.bindings) {
      if ((stay.to && binding.from >= *stay.to) || (binding.to && *binding.to <= stay.from)) continue;
      if (!hinders(binding)) continue;
      found.push_back({kind, binding.place(), id});
      return;
    }
  };
  if (const auto there = by_bed_.find(stay.place()); there != by_bed_.end())
    for (const std::string& id : there->second)
      if (!devices.contains(id))
        look(id, StayConflict::Kind::bed_taken, [&](const Binding& binding) {
          return binding.place() == stay.place() && !binding.patient.empty() && binding.patient != stay.patient;
        });
  if (const auto theirs = by_patient_.find(stay.patient); theirs != by_patient_.end())
    for (const std::string& id : theirs->second)
      look(id, StayConflict::Kind::patient_elsewhere, [&](const Binding& binding) {
        return binding.patient == stay.patient && !binding.bed.empty() && binding.place() != stay.place();
      });
  return found;
}

Answer Registry::settle(std::vector<Wanted> all, Time now, const std::string& reason) {
  json::array devices;
  for (const Wanted& wanted : all) {
    unindex(wanted.device, *wanted.record);
    overlay(*wanted.record, wanted.binding, now, reason);
    index(wanted.device, *wanted.record);
    ++wanted.record->bound;
    devices.push_back({{"device", wanted.device}, {"version", wanted.record->bound}});
    rebound_.push_back(wanted.device);
    changed(wanted.device);
  }
  return Answer::ok(json::object{{"change", all.front().binding.change}, {"devices", std::move(devices)}});
}

// Puts `wanted` over what holds within its interval. What is over by `now` and was otherwise stays as superseded.
void Registry::overlay(Record& record, const Binding& wanted, Time now, const std::string& reason) {
  std::vector<Binding> kept;
  std::optional<Binding> after;  // what goes on where `wanted` ends
  for (const Binding& binding : record.bindings) {
    if (wanted.to && binding.from <= *wanted.to) after = binding;
    if (binding.from < wanted.from) kept.push_back(binding);
    const Time from = std::max(binding.from, wanted.from);
    const Time to = std::min({binding.to.value_or(now), wanted.to.value_or(now), now});
    if (from >= to || (binding.is_same_stay(wanted) && binding.label == wanted.label)) continue;
    Superseded old{binding, wanted.by, now, reason};
    old.binding.from = from;
    old.binding.to = to;
    record.superseded.push_back(std::move(old));
  }
  kept.push_back(wanted);
  if (wanted.to) {
    if (!after) {
      after.emplace();
      after->by = wanted.by;
      after->change = wanted.change;
    }
    after->from = *wanted.to;
    kept.push_back(*after);
    for (const Binding& binding : record.bindings)
      if (binding.from > *wanted.to) kept.push_back(binding);
  }
  if (kept.size() > bindings_max) kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(bindings_max));
  if (record.superseded.size() > bindings_max)
    record.superseded.erase(record.superseded.begin(),
                            record.superseded.end() - static_cast<std::ptrdiff_t>(bindings_max));
  join(kept);
  record.bindings = std::move(kept);
}

}  // namespace salus::device
