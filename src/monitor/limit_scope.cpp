#include "monitor/limit_scope.hpp"

#include "base/text.hpp"

namespace salus::monitor {
namespace {

constexpr std::size_t name_max = 256;

}  // namespace

std::string_view name(ScopeKind kind) {
  constexpr std::string_view names[] = {"hospital", "ward", "age_class", "bed", "patient", "device"};
  static_assert(std::size(names) == scope_kind_count);
  return names[static_cast<std::size_t>(kind)];
}

Result<Scope> scope_from(const json::object& members) {
  Scope scope;
  const std::string ward = string_or(members, "ward");
  int named = 0;
  for (const ScopeKind kind : {ScopeKind::device, ScopeKind::patient, ScopeKind::age_class, ScopeKind::bed}) {
    std::string one = string_or(members, name(kind));
    if (one.empty()) continue;
    ++named;
    scope = {kind, std::move(one), kind == ScopeKind::bed ? ward : std::string{}};
  }
  if (!ward.empty() && scope.kind != ScopeKind::bed) {
    ++named;
    scope = {ScopeKind::ward, ward, {}};
  }
  if (named > 1) return fail(ErrorCode::invalid, "Limits are for one of device, patient, age_class, bed and ward.");
  if (scope.name.size() > name_max || scope.ward.size() > name_max)
    return fail(ErrorCode::invalid, "Member '{}' has more than {} bytes.", name(scope.kind), name_max);
  if (scope.kind == ScopeKind::device && !is_device_id(scope.name))
    return fail(ErrorCode::invalid, "Member 'device' is no device id.");
  if (scope.kind == ScopeKind::age_class) {
    const auto age_class = device::age_class_from(scope.name);
    if (!age_class || *age_class == AgeClass::unknown)
      return fail(ErrorCode::invalid, "Member 'age_class' must be adult, child or neonate.");
  }
  return scope;
}

void put_scope(json::object& members, const Scope& scope) {
  if (scope.kind == ScopeKind::hospital) return;
  members[name(scope.kind)] = scope.name;
  if (scope.kind == ScopeKind::bed) members["ward"] = scope.ward;
}

void put_scope(Writer& writer, const Scope& scope) {
  writer.put(scope.kind);
  writer.put_string(scope.ward);
  writer.put_string(scope.name);
}

bool get_scope(Reader& reader, Scope& scope) {
  scope.kind = reader.get<ScopeKind>();
  scope.ward = reader.get_string();
  scope.name = reader.get_string();
  return !reader.failed() && static_cast<std::size_t>(scope.kind) < scope_kind_count;
}

Subject subject_of(const device::Registry& registry, std::string_view device) {
  Subject subject;
  subject.device = device;
  if (const device::Binding* binding = registry.binding_now(device)) {
    subject.ward = binding->ward;
    subject.bed = binding->bed;
    subject.patient = binding->patient;
    subject.age_class = binding->age_class;
  }
  return subject;
}

}  // namespace salus::monitor
