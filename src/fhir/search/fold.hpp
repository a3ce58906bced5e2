// Texts as people look for them: case, accents and repeated spaces do not count. Müller, MULLER and muller are one.
#pragma once

#include <string>
#include <string_view>

namespace salus::fhir::search {

// Latin with accents and ligatures becomes plain Latin, Greek, Cyrillic and Armenian lose case and accents, full-width
// forms become ASCII, combining marks U+0300 to U+036F go, white space becomes one space and none at the ends. Every
// other character, Chinese among them, stays as it is. Our own table, so that the answer never changes with a library.
std::string fold(std::string_view text);

}  // namespace salus::fhir::search
