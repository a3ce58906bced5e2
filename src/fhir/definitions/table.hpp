// The compiled definitions as they lie in the program: rows of 32-bit numbers, read in place. Made by
// tools/fhir-definitions/compile.mjs, never stored: program and table are always of one build.
//
// The file: Header; the sections, each rows × width u32, in the order of the structures below (names, types, elements,
// refs, members, constraints, lists, searches, components, compartments, memberships, value sets, codes); the text,
// UTF-8, each distinct string once. Row 0 of names is the empty name and row 1 "resourceType"; row 0 of types is no
// type.
#pragma once

#include <cstdint>

namespace salus::fhir::table {

inline constexpr std::uint32_t magic = 0x46535431;
inline constexpr std::uint32_t layout = 2;
inline constexpr std::uint32_t section_count = 13;

struct Text {
  std::uint32_t at, size;
};
// Numbers [first, first + count) of another section.
struct Rows {
  std::uint32_t first, count;
};

struct Section {
  std::uint32_t at, rows, width;  // width in u32
};

struct Header {
  std::uint32_t magic, layout, sections;
  Section section[section_count];
  std::uint32_t text_at, text_size;
};

struct Name {
  Text text;
};
struct Type {
  Text name, url;
  std::uint32_t base, kind, is_abstract;
  Rows elements, members;
  Text regex;
  Rows constraints;  // of lists, each a number of a constraint
};
struct Element {
  std::uint32_t name, flags, min, max;
  Rows refs;
  std::uint32_t owner;
  Text path;
  std::uint32_t binding_strength;
  Text value_set;
  Rows constraints;  // of lists
};
struct Ref {
  std::uint32_t type;
  Rows targets;  // of lists
};
struct Member {
  std::uint32_t name, element, type;
};
struct Constraint {
  Text key, human, expression;
  std::uint32_t is_error;
};
struct List {
  std::uint32_t number;
};
struct Search {
  Text code, url;
  std::uint32_t type;
  Rows bases;  // of lists
  Text expression;
  Rows targets;  // of lists
  Rows components;
};
struct Component {
  Text definition, expression;
};
struct Compartment {
  std::uint32_t type;
  Text url;
  Rows memberships;
};
struct Membership {
  std::uint32_t type;
  Rows params;  // of lists, each a NameId
};

// Those of required bindings, by their url; the codes of one ascend by (code, system), byte by byte.
struct ValueSet {
  Text url;
  Rows codes;
};
struct Code {
  Text system, code;
};

}  // namespace salus::fhir::table
