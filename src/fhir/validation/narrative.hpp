// What a narrative may hold (txt-1) and must hold (txt-2).
#pragma once

#include <string_view>

namespace salus::fhir::validation {

// The formatting elements and attributes of HTML 4.0, chapters 7 to 11 (without ins and del) and 15, <a> and images: no
// scripts, forms, frames, objects, event handlers, and no links that run something (javascript:, data: but for images).
// Requires: well-formed XHTML (document/xml.hpp, check_narrative); what is not is as good as forbidden.
bool has_allowed_html(std::string_view div);

// Something that can be seen: a text that is no space, or an image.
bool has_content(std::string_view div);

}  // namespace salus::fhir::validation
