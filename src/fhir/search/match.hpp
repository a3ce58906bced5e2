// From one value of a search parameter to the scans that find it. The bytes of values are told in values.hpp.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "fhir/search/query.hpp"

namespace salus::fhir::search {

struct Ask {
  const Definitions& definitions;
  const Parameter& parameter;
  std::string_view name;      // as the client wrote it, for messages: "code:text"
  std::string_view modifier;  // without the colon; empty for none
  std::string_view value;     // one of those between commas, its escapes still in it
  Time now{};
};

// Errors: invalid.
Result<std::vector<Scan>> scans_of(const Ask& ask);

// Each of those is for parameters of its type.
Result<std::vector<Scan>> token_scans(const Ask& ask);
Result<std::vector<Scan>> string_scans(const Ask& ask);
Result<std::vector<Scan>> reference_scans(const Ask& ask);
Result<std::vector<Scan>> uri_scans(const Ask& ask);
Result<std::vector<Scan>> date_scans(const Ask& ask);
Result<std::vector<Scan>> number_scans(const Ask& ask);
Result<std::vector<Scan>> quantity_scans(const Ask& ask);
Result<std::vector<Scan>> near_scans(const Ask& ask);
Result<std::vector<Scan>> composite_scans(const Ask& ask);
// Of the first component alone: what a composite is found by.
Result<std::vector<Scan>> composite_walk(const Ask& ask);

Scan exact_scan(ListId list, std::string value);
// Every value that begins with `prefix`.
Scan prefix_scan(ListId list, std::string prefix);

// How a value is compared: eq, ne, gt, lt, ge, le, sa, eb, ap.
enum class Prefix : std::uint8_t { eq, ne, gt, lt, ge, le, sa, eb, ap };
// The prefix, which is then taken off `value`; eq when there is none.
Prefix take_prefix(std::string_view& value);

// Parts of `text` between `separator`s that no backslash precedes; escapes stay.
std::vector<std::string_view> split(std::string_view text, char separator);
// Without the backslashes before , | $ and backslash.
std::string unescape(std::string_view text);

tl::unexpected<Error> refuse_modifier(const Ask& ask, std::string_view known);

}  // namespace salus::fhir::search
