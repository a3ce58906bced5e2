// What the calls about bindings, beds and patients share: how a binding is written, and how one is asked for.
#pragma once

#include "app/api/ward_context.hpp"

namespace salus::app {

// {"id","label"} or null.
json::value patient_json(const std::string& id, const std::string& label);
// {"patient","bed","ward","from","to","by","change"}
json::object binding_json(const device::Binding& binding);
// A device's binding in words of a conflict: {"kind","bed","ward","device","patient"}.
json::object conflict_json(const device::Registry& registry, const device::StayConflict& conflict);
// What people compare an identifier by: its last four characters (bytes of UTF-8 are not torn).
std::string last_characters(std::string_view id);

// Errors: invalid, when the member is there and no whole number.
Result<std::optional<std::int64_t>> optional_version(const json::object& body);

// Devices with the versions of their bindings that the caller saw; the present one where nothing was said.
using Seen = std::map<std::string, std::optional<std::int64_t>>;
// The member `key`: [{"device","version"?}]; empty when absent. Errors: invalid.
Result<Seen> seen_devices(const json::object& body, std::string_view key);

// On the records host's thread, composes an entry from what the registry says; the entry is then appended and answered
// with its change and the new versions.
using Compose = std::function<Result<json::object>(const device::Registry&)>;
asio::awaitable<Result<json::value>> append_composed(WardContext& context, const http::Request& request, log::Kind kind,
                                                     Compose compose, std::string target);

// A row of bindings_changed: the device at `stay` (its patient, bed and ward). The version is the one seen, else the
// present one.
json::object device_row(const device::Registry& registry, const std::string& device, const Seen& seen,
                        const device::Binding& stay);
// A stay at the bed, without a patient.
device::Binding at_bed_alone(const device::Bed& bed);

// The rows of `seen` with their versions, for a correction. Errors: not_found.
Result<json::array> version_rows(const device::Registry& registry, const Seen& seen);

}  // namespace salus::app
