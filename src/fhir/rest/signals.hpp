// Single signals at the gate: they are read like any Observation and written by nobody.
#pragma once

#include "fhir/rest/call.hpp"

namespace salus::fhir {

// Whether `id` names a signal, be there samples or not.
bool is_signal(const Call& call, std::string_view id);
// read; and vread, which knows the present version alone.
asio::awaitable<http::Response> read_signal(Call call);
// The present version: earlier ones are not kept as resources.
asio::awaitable<http::Response> signal_history(Call call);
// 405: what is wrong with a signal is corrected where it comes from, at the device's bindings.
http::Response refuse_signal(std::string_view id);

}  // namespace salus::fhir
