// The table of interactions: routes and the entries of a batch are answered from it, and the CapabilityStatement is
// made from it.
#pragma once

#include <span>

#include "fhir/rest/call.hpp"

namespace salus::fhir {

struct Interaction {
  http::Method method;
  std::string_view pattern;  // behind /fhir: "/{type}/{id}"
  bool changes = false;      // needs the right to change the record
  CallHandler handler = nullptr;
  std::string_view summary;
};

std::span<const Interaction> interactions();

// Answers a GET by the table, as its route would; for entries of a Bundle. Requires: the caller may read.
asio::awaitable<http::Response> dispatch(RestContext& context, http::Request& request);

}  // namespace salus::fhir
