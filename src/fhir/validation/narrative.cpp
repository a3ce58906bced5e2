#include "fhir/validation/narrative.hpp"

#include <algorithm>
#include <string>

#include "fhir/document/expat.hpp"

namespace salus::fhir::validation {
namespace {

// Sorted.
constexpr std::string_view elements[] = {
    "a",       "abbr",  "acronym", "address", "area",     "b",   "bdo",   "big",   "blockquote", "br",
    "caption", "cite",  "code",    "col",     "colgroup", "dd",  "dfn",   "div",   "dl",         "dt",
    "em",      "font",  "h1",      "h2",      "h3",       "h4",  "h5",    "h6",    "hr",         "i",
    "img",     "kbd",   "li",      "map",     "ol",       "p",   "pre",   "q",     "s",          "samp",
    "small",   "span",  "strike",  "strong",  "sub",      "sup", "table", "tbody", "td",         "tfoot",
    "th",      "thead", "tr",      "tt",      "u",        "ul",  "var"};
constexpr std::string_view attributes[] = {
    "abbr",  "accesskey", "align",  "alt",     "axis",   "bgcolor", "border",  "cellpadding", "cellspacing",
    "char",  "charoff",   "cite",   "class",   "clear",  "color",   "colspan", "compact",     "coords",
    "dir",   "face",      "frame",  "headers", "height", "href",    "hspace",  "id",          "idref",
    "lang",  "longdesc",  "name",   "noshade", "nowrap", "rel",     "rowspan", "rules",       "scope",
    "shape", "size",      "span",   "src",     "start",  "style",   "summary", "tabindex",    "target",
    "title", "type",      "usemap", "valign",  "value",  "vspace",  "width"};
static_assert(std::ranges::is_sorted(elements) && std::ranges::is_sorted(attributes));

// As browsers read it: spaces and control characters do not matter, nor does the case.
bool is_harmless_link(std::string_view link, bool image) {
  std::string start;
  for (const char c : link)
    if (static_cast<unsigned char>(c) > 0x20 && start.size() < 16)
      start += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (start.starts_with("data:")) return image && start.starts_with("data:image/");
  return !start.starts_with("javascript:") && !start.starts_with("vbscript:");
}

class Reader {
 public:
  bool read(std::string_view div) { return xml_.parse(div); }
  bool allowed() const { return allowed_; }
  bool content() const { return content_; }

  void start(std::string_view full, const char** given) {
    const std::string_view element = qualified(full).local;
    allowed_ &= std::ranges::binary_search(elements, element);
    content_ |= element == "img";
    for (; *given != nullptr; given += 2) {
      const QualifiedName name = qualified(given[0]);
      if (name.space == "http://www.w3.org/XML/1998/namespace") continue;
      allowed_ &= name.space.empty() && std::ranges::binary_search(attributes, name.local);
      if (name.local == "href" || name.local == "src" || name.local == "cite" || name.local == "longdesc")
        allowed_ &= is_harmless_link(given[1], element == "img" && name.local == "src");
    }
  }
  void end() {}
  void text(std::string_view text) { content_ |= text.find_first_not_of(" \t\r\n") != std::string_view::npos; }

 private:
  Expat<Reader> xml_{*this};
  bool allowed_ = true, content_ = false;
};

}  // namespace

bool has_allowed_html(std::string_view div) {
  Reader reader;
  return reader.read(div) && reader.allowed();
}

bool has_content(std::string_view div) {
  Reader reader;
  return !reader.read(div) || reader.content();
}

}  // namespace salus::fhir::validation
