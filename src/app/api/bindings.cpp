// Where a device stands: at which bed, with which patient, from when on.
#include "app/api/ward_context.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

json::object describe(const device::Binding& binding) {
  return {{"patient", binding.patient.empty() ? json::value(nullptr)
                                              : json::value{{"id", binding.patient}, {"label", binding.label}}},
          {"bed", binding.bed},
          {"ward", binding.ward},
          {"from", to_iso(binding.from)},
          {"to", binding.to ? json::value(to_iso(*binding.to)) : json::value(nullptr)},
          {"by", binding.by},
          {"age_class", device::name(binding.age_class)},
          {"paced", binding.paced ? json::value(*binding.paced) : json::value(nullptr)}};
}

asio::awaitable<Result<Response>> put(WardContext& context, const Request& request) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  json::object entry{{"device", request.param("id")}};
  for (const char* key : {"patient", "bed", "ward", "from", "age_class", "paced"})
    if (const json::value* value = body->if_contains(key); value != nullptr && !value->is_null()) entry[key] = *value;
  const auto answer = co_await append(context, request, log::kind::binding_set, std::move(entry), request.param("id"));
  if (!answer) co_return fail(answer.error());
  const auto now = co_await context.core.records().read(
      [registry = &context.core.registry(), id = request.param("id")]() -> std::optional<device::Binding> {
        const device::Binding* binding = registry->binding_now(id);
        return binding != nullptr ? std::optional{*binding} : std::nullopt;
      });
  if (!now) co_return fail(now.error());
  co_return http::json_response(200, *now ? json::value(describe(**now)) : json::value(nullptr));
}

asio::awaitable<Result<Response>> remove(WardContext& context, const Request& request) {
  const auto answer =
      co_await append(context, request, log::kind::binding_set, {{"device", request.param("id")}}, request.param("id"));
  if (!answer) co_return fail(answer.error());
  co_return http::empty_response(204);
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  auto bindings = co_await context.core.records().read(
      [registry = &context.core.registry(), id = request.param("id")]() -> std::optional<std::vector<device::Binding>> {
        if (registry->find(id) == nullptr) return std::nullopt;
        return registry->bindings(id);
      });
  if (!bindings) co_return fail(bindings.error());
  if (!*bindings) co_return fail(ErrorCode::not_found, "Device '{}' is not registered.", request.param("id"));
  json::array items;
  for (const device::Binding& binding : **bindings) items.push_back(describe(binding));
  const std::uint64_t total = items.size();
  co_return http::json_response(200, page(std::move(items), {}, total));
}

}  // namespace

void add_bindings(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  router.add(http::Route{.method = Method::put,
                         .pattern = "/api/devices/{id}/patient",
                         .access = Access::may(guard::Action::bind_device),
                         .summary = "Bind a device to a bed and a patient from an instant on",
                         .handler = with(context, put),
                         .queries = {},
                         .request = "{patient?: {id, label}, bed, ward, from?, age_class?, paced?}",
                         .response = "{patient, bed, ward, from, to, by, age_class, paced}"});
  router.add(http::Route{.method = Method::del,
                         .pattern = "/api/devices/{id}/patient",
                         .access = Access::may(guard::Action::bind_device),
                         .summary = "End the present binding",
                         .handler = with(context, remove),
                         .queries = {},
                         .request = nullptr,
                         .response = nullptr,
                         .success = 204});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/devices/{id}/bindings",
                         .access = Access::may(guard::Action::see_devices),
                         .summary = "Where a device stood, oldest first",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = "{items: [binding], next, total}"});
}

}  // namespace salus::app
