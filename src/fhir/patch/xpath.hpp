// The XPath of RFC 5261, 4.1 and 8: a path of child steps from the document, which ends at an element, attribute, text,
// comment, processing instruction or namespace declaration. Predicates are positions, last(), and comparisons of a
// relative path with a literal ([@url='…'], [f:system/@value='…'], [.='…']), joined by `and`; a path alone asks whether
// there is something.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/patch/work.hpp"
#include "fhir/patch/xml_tree.hpp"

namespace salus::fhir::patch {

// Which namespace a prefix means; "" is the one of names without prefix.
using Prefixes = std::vector<std::pair<std::string, std::string>>;

struct XPathPredicate;

struct XPathStep {
  enum class Kind : std::uint8_t { self, element, attribute, text, comment, instruction, declaration };
  Kind kind = Kind::element;
  std::string space, name;  // `name` is empty for any; of an instruction its target, of a declaration its prefix
  std::vector<XPathPredicate> predicates;
};

struct XPathPredicate {
  struct Test {
    std::vector<XPathStep> path;
    std::optional<std::string> literal;
  };
  std::uint32_t position = 0;  // from 1; 0 for none
  bool last = false;
  std::vector<Test> tests = {};  // all hold
};

struct XPath {
  std::vector<XPathStep> steps;
};

// Errors: invalid.
Reading<XPath> parse_xpath(std::string_view text, const Prefixes& prefixes);

// A node as the child numbers that lead to it from the document, and what of the element is meant.
struct XmlPlace {
  enum class Part : std::uint8_t { node, attribute, declaration };
  std::vector<std::uint32_t> path = {};
  Part part = Part::node;
  std::size_t number = 0;  // of the attribute or declaration
};

// At most `most` places, in document order. Nothing when the work ran out.
std::optional<std::vector<XmlPlace>> select(const XmlNode& document, const XPath& path, std::size_t most, Work& work);

}  // namespace salus::fhir::patch
