// References by canonical URL ("http://example.org/Questionnaire/phq9|2.0"), which lead to every resource that says it
// has this URL: of that version where the reference names one, of any where it does not.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fhir/search/candidates.hpp"

namespace salus::fhir::search {

struct Canonical {
  std::string url, version;  // version is empty where none is named
};
// Nothing for local references and what is contained.
std::optional<Canonical> canonical_of(const Definitions& definitions, ByteView value);

// Whether resources of `type` have a canonical URL.
bool is_canonical(TypeId type);

// Shows the resources of `type` that `canonical` leads to, until `visit` returns false.
void each_named(const Source& source, Steps& steps, TypeId type, const Canonical& canonical,
                const std::function<bool(ResourceNumber)>& visit);

// Shows the resources of `type` whose reference by `list` names by canonical URL the resource that `row` is of, which
// is of `target`, until `visit` returns false.
void each_naming(const Source& source, Steps& steps, TypeId type, ListId list, TypeId target, const ValuesRow& row,
                 const std::function<bool(ResourceNumber)>& visit);

}  // namespace salus::fhir::search
