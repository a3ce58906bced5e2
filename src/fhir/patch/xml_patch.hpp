// XML Patch (RFC 5261) on trees. The prefixes f and h need no declaration, as in FHIR's examples.
#pragma once

#include "fhir/patch/patch.hpp"
#include "fhir/patch/xml_tree.hpp"

namespace salus::fhir::patch {

// Does all operations that the element `patch` holds (add, replace, remove), or leaves `document` in an unspecified
// state with the reason why not (patch.hpp). A patch without operations is invalid.
Reading<void> apply_operations(XmlNode& document, const XmlNode& patch, const Options& options);

}  // namespace salus::fhir::patch
