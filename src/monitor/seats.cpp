#include "monitor/seats.hpp"

#include <algorithm>

#include "log/kinds.hpp"

namespace salus::monitor {

bool Seats::concern(log::Kind kind) {
  using namespace log::kind;
  return kind == binding_set || kind == bindings_changed || kind == binding_corrected || kind == bindings_undone ||
         kind == device_removed;
}

Seats::Change Seats::update(const device::Registry& registry, std::string_view device) {
  Change change;
  const device::Binding* binding = registry.binding_now(device);
  const Seat now = binding == nullptr ? Seat{} : Seat{binding->ward, binding->bed, binding->patient};
  const auto found = seats_.find(device);
  const Seat before = found == seats_.end() ? Seat{} : found->second;
  if (now == before || (now.patient.empty() && before.patient.empty())) return change;
  const bool known = !now.patient.empty() && is_anywhere(now.patient);
  if (now.patient.empty()) {
    seats_.erase(found);
  } else {
    seats_[std::string(device)] = now;
  }
  dirty_.emplace(device);
  if (!now.patient.empty() && !known) change.arrived.push_back(now.patient);
  if (before.patient.empty()) return change;
  if (!is_at(before)) change.vacated.push_back(before);
  if (!is_anywhere(before.patient)) change.away.push_back(before.patient);
  return change;
}

// A patient has few devices and a binding is a rare thing: looking at every seat costs less than an index would.
bool Seats::is_at(const Seat& seat) const {
  return std::ranges::any_of(seats_, [&](const auto& one) { return one.second == seat; });
}

bool Seats::is_anywhere(std::string_view patient) const {
  return std::ranges::any_of(seats_, [&](const auto& one) { return one.second.patient == patient; });
}

void Seats::save(view::Table& table, std::string_view prefix) {
  for (const std::string& device : dirty_) {
    const std::string key = std::string(prefix) + device;
    const auto found = seats_.find(device);
    if (found == seats_.end()) {
      table.remove(key);
      continue;
    }
    std::string bytes;
    Writer writer{bytes};
    for (const std::string* text : {&found->second.ward, &found->second.bed, &found->second.patient})
      writer.put_string(*text);
    table.put(key, bytes);
  }
  dirty_.clear();
}

bool Seats::load(const view::Table& table, std::string_view prefix) {
  bool right = true;
  table.scan(prefix, view::after_prefix(prefix), [&](ByteView key, ByteView bytes) {
    Seat& seat = seats_[std::string(key.substr(prefix.size()))];
    Reader reader{bytes};
    for (std::string* text : {&seat.ward, &seat.bed, &seat.patient}) *text = reader.get_string();
    right = !reader.failed();
    return right;
  });
  return right;
}

}  // namespace salus::monitor
