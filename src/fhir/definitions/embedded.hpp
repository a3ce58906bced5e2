// The table of FHIR R4 definitions that the program carries.
#pragma once

#include "base/bytes.hpp"

namespace salus::fhir {

// Aligned to 16 bytes; lives as long as the program.
ByteView embedded_definitions();

}  // namespace salus::fhir
