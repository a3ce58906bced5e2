// References that lead into this record.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/definitions/definitions.hpp"
#include "log/run.hpp"

namespace salus::fhir {

struct LocalReference {
  TypeId type{};
  std::string id;
  std::optional<log::Offset> version = {};
};

// "Patient/1", "Patient/1/_history/2" and the same behind this server's base ("https://host/fhir"); nothing for what
// leads elsewhere.
std::optional<LocalReference> local_reference_of(const Definitions& definitions, std::string_view base,
                                                 std::string_view text);

}  // namespace salus::fhir
