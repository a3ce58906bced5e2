// Links that hold what the server needs to go on (a cut, a place) and that nobody else can make or change: whoever asks
// for the next page gets the page that was promised, by any node that knows the key, also after a restart.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus::fhir {

// `scope` says what the payload belongs to (the search, the caller): it opens nowhere else. Text for a URL.
std::string seal(std::string_view key, std::string_view scope, ByteView payload);
// Errors: invalid.
Result<std::string> unseal(std::string_view key, std::string_view scope, std::string_view text);

}  // namespace salus::fhir
