// Every port, path and limit, with its default and meaning: one table that salus.toml, SALUS_* variables, flags and
// `salus config` share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace salus::app {

// Addresses are "host:port"; an empty one means: do not listen.
struct Settings {
  std::string data = "/var/lib/salus";
  std::string console;  // folder of the built console; empty: beside the program
  std::string name = "localhost";
  std::string log_level = "info";

  std::string http = "127.0.0.1:8080";
  std::string https = "0.0.0.0:8443";
  std::string mqtt = "127.0.0.1:1883";
  std::string mqtts = "0.0.0.0:8883";
  bool tls12 = false;

  std::int64_t threads = 0;  // of the gates; 0: one a core
  std::int64_t mqtt_connections_max = 10'000;
  std::int64_t mqtt_packet_bytes_max = 256 << 10;
  std::int64_t mqtt_messages_per_second = 5'000;  // of one connection; 0: no limit
  std::int64_t mqtt_receive_maximum = 65'535;
  std::int64_t http_connections_max = 2'000;
  std::int64_t http_body_bytes_max = 8 << 20;
  std::int64_t session_hours = 12;
  std::int64_t pin_digits_min = 4;
  std::int64_t pin_failures_max = 5;
  std::int64_t silent_screen_seconds = 60;
  std::int64_t stations_gone_seconds = 30;

  // What is written to the record is checked; structure and cardinality always. Each of off, warn, on.
  std::string fhir_bindings = "on";
  std::string fhir_references = "on";
  std::string fhir_invariants = "off";
  std::string fhir_profiles = "off";
  std::string fhir_receivers;  // origins that rest-hooks may reach though they are not public, with commas between
  std::string fhir_signal_seconds = "60";

  std::int64_t telemetry_segment_mib = 64;
  std::int64_t reserve_mib = 256;  // disk space that telemetry leaves to records and alarms
  std::int64_t stall_seconds = 10;
  std::int64_t checkpoint_seconds = 30;
};

struct SettingRow {
  std::string key;    // "mqtt.plain"
  std::string value;  // as it would stand in salus.toml
  std::string meaning;
};

// Defaults, then `file` (when not empty), then SALUS_* of the environment (mqtt.plain is SALUS_MQTT_PLAIN).
// Errors: invalid, naming the key and what would be right; not_found (the file).
Result<Settings> load_settings(const std::string& file);

// --port-base N: every port becomes N plus a step that never changes: http 0, https 1, mqtt 2, mqtts 3, amqp 4, amqps
// 5, mllp 6, dicom 7. Errors: invalid.
Result<void> use_port_base(Settings& settings, std::int64_t base);

std::vector<SettingRow> describe(const Settings& settings);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort> parse_address(const std::string& text);  // "127.0.0.1:8080", "[::1]:8080"

}  // namespace salus::app
