// What the text of a primitive must look like.
#pragma once

#include <cstdint>
#include <string_view>

#include "fhir/document/document.hpp"

namespace salus::fhir::validation {

enum class Primitive : std::uint8_t {
  none,
  boolean,
  integer,
  unsigned_int,
  positive_int,
  decimal,
  string,
  code,
  id,
  uri,
  oid,
  uuid,
  base64,
  date,
  date_time,
  instant,
  time,
  xhtml,
};

// By the type's name; none for one that is no primitive.
Primitive primitive_of(std::string_view type);

// Null when the value is right; else what is wrong with it, as a sentence without it.
// The patterns are those of the definitions; those of the frequent types are written out by hand, and a test compares.
const char* check_primitive(Primitive primitive, Shape shape, std::string_view text);

// type/subtype of RFC 6838, perhaps with parameters; or xml, json, ttl, which CapabilityStatement.format takes.
bool is_mime_type(std::string_view text);

}  // namespace salus::fhir::validation
