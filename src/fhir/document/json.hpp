// FHIR's JSON: strict in what is read (RFC 8259, no duplicate members, no null but as a placeholder beside a `_name`),
// exact in what is written.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "fhir/document/document.hpp"

namespace salus::fhir {

// Errors: invalid (with a JSON pointer, line and column; or a FHIRPath where the types are known), too_large.
// Members that no definition knows are kept, with TypeId::none: whether they may be there is validation's matter.
Reading<Document> read_json(std::string_view text, const Definitions& definitions = Definitions::r4(),
                            DocumentLimits limits = {});

enum class Layout : std::uint8_t { compact, pretty };
enum class MemberOrder : std::uint8_t {
  kept,     // as they stood
  defined,  // as the definitions list them, unknown ones last: the same content gives the same bytes
};
struct JsonStyle {
  Layout layout = Layout::compact;
  MemberOrder order = MemberOrder::kept;
};

std::string write_json(const Document& document, JsonStyle style = {});
// `node` and what it holds, as the value of a member.
void write_json(const Document& document, const Node& node, JsonStyle style, std::string& out);

// Those members of an object that `wanted` takes, with commas between them and without braces; compact.
void write_json_members(const Document& document, const Node& node, const std::function<bool(const Node&)>& wanted,
                        std::string& out);

// `text` in quotes, escaped where JSON asks for it and nowhere else.
void write_json_string(std::string_view text, std::string& out);

}  // namespace salus::fhir
