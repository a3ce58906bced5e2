// _text and _content: words within a resource's narrative, or within anything that it says. There is no index of words:
// the bodies are read of those that the other criteria leave (docs/decisions/2026-11-22-words-without-an-index.md).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "fhir/document/document.hpp"

namespace salus::fhir::search {

enum class Where : std::uint8_t { narrative, anywhere };

// Whether a resource holds any of `values`. All words of a value must be there, in any order, each as the beginning of
// a word; "words between quotes" as they stand. Case and accents do not count. Errors: invalid (no word).
Result<std::function<bool(const Document&)>> words_test(const std::vector<std::string_view>& values, Where where);

// The same for one value and folded texts.
Result<std::function<bool(std::string_view folded)>> words_test(std::string_view value);

// The folded texts that are looked through, a line each.
std::string searched_text(const Document& document, Where where);

}  // namespace salus::fhir::search
