#include "app/api/stays.hpp"

namespace salus::app {

json::value patient_json(const std::string& id, const std::string& label) {
  return id.empty() ? json::value(nullptr) : json::value{{"id", id}, {"label", label}};
}

json::object binding_json(const device::Binding& binding) {
  return {{"patient", patient_json(binding.patient, binding.label)},
          {"bed", binding.bed},
          {"ward", binding.ward},
          {"from", to_iso(binding.from)},
          {"to", binding.to ? json::value(to_iso(*binding.to)) : json::value(nullptr)},
          {"by", binding.by},
          {"age_class", device::name(binding.age_class)},
          {"paced", binding.paced ? json::value(*binding.paced) : json::value(nullptr)},
          {"change", binding.change}};
}

json::object conflict_json(const device::Registry& registry, const device::StayConflict& conflict) {
  const bool taken = conflict.kind == device::StayConflict::Kind::bed_taken;
  json::object out{{"kind", taken ? "bed_taken" : "patient_elsewhere"},
                   {"bed", conflict.bed.name},
                   {"ward", conflict.bed.ward},
                   {"device", conflict.device},
                   {"patient", nullptr}};
  if (const device::Binding* binding = registry.binding_now(conflict.device); binding != nullptr)
    out["patient"] = patient_json(binding->patient, binding->label);
  return out;
}

std::string last_characters(std::string_view id) {
  std::size_t start = id.size();
  for (int characters = 0; start > 0 && characters < 4; ++characters) {
    --start;
    while (start > 0 && (static_cast<unsigned char>(id[start]) & 0xC0) == 0x80) --start;
  }
  return std::string(id.substr(start));
}

Result<std::optional<std::int64_t>> optional_version(const json::object& body) {
  const json::value* version = body.if_contains("version");
  if (version == nullptr || version->is_null()) return std::optional<std::int64_t>{};
  return required_int(body, "version").map([](std::int64_t number) { return std::optional(number); });
}

Result<Seen> seen_devices(const json::object& body, std::string_view key) {
  Seen seen;
  const json::value* list = body.if_contains(key);
  if (list == nullptr || list->is_null()) return seen;
  if (!list->is_array() || list->get_array().size() > device::Registry::devices_at_once_max)
    return fail(ErrorCode::invalid, "'{}' lists at most {} devices.", key, device::Registry::devices_at_once_max);
  for (const json::value& row : list->get_array()) {
    if (!row.is_object()) return fail(ErrorCode::invalid, "Each of '{}' is an object with a 'device'.", key);
    const Result<std::string> device = required_string(row.get_object(), "device");
    const auto version = optional_version(row.get_object());
    if (!device) return fail(device.error());
    if (!version) return fail(version.error());
    if (!seen.emplace(*device, *version).second)
      return fail(ErrorCode::invalid, "Device '{}' is listed twice.", device->substr(0, 128));
  }
  return seen;
}

asio::awaitable<Result<json::value>> append_composed(WardContext& context, const http::Request& request, log::Kind kind,
                                                     Compose compose, std::string target) {
  auto entry = co_await context.core.records().read(
      [registry = &context.core.registry(), compose = std::move(compose)] { return compose(*registry); });
  if (!entry) co_return fail(entry.error());
  if (!*entry) co_return fail((*entry).error());
  auto answer = co_await append(context, request, kind, std::move(**entry), std::move(target));
  if (!answer) co_return fail(answer.error());
  co_return std::move(answer->detail);
}

json::object device_row(const device::Registry& registry, const std::string& device, const Seen& seen,
                        const device::Binding& stay) {
  const auto said = seen.find(device);
  const auto present = static_cast<std::int64_t>(registry.binding_version(device));
  return {{"device", device},
          {"version", said == seen.end() ? present : said->second.value_or(present)},
          {"patient", patient_json(stay.patient, stay.label)},
          {"bed", stay.bed},
          {"ward", stay.ward},
          {"age_class", device::name(stay.age_class)},
          {"paced", stay.paced ? json::value(*stay.paced) : json::value(nullptr)}};
}

device::Binding at_bed_alone(const device::Bed& bed) {
  device::Binding stay;
  stay.bed = bed.name;
  stay.ward = bed.ward;
  return stay;
}

Result<json::array> version_rows(const device::Registry& registry, const Seen& seen) {
  json::array rows;
  for (const auto& [device, version] : seen) {
    if (registry.find(device) == nullptr)
      return fail(ErrorCode::not_found, "Device '{}' is not registered.", device.substr(0, 128));
    rows.push_back({{"device", device},
                    {"version", version.value_or(static_cast<std::int64_t>(registry.binding_version(device)))}});
  }
  return rows;
}

}  // namespace salus::app
