// Where a device stands: at which bed, with which patient, from when on; what a binding would do, before it is made.
#include "app/api/sight.hpp"
#include "app/api/stays.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

// The stay that a preview or a binding asks for.
struct Asked {
  std::string device;
  device::Binding stay;
};

json::object row_of(const device::Registry& registry, const std::string& id) {
  const device::Binding* binding = registry.binding_now(id);
  json::object row = binding_json(binding != nullptr ? *binding : device::Binding{});
  row["device"] = id;
  row["version"] = registry.binding_version(id);
  return row;
}

// Whether the patient keeps another device when this one leaves.
bool is_last_of_patient(const device::Registry& registry, const std::string& id, const std::string& patient) {
  return !patient.empty() && registry.with_patient(patient) == std::vector{id};
}

// What a person has to see before a binding holds. On the records host's thread.
json::object preview_json(const device::Registry& registry, const Asked& asked) {
  const device::Device& device = *registry.find(asked.device);
  const device::Binding* now = registry.binding_now(asked.device);
  json::array ends, beside, conflicts;
  if (now != nullptr && !now->is_idle() && !now->is_same_stay(asked.stay)) {
    json::object end = row_of(registry, asked.device);
    end["last_device"] = now->patient != asked.stay.patient && is_last_of_patient(registry, asked.device, now->patient);
    ends.push_back(std::move(end));
  }
  if (!asked.stay.bed.empty())
    for (const std::string& id : registry.at_bed(asked.stay.place()))
      if (id != asked.device) beside.push_back(row_of(registry, id));
  // What the patient leaves behind at another bed stays there, without a patient.
  bool transfer = false;
  for (const device::StayConflict& conflict : registry.conflicts(asked.stay, {asked.device})) {
    conflicts.push_back(conflict_json(registry, conflict));
    if (conflict.kind != device::StayConflict::Kind::patient_elsewhere) continue;
    transfer = true;
    if (conflict.device == asked.device) continue;
    json::object end = row_of(registry, conflict.device);
    end["last_device"] = false;
    ends.push_back(std::move(end));
  }
  std::string known;
  for (const std::string& id : registry.with_patient(asked.stay.patient)) known = registry.binding_now(id)->label;
  return {{"device", {{"id", device.id}, {"name", device.name}, {"model", device.model}}},
          {"bed", asked.stay.bed},
          {"ward", asked.stay.ward},
          {"patient", patient_json(asked.stay.patient, asked.stay.label)},
          {"identifier_end", last_characters(asked.stay.patient)},
          {"known_label", known.empty() ? json::value(nullptr) : json::value(known)},
          {"now", now != nullptr && !now->is_idle() ? json::value(binding_json(*now)) : json::value(nullptr)},
          {"ends", std::move(ends)},
          {"beside", std::move(beside)},
          {"conflicts", std::move(conflicts)},
          {"transfer", transfer},
          {"version", registry.binding_version(asked.device)}};
}

Error unknown(const std::string& id) {
  return {ErrorCode::not_found,
          fmt::format("Device '{}' is not registered; create it with PUT /devices/{{id}}.", id.substr(0, 128))};
}

asio::awaitable<Result<Response>> preview(WardContext& context, const Request& request) {
  Asked asked{request.param("id"), {}};
  for (const auto& [name, target] : {std::pair{"bed", &asked.stay.bed},
                                     {"ward", &asked.stay.ward},
                                     {"patient", &asked.stay.patient},
                                     {"label", &asked.stay.label}}) {
    *target = request.query(name).value_or("");
    if (target->size() > device::binding_text_max)
      co_return fail(ErrorCode::invalid, "'{}' has more than {} bytes.", name, device::binding_text_max);
  }
  asked.stay.from = context.clock.now();
  const guard::Caller& caller = caller_of(request);
  auto shown = co_await context.core.records().read(
      [registry = &context.core.registry(), asked, caller]() -> std::optional<Result<json::object>> {
        if (registry->find(asked.device) == nullptr) return std::nullopt;
        if (!caller.sees(asked.stay.ward) || !may_bind(*registry, caller, asked.device))
          return fail(ErrorCode::forbidden, "The device or the bed is not in this station's ward.");
        return preview_json(*registry, asked);
      });
  if (!shown) co_return fail(shown.error());
  if (!*shown) co_return fail(unknown(asked.device));
  if (!**shown) co_return fail((**shown).error());
  co_return http::json_response(200, std::move(***shown));
}

// One device is bound by binding_set. With `transfer`, the devices that the patient leaves behind are in the same
// entry.
Result<json::object> compose(const device::Registry& registry, const Asked& asked, const Seen& seen,
                             const json::object& body, bool transfer) {
  if (registry.find(asked.device) == nullptr) return fail(unknown(asked.device));
  json::object entry = device_row(registry, asked.device, seen, asked.stay);
  if (!transfer) {
    if (const json::value* from = body.if_contains("from"); from != nullptr && !from->is_null()) entry["from"] = *from;
    return entry;
  }
  json::array rows{std::move(entry)};
  for (const std::string& id : registry.with_patient(asked.stay.patient)) {
    const device::Bed there = registry.binding_now(id)->place();
    if (id != asked.device && there != asked.stay.place())
      rows.push_back(device_row(registry, id, seen, at_bed_alone(there)));
  }
  json::object all{{"devices", std::move(rows)}, {"transfer", true}};
  if (const json::value* from = body.if_contains("from"); from != nullptr && !from->is_null()) all["from"] = *from;
  return all;
}

asio::awaitable<Result<Response>> put(WardContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  const auto version = optional_version(*body);
  if (!version) co_return fail(version.error());
  auto stay = device::read_stay(*body);
  if (!stay) co_return fail(stay.error());
  const std::string id = request.param("id");
  const Asked asked{id, std::move(*stay)};
  const bool transfer = bool_or(*body, "transfer") && !asked.stay.patient.empty();
  const auto done = co_await append_composed(
      context, request, transfer ? log::kind::bindings_changed : log::kind::binding_set,
      [asked, seen = Seen{{id, *version}}, body = *body, transfer](const device::Registry& registry) {
        return compose(registry, asked, seen, body, transfer);
      },
      id);
  if (!done) co_return fail(done.error());
  auto now =
      co_await context.core.records().read([registry = &context.core.registry(), id] { return row_of(*registry, id); });
  if (!now) co_return fail(now.error());
  co_return http::json_response(200, std::move(*now));
}

asio::awaitable<Result<Response>> remove(WardContext& context, const Request& request) {
  const auto version = request.query_int("version", 0, INT64_MAX);
  if (!version) co_return fail(version.error());
  const std::string id = request.param("id");
  const auto done = co_await append_composed(
      context, request, log::kind::binding_set,
      [id, seen = Seen{{id, *version}}](const device::Registry& registry) -> Result<json::object> {
        if (registry.find(id) == nullptr) return fail(unknown(id));
        return device_row(registry, id, seen, {});
      },
      id);
  if (!done) co_return fail(done.error());
  co_return http::empty_response(204);
}

json::object superseded_json(const device::Superseded& old) {
  json::object row = binding_json(old.binding);
  row["superseded"] = {{"by", old.by}, {"at", to_iso(old.at)}, {"reason", old.reason}};
  return row;
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  struct Listed {
    std::vector<device::Binding> bindings;
    std::vector<device::Superseded> superseded;
    std::uint64_t version = 0;
  };
  auto listed = co_await context.core.records().read([registry = &context.core.registry(), id = request.param("id"),
                                                      caller = caller_of(request)]() -> std::optional<Listed> {
    if (registry->find(id) == nullptr || !sees_device(*registry, caller, id)) return std::nullopt;
    Listed out{registry->bindings(id), registry->superseded(id), registry->binding_version(id)};
    std::erase_if(out.bindings, [&](const device::Binding& one) { return !caller.sees(one.ward); });
    std::erase_if(out.superseded, [&](const device::Superseded& one) { return !caller.sees(one.binding.ward); });
    return out;
  });
  if (!listed) co_return fail(listed.error());
  if (!*listed) co_return fail(unknown(request.param("id")));
  json::array items, old;
  for (const device::Binding& binding : (*listed)->bindings) items.push_back(binding_json(binding));
  for (const device::Superseded& one : (*listed)->superseded) old.push_back(superseded_json(one));
  const std::uint64_t total = items.size();
  json::object out = page(std::move(items), {}, total);
  out["superseded"] = std::move(old);
  out["version"] = (*listed)->version;
  co_return http::json_response(200, std::move(out));
}

// What was held for an interval was wrong: another bed, another patient, or nobody.
asio::awaitable<Result<Response>> correct(WardContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  const auto version = optional_version(*body);
  auto seen = seen_devices(*body, "also");
  const auto stay = device::read_stay(*body);
  if (!version) co_return fail(version.error());
  if (!seen) co_return fail(seen.error());
  if (!stay) co_return fail(stay.error());
  if (!*version)
    co_return fail(ErrorCode::invalid, "'version' is the one of the bindings that were seen (GET …/bindings).");
  const std::string id = request.param("id");
  (*seen)[id] = *version;
  json::object entry{{"from", string_or(*body, "from")},
                     {"patient", patient_json(stay->patient, stay->label)},
                     {"bed", stay->bed},
                     {"ward", stay->ward},
                     {"age_class", device::name(stay->age_class)},
                     {"paced", stay->paced ? json::value(*stay->paced) : json::value(nullptr)},
                     {"reason", string_or(*body, "reason")}};
  if (const json::value* to = body->if_contains("to"); to != nullptr && !to->is_null()) entry["to"] = *to;
  auto done = co_await append_composed(
      context, request, log::kind::binding_corrected,
      [seen = std::move(*seen), entry = std::move(entry)](const device::Registry& registry) -> Result<json::object> {
        auto rows = version_rows(registry, seen);
        if (!rows) return fail(rows.error());
        json::object whole = entry;
        whole["devices"] = std::move(*rows);
        return whole;
      },
      id);
  if (!done) co_return fail(done.error());
  co_return http::json_response(200, std::move(*done));
}

}  // namespace

void add_bindings(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  const auto may_bind = Access::may(guard::Action::bind_device).by_person_at_stations();
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/devices/{id}/binding/preview",
                         .access = Access::may(guard::Action::bind_device).seen_by_stations(),
                         .summary = "What a binding would do, to be confirmed before it is made",
                         .handler = with(context, preview),
                         .queries = {{"bed", "Where the device would be"},
                                     {"ward", "The bed's ward"},
                                     {"patient", "The patient's identifier; absent: none"},
                                     {"label", "What screens would show for the patient"}},
                         .request = nullptr,
                         .response = "{device, bed, ward, patient, identifier_end, known_label, now, ends: [binding], "
                                     "beside: [binding], conflicts: [conflict], transfer, version}"});
  router.add(
      http::Route{.method = Method::put,
                  .pattern = "/api/devices/{id}/patient",
                  .access = may_bind,
                  .summary = "Bind a device to a bed and a patient from an instant on",
                  .handler = with(context, put),
                  .queries = {},
                  .request = "{patient?: {id, label}, bed, ward, from?, age_class?, paced?, version?, transfer?}",
                  .response = "{device, patient, bed, ward, from, to, by, age_class, paced, change, version}"});
  router.add(http::Route{.method = Method::del,
                         .pattern = "/api/devices/{id}/patient",
                         .access = may_bind,
                         .summary = "End the present binding",
                         .handler = with(context, remove),
                         .queries = {{"version", "The one that was seen; default the present one", "integer"}},
                         .request = nullptr,
                         .response = nullptr,
                         .success = 204});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/devices/{id}/bindings",
                         .access = Access::may(guard::Action::see_devices).seen_by_stations(),
                         .summary = "Where a device stood, oldest first, and what was held before it was corrected",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = "{items: [binding], next, total, superseded: [binding], version}"});
  router.add(http::Route{.method = Method::post,
                         .pattern = "/api/devices/{id}/bindings/correct",
                         .access = may_bind,
                         .summary = "Say where a device was in an interval of the past; what was held stays visible",
                         .handler = with(context, correct),
                         .queries = {},
                         .request = "{from, to?, patient?, bed?, ward?, reason, version, also?: [{device, version}]}",
                         .response = "{change, devices: [{device, version}]}"});
}

}  // namespace salus::app
