// Patches of a resource: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7396), XML Patch (RFC 5261 as FHIR uses it) and
// FHIRPath Patch (a Parameters resource). Pure functions: document and patch in, document out; nothing is half done.
//
// What the patch does not touch stays as it was: digits ("1.00"), the order of members, the bytes of the narrative.
// Arrays and objects that a patch leaves empty vanish, because FHIR has none.
//
// Errors of all of them:
//   invalid    the patch itself breaks a rule of its format, whatever it is applied to (REST: 400). The location is of
//              the patch: a JSON pointer, "/diff/*[2]", or "Parameters.parameter[1]".
//   conflict   the patch is right and this resource is not as it asks: a path leads nowhere or to several elements, a
//              `test` failed, or the outcome is no resource of the same type (REST: 422). Location as above, or in the
//              outcome ("Patient.name[0]", "/name/0") when that cannot be read.
//   too_large  over a limit below (REST: 413).
// Messages count operations from 1 and never hold a value of the resource.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "fhir/document/document.hpp"

namespace salus::fhir::patch {

enum class Format : std::uint8_t { json, merge, xml, fhirpath };

// application/json-patch+json, application/merge-patch+json, application/xml-patch+xml; application/fhir+json and
// application/fhir+xml (and their short names) for FHIRPath. Parameters behind ';' do not matter. Nothing for others.
std::optional<Format> format_of(std::string_view media_type);

struct Options {
  std::size_t patch_bytes_max = 16u << 20;
  std::size_t operations_max = 10'000;
  std::uint64_t work_max = 500'000'000;  // elements and bytes that all operations together look at, copy or shift
  DocumentLimits document = {};          // of the outcome
  Time now{};                            // of now() in a FHIRPath
};

// The id and meta of the outcome are what the patch made them; whether they may change is the caller's matter.
Reading<Document> apply(const Document& before, Format format, std::string_view patch, const Options& options = {});

// A patch that is read already, as in an entry of a transaction. Requires: any resource; invalid unless Parameters.
Reading<Document> apply_fhirpath(const Document& before, const Document& patch, const Options& options = {});

}  // namespace salus::fhir::patch
