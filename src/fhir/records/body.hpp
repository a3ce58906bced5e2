// A resource's JSON with gaps for what only apply knows: its id, its version, and references that are found by a
// search. The text lies once, in the log; who reads a version fills the gaps.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "fhir/document/document.hpp"
#include "log/run.hpp"

namespace salus::fhir {

enum class GapKind : std::uint8_t {
  id,         // the member "id" of the resource
  meta,       // "versionId" and "lastUpdated" within "meta"
  reference,  // the text of a reference
};

struct Gap {
  std::uint32_t at = 0;  // byte of the text
  GapKind kind = GapKind::id;
  std::uint32_t target = 0;  // which of the references that wait
};

struct Body {
  std::string text;
  std::vector<Gap> gaps;  // ascending
};

// What becomes of a text that stands as a reference: another text, or the number of a target that is known later.
struct Referral {
  std::string text;
  std::optional<std::uint32_t> target;
};
// Nothing where the text stays as it is. Called for each `reference`, and for other texts that begin with "urn:".
using Refer = std::function<std::optional<Referral>(std::string_view text, bool is_reference)>;

// Of the resource at `node`; its id, meta.versionId and meta.lastUpdated are left out.
Body make_body(const Document& document, const Node& node, const Refer& refer = {});

// What fills the gaps.
struct Filling {
  std::string_view id;
  log::Offset version{};
  Time updated{};
  std::span<const std::string> references;  // one for each gap that asks for one, in order; missing ones stay empty
};
std::string fill(const Body& body, const Filling& filling);

// "2026-03-01T08:00:00.250Z": FHIR's instant, in milliseconds.
std::string instant_of(Time time);

}  // namespace salus::fhir
