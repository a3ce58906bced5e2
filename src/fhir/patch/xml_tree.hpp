// Any XML as a tree that can be changed: elements, attributes, text, comments and processing instructions, with
// namespaces instead of prefixes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/document/issue.hpp"

namespace salus::fhir::patch {

struct XmlAttribute {
  std::string space, name, value;
};

struct XmlNode {
  enum class Kind : std::uint8_t { document, element, text, comment, instruction };
  Kind kind = Kind::document;
  std::string space, name;  // of an element; `name` also the target of an instruction
  std::string text;         // of a text, comment or instruction
  std::string raw;          // of an XHTML element within other elements: its source, while nothing of it is changed
  std::vector<XmlAttribute> attributes;
  std::vector<std::pair<std::string, std::string>> prefixes;  // declared here: prefix ("" is the default), namespace
  std::vector<XmlNode> children;

  bool is_blank() const;  // a text of nothing but spaces
  const XmlAttribute* attribute(std::string_view name, std::string_view space = {}) const;
  const XmlNode* element(std::string_view name) const;  // first child element of that local name
  // All text within, as XPath's string().
  std::string content() const;
};

// The document node, whose one element is the root. UTF-8, no document type. With `keep_raw`, narratives keep their
// source; only where they stand without declarations of elements around them. Errors: invalid, too_large.
Reading<XmlNode> parse_xml(std::string_view text, std::size_t bytes_max, std::uint32_t depth_max,
                           bool keep_raw = false);

// Default namespaces are declared where they change; declared prefixes are kept. Without an XML declaration.
std::string write_xml_tree(const XmlNode& node);

}  // namespace salus::fhir::patch
