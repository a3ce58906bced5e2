#include "app/settings.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <variant>

#include "fhir/signals/signal_id.hpp"
#include "guard/pins.hpp"

namespace salus::app {
namespace {

using Member = std::variant<std::string Settings::*, std::int64_t Settings::*, bool Settings::*>;

struct Field {
  const char* key;
  Member member;
  const char* meaning;
  std::int64_t least = 0;
  std::int64_t most = INT64_MAX;
  std::span<const std::string_view> choices = {};  // of a text; empty: any
};

// "warn" lets it be written, and says so when the answer is an OperationOutcome.
constexpr std::string_view kChecks[] = {"off", "warn", "on"};

// Sections together, and what has none first: `salus config` prints this order as a settings file.
const std::vector<Field>& fields() {
  static const std::vector<Field> table{
      {"data", &Settings::data, "directory of the log, the views and the keys"},
      {"console", &Settings::console, "folder of the built console; empty: beside the program"},
      {"name", &Settings::name, "host name in the server's certificate, beside localhost"},
      {"log_level", &Settings::log_level, "trace, debug, info, warning, error or off"},
      {"threads", &Settings::threads, "threads of the gates; 0: one a core", 0, 256},
      {"session_hours", &Settings::session_hours, "life of a sign-in's token", 1, 24 * 365},
      {"pin_digits_min", &Settings::pin_digits_min, "digits of a new PIN at least; six do well", guard::kPinDigitsLeast,
       guard::kPinDigitsMax},
      {"pin_failures_max", &Settings::pin_failures_max,
       "wrong PINs of one person in a row; then it is locked until a sign-in by password", 3, 20},
      {"silent_screen_seconds", &Settings::silent_screen_seconds,
       "a ward with alarms and no audible screen for so long has an alarm of its own", 1, 3600},
      {"stations_gone_seconds", &Settings::stations_gone_seconds,
       "a ward none of whose stations is linked for so long has an alarm of its own", 1, 3600},
      {"http.plain", &Settings::http, "address without TLS; loopback only; empty: none"},
      {"http.tls", &Settings::https, "address with TLS; empty: none"},
      {"http.connections_max", &Settings::http_connections_max, "connections at once; one more is answered 503", 1,
       1'000'000},
      {"http.body_bytes_max", &Settings::http_body_bytes_max, "largest request body", 1024, 1 << 30},
      {"mqtt.plain", &Settings::mqtt, "address without TLS; loopback only; empty: none"},
      {"mqtt.tls", &Settings::mqtts, "address with TLS; empty: none"},
      {"mqtt.connections_max", &Settings::mqtt_connections_max, "connections at once; one more is refused", 1,
       1'000'000},
      {"mqtt.packet_bytes_max", &Settings::mqtt_packet_bytes_max, "largest packet", 1024, 16 << 20},
      {"mqtt.messages_per_second", &Settings::mqtt_messages_per_second, "of one connection; 0: no limit", 0,
       10'000'000},
      {"mqtt.receive_maximum", &Settings::mqtt_receive_maximum,
       "unacknowledged messages of one connection, as told to MQTT 5 clients; a client that exceeds it is disconnected",
       1, 65535},
      {"fhir.bindings", &Settings::fhir_bindings, "what becomes of codes that a required binding does not have", 0, 0,
       kChecks},
      {"fhir.references", &Settings::fhir_references, "the same of references to a type that the element does not take",
       0, 0, kChecks},
      {"fhir.invariants", &Settings::fhir_invariants, "the same of resources that break an invariant", 0, 0, kChecks},
      {"fhir.receivers", &Settings::fhir_receivers,
       "origins that rest-hooks may reach though they are not public, such as \"https://10.1.2.3:8443\", with commas "
       "between"},
      {"fhir.profiles", &Settings::fhir_profiles,
       "the same of resources that name a profile which is not known here or which they do not keep", 0, 0, kChecks},
      {"fhir.signal_seconds", &Settings::fhir_signal_seconds,
       "what a device measured in so many seconds is one Observation; waves a minute at most", 0, 0,
       fhir::signal_seconds},
      {"tls.allow_12", &Settings::tls12, "TLS 1.2 with AEAD suites too, for devices that need it"},
      {"log.telemetry_segment_mib", &Settings::telemetry_segment_mib, "size of a telemetry segment", 1, 4096},
      {"log.reserve_mib", &Settings::reserve_mib, "disk space that telemetry leaves to records and alarms", 0, 1 << 20},
      {"log.stall_seconds", &Settings::stall_seconds, "a sync that takes longer counts as failed", 1, 600},
      {"views.checkpoint_seconds", &Settings::checkpoint_seconds, "how often views are written to disk", 1, 3600},
  };
  return table;
}

Error wrong(const Field& field, std::string_view right) {
  return {ErrorCode::invalid, fmt::format("The setting '{}' ({}) must be {}.", field.key, field.meaning, right)};
}

Result<void> set_number(Settings& settings, const Field& field, std::int64_t value) {
  if (value < field.least || value > field.most)
    return fail(wrong(field, fmt::format("from {} to {}", field.least, field.most)));
  settings.*std::get<std::int64_t Settings::*>(field.member) = value;
  return {};
}

Result<void> set_from_text(Settings& settings, const Field& field, const std::string& text) {
  if (const auto* member = std::get_if<std::string Settings::*>(&field.member)) {
    if (!field.choices.empty() && std::ranges::find(field.choices, text) == field.choices.end())
      return fail(wrong(field, fmt::format("one of {}", fmt::join(field.choices, ", "))));
    settings.** member = text;
    return {};
  }
  if (const auto* member = std::get_if<bool Settings::*>(&field.member)) {
    if (text != "true" && text != "false") return fail(wrong(field, "true or false"));
    settings.** member = text == "true";
    return {};
  }
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return fail(wrong(field, "a whole number"));
  return set_number(settings, field, value);
}

Result<void> set_from_toml(Settings& settings, const Field& field, const toml::node& node) {
  if (std::holds_alternative<std::string Settings::*>(field.member)) {
    if (!node.is_string()) return fail(wrong(field, "text in quotes"));
    return set_from_text(settings, field, node.as_string()->get());
  }
  if (std::holds_alternative<bool Settings::*>(field.member)) {
    if (!node.is_boolean()) return fail(wrong(field, "true or false"));
    return set_from_text(settings, field, node.as_boolean()->get() ? "true" : "false");
  }
  if (!node.is_integer()) return fail(wrong(field, "a whole number"));
  return set_number(settings, field, node.as_integer()->get());
}

// A key that no field has is a mistake that somebody should hear of.
Result<void> check_keys(const toml::table& table, const std::string& prefix) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      if (auto checked = check_keys(*inner, name + "."); !checked) return checked;
    } else if (std::ranges::none_of(fields(), [&](const Field& f) { return name == f.key; })) {
      return fail(ErrorCode::invalid, "There is no setting '{}'; `salus config` lists all.", name);
    }
  }
  return {};
}

Result<void> read_file(Settings& settings, const std::string& file) {
  if (!std::filesystem::exists(file)) return fail(ErrorCode::not_found, "There is no settings file '{}'.", file);
  toml::table table;
  try {
    table = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::invalid, "'{}', line {}: {}.", file, error.source().begin.line, error.description());
  }
  if (auto checked = check_keys(table, ""); !checked) return checked;
  for (const Field& field : fields()) {
    const toml::node_view<const toml::node> node = std::as_const(table).at_path(field.key);
    if (!node) continue;
    if (auto set = set_from_toml(settings, field, *node.node()); !set) return set;
  }
  return {};
}

std::string variable_of(std::string key) {
  std::ranges::transform(key, key.begin(),
                         [](unsigned char c) { return c == '.' ? '_' : static_cast<char>(std::toupper(c)); });
  return "SALUS_" + key;
}

}  // namespace

Result<Settings> load_settings(const std::string& file) {
  Settings settings;
  if (!file.empty()) {
    if (auto read = read_file(settings, file); !read) return fail(read.error());
  }
  for (const Field& field : fields()) {
    const char* value = std::getenv(variable_of(field.key).c_str());
    if (value == nullptr) continue;
    if (auto set = set_from_text(settings, field, value); !set) return fail(set.error());
  }
  return settings;
}

Result<HostPort> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  HostPort address;
  int port = -1;
  if (colon != std::string::npos) {
    address.host = text.substr(0, colon);
    if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']')
      address.host = address.host.substr(1, address.host.size() - 2);
    const auto [end, ec] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (ec != std::errc{} || end != text.data() + text.size()) port = -1;
  }
  if (address.host.empty() || port < 0 || port > 65535)
    return fail(ErrorCode::invalid, "'{}' is not an address; write it as 127.0.0.1:8080 or [::1]:8080.", text);
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

Result<void> use_port_base(Settings& settings, std::int64_t base) {
  if (base < 1 || base > 65535 - 8) return fail(ErrorCode::invalid, "--port-base must be from 1 to 65527.");
  const auto move = [&](std::string& address, std::int64_t step) -> Result<void> {
    if (address.empty()) return {};
    auto parsed = parse_address(address);
    if (!parsed) return fail(parsed.error());
    const bool v6 = parsed->host.find(':') != std::string::npos;
    address = fmt::format("{}{}{}:{}", v6 ? "[" : "", parsed->host, v6 ? "]" : "", base + step);
    return {};
  };
  for (auto [address, step] :
       {std::pair{&settings.http, 0}, {&settings.https, 1}, {&settings.mqtt, 2}, {&settings.mqtts, 3}})
    if (auto moved = move(*address, step); !moved) return moved;
  return {};
}

std::vector<SettingRow> describe(const Settings& settings) {
  std::vector<SettingRow> rows;
  for (const Field& field : fields()) {
    std::string value;
    if (const auto* text = std::get_if<std::string Settings::*>(&field.member))
      value = fmt::format("\"{}\"", settings.**text);
    if (const auto* flag = std::get_if<bool Settings::*>(&field.member)) value = settings.**flag ? "true" : "false";
    if (const auto* count = std::get_if<std::int64_t Settings::*>(&field.member))
      value = fmt::format("{}", settings.**count);
    rows.push_back({field.key, value, field.meaning});
  }
  return rows;
}

}  // namespace salus::app
