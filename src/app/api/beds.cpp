// Beds: who lies where with which devices; admission, transfer, discharge, handing a device over, undoing: one entry
// each, so that all of it holds from one instant on, or nothing of it.
#include "app/api/stays.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

constexpr char separator = '\x1f';  // between ward and bed in a cursor

json::object bed_json(const device::Registry& registry, const device::BedState& state) {
  json::array devices;
  for (const std::string& id : state.devices) {
    const device::Binding& binding = *registry.binding_now(id);
    devices.push_back({{"device", id},
                       {"name", registry.find(id)->name},
                       {"version", registry.binding_version(id)},
                       {"has_patient", !binding.patient.empty()},
                       {"from", to_iso(binding.from)},
                       {"change", binding.change}});
  }
  return {{"bed", state.bed.name},
          {"ward", state.bed.ward},
          {"patient", patient_json(state.patient, state.label)},
          {"identifier_end", last_characters(state.patient)},
          {"since", to_iso(state.since)},
          {"devices", std::move(devices)}};
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  const Result<std::size_t> limit = page_limit(request);
  if (!limit) co_return fail(limit.error());
  device::BedQuery query{.search = std::string(request.query("search").value_or("")), .limit = *limit};
  if (const auto ward = request.query("ward"); ward && !ward->empty()) query.ward = std::string(*ward);
  if (const std::string& only = caller_of(request).ward; !only.empty()) query.ward = only;
  if (const auto cursor = request.query("cursor"); cursor && !cursor->empty()) {
    const std::size_t at = cursor->find(separator);
    if (at == std::string_view::npos)
      co_return fail(ErrorCode::invalid, "'cursor' is not the 'next' of a page before.");
    query.after = device::Bed{std::string(cursor->substr(0, at)), std::string(cursor->substr(at + 1))};
  }
  auto listed = co_await context.core.records().read([registry = &context.core.registry(), query] {
    const device::BedPage found = registry->beds(query);
    json::array items;
    for (const device::BedState& state : found.items) items.push_back(bed_json(*registry, state));
    const std::string next =
        found.more ? found.items.back().bed.ward + separator + found.items.back().bed.name : std::string{};
    return page(std::move(items), next, found.total);
  });
  if (!listed) co_return fail(listed.error());
  co_return http::json_response(200, std::move(*listed));
}

// The member `key` of the body: {"ward","bed"}, or the body's own when `key` is empty. A bed has a name.
Result<device::Bed> bed_member(const json::object& body, const char* key) {
  const json::value* value = *key == '\0' ? nullptr : body.if_contains(key);
  if (*key != '\0' && (value == nullptr || !value->is_object()))
    return fail(ErrorCode::invalid, "'{}' is an object with a 'bed' and its 'ward'.", key);
  const json::object& object = value == nullptr ? body : value->get_object();
  Result<std::string> ward = device::short_text(object, "ward");
  Result<std::string> name = device::short_text(object, "bed");
  if (!ward) return fail(ward.error());
  if (!name) return fail(name.error());
  if (name->empty()) return fail(ErrorCode::invalid, "Say which bed.");
  return device::Bed{std::move(*ward), std::move(*name)};
}

Error is_not_there(const std::string& device, const device::Bed& bed) {
  return {ErrorCode::conflict,
          fmt::format("Device '{}' is not at bed '{}' now; look again.", device.substr(0, 128), bed.name)};
}
Error has_no_patient(const device::Bed& bed) {
  return {ErrorCode::conflict, fmt::format("Bed '{}' has no patient now; look again.", bed.name)};
}

// The stay of whoever lies at `bed`, at the bed `at`.
device::Binding stay_of(const device::Registry& registry, const device::Bed& bed, const device::Bed& at) {
  device::Binding stay;
  for (const std::string& id : registry.at_bed(bed))
    if (const device::Binding& binding = *registry.binding_now(id); !binding.patient.empty()) stay = binding;
  stay.bed = at.name;
  stay.ward = at.ward;
  return stay;
}

// What was seen at the bed is what is there now: nobody came or went. Nothing was said: nothing is checked.
Result<void> is_as_seen(const device::Registry& registry, const device::Bed& bed, const Seen& seen) {
  if (seen.empty()) return {};
  for (const std::string& id : registry.at_bed(bed))
    if (!seen.contains(id))
      return fail(ErrorCode::conflict, "Device '{}' came to bed '{}' meanwhile; look again.", id, bed.name);
  return {};
}

// A request that was understood: what to append, and where it happens.
struct Change {
  log::Kind kind{};
  Compose compose;
  std::string target;
};

// A patient, a bed, and all devices that measure there: at once.
Result<Change> admit(const json::object& body) {
  const Result<device::Bed> bed = bed_member(body, "");
  const auto stay = device::read_stay(body);
  auto seen = seen_devices(body, "devices");
  if (!bed) return fail(bed.error());
  if (!stay) return fail(stay.error());
  if (!seen) return fail(seen.error());
  if (stay->patient.empty()) return fail(ErrorCode::invalid, "Say which patient: {{\"id\", \"label\"}}.");
  if (seen->empty()) return fail(ErrorCode::invalid, "Name at least one device: it is what the bed is known by.");
  return Change{
      log::kind::bindings_changed,
      [bed = *bed, stay = *stay, seen = std::move(*seen)](const device::Registry& registry) -> Result<json::object> {
        json::array rows;
        for (const auto& [id, version] : seen) rows.push_back(device_row(registry, id, seen, stay));
        return json::object{{"devices", std::move(rows)}};
      },
      bed->name};
}

// The patient goes with `take`; what else was at the old bed stays there without a patient; the patient also gets what
// `take` names at the new bed. One instant: no gap.
Result<Change> transfer(const json::object& body) {
  const Result<device::Bed> from = bed_member(body, "from");
  const Result<device::Bed> to = bed_member(body, "to");
  auto seen = seen_devices(body, "seen");
  auto take = seen_devices(body, "devices");
  if (!from) return fail(from.error());
  if (!to) return fail(to.error());
  if (!seen) return fail(seen.error());
  if (!take) return fail(take.error());
  if (*from == *to) return fail(ErrorCode::invalid, "The patient is at this bed.");
  if (take->empty())
    return fail(ErrorCode::invalid, "Name at least one device that is with the patient at the new bed.");
  return Change{log::kind::bindings_changed,
                [from = *from, to = *to, seen = std::move(*seen),
                 take = std::move(*take)](const device::Registry& registry) -> Result<json::object> {
                  const auto state = registry.bed(from);
                  if (!state || state->patient.empty()) return fail(has_no_patient(from));
                  for (const device::Bed& bed : {from, to})
                    if (const Result<void> same = is_as_seen(registry, bed, seen); !same) return fail(same.error());
                  const device::Binding stay = stay_of(registry, from, to);
                  json::array rows;
                  for (const auto& [id, version] : take) {
                    const device::Binding* now = registry.binding_now(id);
                    if (now == nullptr || (now->place() != from && now->place() != to))
                      return fail(is_not_there(id, from));
                    rows.push_back(device_row(registry, id, version ? take : seen, stay));
                  }
                  for (const std::string& id : state->devices)
                    if (!take.contains(id)) rows.push_back(device_row(registry, id, seen, at_bed_alone(from)));
                  return json::object{{"devices", std::move(rows)}, {"transfer", true}};
                },
                from->name};
}

// All bindings of the bed end at one instant; the devices named in `stay` remain there, without a patient.
Result<Change> discharge(const json::object& body) {
  const Result<device::Bed> bed = bed_member(body, "");
  auto seen = seen_devices(body, "seen");
  auto stay = seen_devices(body, "stay");
  if (!bed) return fail(bed.error());
  if (!seen) return fail(seen.error());
  if (!stay) return fail(stay.error());
  return Change{
      log::kind::bindings_changed,
      [bed = *bed, seen = std::move(*seen),
       stay = std::move(*stay)](const device::Registry& registry) -> Result<json::object> {
        const auto state = registry.bed(bed);
        if (!state) return fail(ErrorCode::not_found, "No device is at bed '{}' now.", bed.name);
        if (const Result<void> same = is_as_seen(registry, bed, seen); !same) return fail(same.error());
        json::array rows;
        for (const std::string& id : state->devices)
          rows.push_back(device_row(registry, id, seen, at_bed_alone(stay.contains(id) ? bed : device::Bed{})));
        return json::object{{"devices", std::move(rows)}};
      },
      bed->name};
}

// A device goes from one bed to another, and measures whoever lies there. A patient's last device is not handed over:
// their bed would be lost from sight.
Result<Change> hand_over(const json::object& body) {
  const Result<std::string> device = required_string(body, "device");
  const Result<device::Bed> to = bed_member(body, "to");
  const auto version = optional_version(body);
  if (!device) return fail(device.error());
  if (!to) return fail(to.error());
  if (!version) return fail(version.error());
  return Change{
      log::kind::bindings_changed,
      [id = *device, to = *to,
       seen = Seen{{*device, *version}}](const device::Registry& registry) -> Result<json::object> {
        const device::Binding* now = registry.binding_now(id);
        if (now == nullptr || now->place() == to) return fail(is_not_there(id, now == nullptr ? to : now->place()));
        if (!now->patient.empty() && registry.with_patient(now->patient).size() == 1)
          return fail(ErrorCode::conflict,
                      "Device '{}' is the only one of the patient at bed '{}'; transfer or discharge instead.", id,
                      now->bed);
        return json::object{{"devices", json::array{device_row(registry, id, seen, stay_of(registry, to, to))}}};
      },
      *device};
}

// The devices are where they were before the change, from its instant on; what it said stays visible.
Result<Change> undo(const json::object& body) {
  const Result<std::int64_t> change = required_int(body, "change");
  const Result<std::string> reason = required_string(body, "reason");
  if (!change) return fail(change.error());
  if (!reason) return fail(reason.error());
  return Change{log::kind::bindings_undone,
                [change = *change, reason = *reason](const device::Registry& registry) -> Result<json::object> {
                  json::array rows;
                  for (const std::string& id : registry.changed_by(static_cast<std::uint64_t>(change)))
                    rows.push_back({{"device", id}, {"version", registry.binding_version(id)}});
                  if (rows.empty()) return fail(ErrorCode::conflict, "Nothing of this change is in force any more.");
                  return json::object{{"devices", std::move(rows)}, {"change", change}, {"reason", reason}};
                },
                std::to_string(*change)};
}

template <Result<Change> (*read)(const json::object&)>
asio::awaitable<Result<Response>> handle(WardContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  Result<Change> change = read(*body);
  if (!change) co_return fail(change.error());
  auto done =
      co_await append_composed(context, request, change->kind, std::move(change->compose), std::move(change->target));
  if (!done) co_return fail(done.error());
  co_return http::json_response(200, std::move(*done));
}

}  // namespace

void add_beds(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  std::vector<http::QueryParameter> queries = page_queries();
  queries.push_back({"ward", "Beds of one ward"});
  queries.push_back({"search", "Part of bed, ward, name or device, or the end of the patient's identifier"});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/beds",
                         .access = Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "Beds at which devices stand",
                         .handler = with(context, list),
                         .queries = std::move(queries),
                         .request = nullptr,
                         .response = "{items: [{bed, ward, patient, identifier_end, since, devices: [{device, name, "
                                     "version, has_patient, from, change}]}], next, total}"});
  const auto add = [&](const char* pattern, const char* summary, auto* handler, const char* body) {
    router.add(http::Route{.method = Method::post,
                           .pattern = pattern,
                           .access = Access::may(guard::Action::bind_device).by_person_at_stations(),
                           .summary = summary,
                           .handler = with(context, handler),
                           .queries = {},
                           .request = body,
                           .response = "{change, devices: [{device, version}]}"});
  };
  add("/api/beds/admit", "A patient comes to a bed with its devices", handle<admit>,
      "{bed, ward, patient: {id, label}, devices: [{device, version?}]}");
  add("/api/beds/transfer", "A patient goes to another bed, without a gap", handle<transfer>,
      "{from: {bed, ward}, to: {bed, ward}, devices: [{device, version?}], seen?: [{device, version}]}");
  add("/api/beds/discharge", "A patient leaves; every binding of the bed ends", handle<discharge>,
      "{bed, ward, seen?: [{device, version}], stay?: [{device}]}");
  add("/api/beds/hand_over", "A device goes to another bed", handle<hand_over>, "{device, to: {bed, ward}, version?}");
  add("/api/bindings/undo", "Take a change back, within 24 hours", handle<undo>, "{change, reason}");
}

}  // namespace salus::app
