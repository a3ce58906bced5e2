#include "app/fleet.hpp"

#include <fstream>
#include <iterator>

#include "app/api_client.hpp"
#include "app/settings.hpp"
#include "base/json.hpp"

namespace salus::app {

Result<void> read_ready_file(const std::string& file, FleetOptions& options) {
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return fail(ErrorCode::invalid, "'{}' is not a server's ready file.", file);
  const json::object& ready = parsed->get_object();
  options.server = string_or(ready, "mqtts", options.server);
  options.api = string_or(ready, "https", options.api);
  options.token = string_or(ready, "admin_token");
  options.ca = string_or(ready, "ca");
  return {};
}

Result<mqtt::ServerAddress> server_of(const FleetOptions& options) {
  const bool tls = options.server.starts_with("mqtts://");
  if (!tls && !options.server.starts_with("mqtt://"))
    return fail(ErrorCode::invalid, "'{}' is not an mqtt or mqtts address.", options.server);
  const auto address = parse_address(options.server.substr(tls ? 8 : 7));
  if (!address) return fail(address.error());
  mqtt::ServerAddress server{.host = address->host, .port = address->port};
  if (tls) server.tls = mqtt::ClientTls{.ca_file = options.ca};
  return server;
}

Result<std::string> register_device(const FleetOptions& options, const FleetDevice& device) {
  const ApiServer api{options.api, options.token, options.ca};
  auto made = call_api(api, "PUT", "/devices/" + device.id,
                       {{"name", device.name}, {"model", device.model}, {"simulated", true}});
  if (!made) return fail(made.error());
  const json::value* authentication = made->as_object().if_contains("authentication");
  if (authentication == nullptr)
    return fail(ErrorCode::forbidden, "The token may not see keys; use an engineer's or administrator's.");
  auto bound = call_api(
      api, "PUT", "/api/devices/" + device.id + "/patient",
      {{"bed", device.bed}, {"ward", device.ward}, {"patient", {{"id", device.patient_id}, {"label", device.label}}}});
  if (!bound) return fail(bound.error());
  return std::string(authentication->at("symmetricKey").at("primaryKey").as_string());
}

}  // namespace salus::app
