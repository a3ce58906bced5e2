// The registry, in the form of Azure's device service: PUT, GET and DELETE /devices/{id}; and the list for people.
#include "app/api/sight.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

struct Found {
  device::Device device;
  std::optional<device::Binding> binding;
};

asio::awaitable<Result<std::optional<Found>>> find(WardContext& context, const std::string& id) {
  co_return co_await context.core.records().read([registry = &context.core.registry(), id]() -> std::optional<Found> {
    const device::Device* device = registry->find(id);
    if (device == nullptr) return std::nullopt;
    const device::Binding* binding = registry->binding_now(id);
    return Found{*device, binding != nullptr ? std::optional{*binding} : std::nullopt};
  });
}

Error unknown(const std::string& id) {
  return {ErrorCode::not_found, fmt::format("Device '{}' is not registered; create it with PUT /devices/{}.", id, id)};
}

bool may_see_keys(WardContext& context, const Request& request) {
  return context.authority.permit(caller_of(request), guard::Action::manage_devices, {}).has_value();
}

json::object authentication_of(const guard::Device& device) {
  constexpr std::string_view types[] = {"sas", "selfSigned", "certificateAuthority"};
  return {{"type", types[static_cast<std::size_t>(device.proof)]},
          {"symmetricKey", {{"primaryKey", device.primary_key}, {"secondaryKey", device.secondary_key}}},
          {"x509Thumbprint",
           {{"primaryThumbprint", device.primary_thumbprint}, {"secondaryThumbprint", device.secondary_thumbprint}}}};
}

json::object describe(WardContext& context, const Request& request, const Found& found) {
  const device::Device& device = found.device;
  json::object out{{"deviceId", device.id},
                   {"status", device.enabled ? "enabled" : "disabled"},
                   {"connectionState", context.feed.is_connected(device.id) ? "Connected" : "Disconnected"},
                   {"name", device.name},
                   {"model", device.model},
                   {"ward", device.ward},
                   {"simulated", device.simulated},
                   {"created", to_iso(device.created)},
                   {"updated", to_iso(device.updated)},
                   {"version", device.version}};
  const auto proof = context.core.directory().device(device.id);
  if (proof && may_see_keys(context, request)) out["authentication"] = authentication_of(*proof);
  return out;
}

// A member of `change`, or what was there before.
std::string text_or(const json::object& change, std::string_view key, std::string before) {
  const json::value* value = change.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::move(before);
}

// Keys that the body does not give stay; a device that has none gets some.
json::object authentication_for(const json::object& body, const std::shared_ptr<const guard::Device>& before) {
  json::object out =
      before ? authentication_of(*before)
             : json::object{{"type", "sas"}, {"symmetricKey", json::object{}}, {"x509Thumbprint", json::object{}}};
  const json::value* given = body.if_contains("authentication");
  if (given != nullptr && given->is_object()) {
    out["type"] = text_or(given->get_object(), "type", string_or(out, "type"));
    for (const char* part : {"symmetricKey", "x509Thumbprint"}) {
      const json::value* members = given->get_object().if_contains(part);
      if (members == nullptr || !members->is_object()) continue;
      for (const auto& member : members->get_object()) out[part].as_object()[member.key()] = member.value();
    }
  }
  json::object& keys = out["symmetricKey"].as_object();
  if (string_or(out, "type") == "sas")
    for (const char* key : {"primaryKey", "secondaryKey"})
      if (string_or(keys, key).empty()) keys[key] = to_base64(random_bytes(32));
  return out;
}

asio::awaitable<Result<Response>> put(WardContext& context, const Request& request) {
  const std::string id = request.param("id");
  if (!is_device_id(id))
    co_return fail(ErrorCode::invalid, "A device id has 1 to 128 of A-Z a-z 0-9 - . _ : @ = ! $ , * ' ( ) %.");
  const Result<json::object> body = request.body.empty() ? Result<json::object>{json::object{}} : request.json();
  if (!body) co_return fail(body.error());
  if (text_or(*body, "deviceId", id) != id)
    co_return fail(ErrorCode::invalid, "The body's deviceId is not the one in the path.");
  const auto found = co_await find(context, id);
  if (!found) co_return fail(found.error());
  const device::Device before =
      *found ? (*found)->device : device::Device{.id = id, .name = id, .model = {}, .ward = {}};
  const std::string status = text_or(*body, "status", before.enabled ? "enabled" : "disabled");
  if (status != "enabled" && status != "disabled")
    co_return fail(ErrorCode::invalid, "A device's status is 'enabled' or 'disabled'.");
  json::object entry{{"id", id},
                     {"name", text_or(*body, "name", before.name)},
                     {"model", text_or(*body, "model", before.model)},
                     {"ward", text_or(*body, "ward", before.ward)},
                     {"simulated", bool_or(*body, "simulated", before.simulated)},
                     {"status", status},
                     {"enabled", status == "enabled"},
                     {"authentication", authentication_for(*body, context.core.directory().device(id))}};
  const auto answer = co_await append(context, request, log::kind::device_put, std::move(entry), id);
  if (!answer) co_return fail(answer.error());
  const auto now = co_await find(context, id);
  if (!now) co_return fail(now.error());
  if (!*now) co_return fail(ErrorCode::conflict, "Device '{}' was removed meanwhile.", id);
  co_return http::json_response(*found ? 200 : 201, describe(context, request, **now));
}

asio::awaitable<Result<Response>> get(WardContext& context, const Request& request) {
  const auto found = co_await find(context, request.param("id"));
  if (!found) co_return fail(found.error());
  if (!*found) co_return fail(unknown(request.param("id")));
  co_return http::json_response(200, describe(context, request, **found));
}

asio::awaitable<Result<Response>> remove(WardContext& context, const Request& request) {
  const std::string id = request.param("id");
  const auto found = co_await find(context, id);
  if (!found) co_return fail(found.error());
  if (!*found) co_return fail(unknown(id));
  const auto answer = co_await append(context, request, log::kind::device_removed, {{"id", id}}, id);
  if (!answer) co_return fail(answer.error());
  co_return http::empty_response(204);
}

json::object row(WardContext& context, const Found& found, const std::optional<monitor::DeviceStatus>& status) {
  const device::Device& device = found.device;
  json::object out{{"id", device.id},
                   {"name", device.name},
                   {"model", device.model},
                   {"status", device.enabled ? "enabled" : "disabled"},
                   {"simulated", device.simulated},
                   {"connected", context.feed.is_connected(device.id)},
                   {"created", to_iso(device.created)},
                   {"last_seen", nullptr},
                   {"bed", nullptr},
                   {"ward", device.ward},
                   {"patient", nullptr},
                   {"age_class", "unknown"},
                   {"paced", nullptr},
                   {"messages", 0},
                   {"duplicates", 0},
                   {"rejected", 0},
                   {"malformed", 0},
                   {"unknown_keys", json::object{}},
                   {"clock_offset_ms", nullptr}};
  if (found.binding && !found.binding->is_idle()) {
    out["bed"] = found.binding->bed;
    out["ward"] = found.binding->ward;
    out["age_class"] = device::name(found.binding->age_class);
    if (found.binding->paced) out["paced"] = *found.binding->paced;
    if (!found.binding->patient.empty())
      out["patient"] = {{"id", found.binding->patient}, {"label", found.binding->label}};
  }
  if (!status) return out;
  std::uint64_t rejected = 0;
  for (const std::uint64_t count : status->rejected) rejected += count;
  out["last_seen"] = to_iso(time_from_ns(status->last_heard_ns));
  out["messages"] = status->messages;
  out["duplicates"] = status->repeated;
  out["rejected"] = rejected;
  out["malformed"] = status->malformed;
  out["last_error"] = status->last_error;
  out["clock_offset_ms"] = status->clock_offset_ns / 1'000'000;
  for (const auto& [key, count] : status->unknown_keys) out["unknown_keys"].as_object()[key] = count;
  return out;
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  const Result<std::size_t> limit = page_limit(request);
  if (!limit) co_return fail(limit.error());
  device::DeviceQuery query{.search = std::string(request.query("search").value_or("")),
                            .after = std::string(request.query("cursor").value_or("")),
                            .limit = *limit};
  struct Listed {
    std::vector<Found> items;
    std::size_t total = 0;
    std::string next{};  // a station sees fewer than the page holds
  };
  auto listed =
      co_await context.core.records().read([registry = &context.core.registry(), query, caller = caller_of(request)]() {
        const device::DevicePage page = registry->list(query);
        Listed out{{}, page.total, page.more ? page.items.back()->id : std::string{}};
        for (const device::Device* device : page.items) {
          if (!may_bind(*registry, caller, device->id)) continue;
          const device::Binding* binding = registry->binding_now(device->id);
          out.items.push_back({*device, binding != nullptr ? std::optional{*binding} : std::nullopt});
        }
        return out;
      });
  if (!listed) co_return fail(listed.error());
  auto statuses =
      co_await context.core.telemetry().read([telemetry = &context.core.telemetry_view(), items = listed->items]() {
        std::vector<std::optional<monitor::DeviceStatus>> out;
        for (const Found& found : items) out.push_back(telemetry->status(found.device.id));
        return out;
      });
  if (!statuses) co_return fail(statuses.error());
  json::array items;
  for (std::size_t i = 0; i < listed->items.size(); ++i)
    items.push_back(row(context, listed->items[i], (*statuses)[i]));
  co_return http::json_response(200, page(std::move(items), listed->next, listed->total));
}

}  // namespace

void add_devices(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  const json::value shown =
      "{deviceId, status, connectionState, name, model, ward, simulated, created, updated, version, authentication?}";
  router.add(http::Route{.method = Method::put,
                         .pattern = "/devices/{id}",
                         .access = Access::may(guard::Action::manage_devices),
                         .summary = "Create or change a device; keys that are not given are kept or made",
                         .handler = with(context, put),
                         .queries = {},
                         .request = "{deviceId?, status?, name?, model?, ward?, simulated?, authentication?}",
                         .response = shown});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/devices/{id}",
                         .access = Access::may(guard::Action::see_devices),
                         .summary = "One device",
                         .handler = with(context, get),
                         .queries = {},
                         .request = nullptr,
                         .response = shown});
  router.add(http::Route{.method = Method::del,
                         .pattern = "/devices/{id}",
                         .access = Access::may(guard::Action::manage_devices),
                         .summary = "Remove a device; its samples stay",
                         .handler = with(context, remove),
                         .queries = {},
                         .request = nullptr,
                         .response = nullptr,
                         .success = 204});
  std::vector<http::QueryParameter> queries = page_queries();
  queries.push_back({"search", "Part of id, name, model, ward or bed"});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/devices",
                         .access = Access::may(guard::Action::see_devices).seen_by_stations(),
                         .summary = "Devices with what they sent",
                         .handler = with(context, list),
                         .queries = std::move(queries),
                         .request = nullptr,
                         .response = "{items: [device], next, total}"});
}

}  // namespace salus::app
