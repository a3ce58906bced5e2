// For whom a row of limits is: from the whole hospital down to one device.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "device/registry.hpp"

namespace salus::monitor {

using device::AgeClass;

// From the widest to the narrowest: of two rows for one code and priority, the later kind's holds.
enum class ScopeKind : std::uint8_t { hospital, ward, age_class, bed, patient, device };
inline constexpr std::size_t scope_kind_count = 6;
std::string_view name(ScopeKind kind);

struct Scope {
  ScopeKind kind = ScopeKind::hospital;
  std::string name;  // the ward, age class, bed, patient's id or device's id; empty: the hospital
  std::string ward;  // of a bed: beds of two wards may share a name
  auto operator<=>(const Scope&) const = default;

  static Scope hospital() { return {}; }
  static Scope of(AgeClass age_class) { return {ScopeKind::age_class, std::string(device::name(age_class)), {}}; }
  static Scope of_bed(std::string_view ward, std::string_view bed) {
    return {ScopeKind::bed, std::string(bed), std::string(ward)};
  }
  static Scope of_patient(std::string_view id) { return {ScopeKind::patient, std::string(id), {}}; }
  static Scope of_device(std::string_view id) { return {ScopeKind::device, std::string(id), {}}; }
};

// By which of the members `device`, `patient`, `age_class`, `bed` (with `ward`) and `ward` there is; none: the
// hospital. Errors: invalid (more than one; a device that no device can be called; an age class that is not known; too
// long).
Result<Scope> scope_from(const json::object& members);
// The same members, written.
void put_scope(json::object& members, const Scope& scope);

void put_scope(Writer& writer, const Scope& scope);
bool get_scope(Reader& reader, Scope& scope);

// Who is watched: what decides whose rows hold.
struct Subject {
  std::string device;
  std::string ward;
  std::string bed;      // empty: at none
  std::string patient;  // empty: nobody
  AgeClass age_class = AgeClass::unknown;
  bool operator==(const Subject&) const = default;

  // Whoever's age nobody has said is watched like an adult.
  AgeClass watched_as() const { return age_class == AgeClass::unknown ? AgeClass::adult : age_class; }
};

// Of a device as its newest binding says.
Subject subject_of(const device::Registry& registry, std::string_view device);

}  // namespace salus::monitor
