// What an element says under a search parameter: its postings' values. The bytes of each kind, told once here and read
// by match.hpp:
//
//   token       code NUL system NUL                         text: folded NUL original NUL
//               typed (identifiers): value NUL code NUL system NUL
//   string      folded NUL original NUL                     original is empty where it is the same
//   reference   id NUL Type NUL; else url NUL NUL, or url NUL |version NUL; #id NUL NUL for what is contained
//               typed: value NUL system NUL of Reference.identifier
//   uri         url NUL NUL, or url NUL |version NUL
//   date        start end                                   end: end start, when longer than `short_interval`
//   number      low high                                    end: high low, when they differ
//   quantity    low high code NUL system NUL unit NUL       end: high low …; unit is empty where it is the code
//               canonical: dimension low high; canonical_end: dimension high low
//   near        latitude longitude                          of nanodegrees
//   composite   the components one after the other, each its facet `value`; canonical: with quantities in base units
//   timeline    patient id NUL code NUL system NUL start end; undated: without the two
#pragma once

#include <string>
#include <vector>

#include "fhir/document/document.hpp"
#include "fhir/search/encoding.hpp"
#include "fhir/search/parameters.hpp"

namespace salus::fhir::search {

// Longer intervals have a posting by their end of their own; shorter ones are found by their start, this much earlier.
inline constexpr std::int64_t short_interval_us = 86'400'000'000;
inline constexpr std::string_view ucum_system = "http://unitsofmeasure.org";

// Threads: any.
class Values {
 public:
  explicit Values(const Definitions& definitions);

  // Adds the postings of `node` under `parameter`. Elements of which the parameter's type can make nothing add none.
  void add(const Document& document, const Node& node, const Parameter& parameter, std::vector<Posting>& out) const;
  // The same, as a value of type `type` under the facets of `number`.
  void add(const Document& document, const Node& node, SearchType type, ParameterNumber number,
           std::vector<Posting>& out) const;

 private:
  struct At {
    const Document& document;
    const Node& node;
    ParameterNumber number;
    std::vector<Posting>& out;
    At with(const Node& other) const { return {document, other, number, out}; }
    std::string_view text(NameId name) const { return document.text_of(node, name); }
    std::string_view text() const { return document.text(node); }
    void put(Facet facet, std::string value) const { out.push_back({list_of(number, facet), std::move(value)}); }
  };
  template <class Each>
  static void each(const At& at, NameId name, const Each& visit) {
    for (const Node& child : at.document.children(at.node))
      if (child.name == name) visit(at.with(child));
  }

  void token(const At& at) const;
  void token_text(const At& at, std::string_view text) const;
  void identifier(const At& at, Facet facet) const;
  void string(const At& at) const;
  void reference(const At& at) const;
  void uri(const At& at) const;
  void date(const At& at) const;
  void number(const At& at) const;
  void quantity(const At& at) const;
  void position(const At& at) const;

  const Definitions& d_;
  struct Names {
    NameId system, code, value, display, coding, text, type, unit, currency, comparator, reference, identifier, start,
        end, event, repeat, bounds, low, high, origin, factor, data, family, given, prefix, suffix, line, city,
        district, state, postal_code, country, latitude, longitude;
  } name_;
  struct Types {
    TypeId coding, codeable_concept, identifier, contact_point, human_name, address, period, timing, range, money,
        quantity, sampled_data, reference, canonical, uri;
  } type_;
};

// "Patient/1", "http://x/Patient/1/_history/2" or a canonical with its version as a reference's value.
std::string reference_value(const Definitions& definitions, std::string_view text);
// A URL with or without |version.
std::string uri_value(std::string_view text);
std::string string_value(std::string_view text);
std::string token_value(std::string_view code, std::string_view system);
// A decimal of degrees; nothing for more than `most` or less than -`most`, and for what is no decimal.
std::optional<std::int64_t> nanodegrees(std::string_view decimal, int most);
// A unit's dimension and how many of its base units it is; nothing for what is no UCUM unit known here.
struct CanonicalUnit {
  std::string dimension;  // 12 bytes
  path::Decimal numerator, denominator;
};
std::optional<CanonicalUnit> canonical_unit(std::string_view code);
std::optional<path::Decimal> to_canonical(const path::Decimal& value, const CanonicalUnit& unit);

}  // namespace salus::fhir::search
