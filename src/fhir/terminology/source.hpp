// Where code systems, value sets and concept maps come from: the record at one cut, and R4's own, which the program
// carries.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "fhir/document/document.hpp"

namespace salus::fhir::terminology {

enum class Kind : std::uint8_t { code_system, value_set, concept_map };

// A resource that can be read. Equal keys are equal bytes, for ever.
struct Place {
  std::string key;
  std::function<Result<Document>()> read;
};

// Threads: as whoever implements it says.
class Source {
 public:
  virtual ~Source() = default;
  // By canonical URL; `version` empty: the one that is to be taken where none is named.
  virtual std::optional<Place> find(Kind kind, std::string_view url, std::string_view version) const = 0;
  // All of a kind, until `visit` returns false.
  virtual void each(Kind kind, const std::function<bool(Place)>& visit) const = 0;
};

// "url|version" in two.
struct CanonicalUrl {
  std::string_view url, version;
};
inline CanonicalUrl canonical(std::string_view text) {
  const std::size_t bar = std::min(text.rfind('|'), text.size());
  return {text.substr(0, bar), text.substr(std::min(bar + 1, text.size()))};
}

}  // namespace salus::fhir::terminology
